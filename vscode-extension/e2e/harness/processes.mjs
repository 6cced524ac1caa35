// Waiting for conditions, and ending processes without leaving any behind.
//
// A process is named by its id together with its start time: an id that is used again is not mistaken.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';

const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

/**
 * Calls `look` until it returns something truthy, and returns that.
 * After `timeoutMs` throws an error with `what`, a text or a function that makes one.
 */
export async function until(look, what, timeoutMs = 30_000, pauseMs = 80) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${typeof what === 'function' ? await what() : what}`);
    await pause(pauseMs);
  }
}

/** Settles as the promise does, or with `otherwise` after `ms`. */
export function within(promise, ms, otherwise) {
  let timer;
  const late = new Promise(resolve => { timer = setTimeout(resolve, ms, otherwise); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The first of `names` that is an executable on the PATH, or undefined. */
export function which(...names) {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(path.isAbsolute);
  return names.flatMap(name => folders.map(folder => path.join(folder, name))).find(file => {
    try { fs.accessSync(file, fs.constants.X_OK); return true; } catch { return false; }
  });
}

/** A loopback port that nothing listens on at the moment. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => resolve(port)); });
  });
}

/** {parent, start} of a living process, else null. */
function look(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? null : { parent: Number(parent), start: rest[17] };
  } catch { return null; } // gone in the meantime
}

function commandLine(pid) {
  try { return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'); } catch { return []; }
}

function send(pid, signal) {
  try { process.kill(pid, signal); } catch { /* it has ended by itself */ }
}

/** The direct child of this program that was started with `argument`, or undefined. */
export function childWithArgument(argument) {
  return fs.readdirSync('/proc').map(Number).find(pid => pid && look(pid)?.parent === process.pid && commandLine(pid).includes(argument));
}

/** Every process seen under some roots. They are noted while their parents live, so that none is lost. */
export class Family {
  #members = new Map(); // id -> start time

  /** Notes `roots` and all that descends from them now; a root that is undefined has not been started yet. */
  note(...roots) {
    const all = new Map(fs.readdirSync('/proc').map(Number).filter(Boolean).map(pid => [pid, look(pid)]));
    const open = new Set(roots.filter(Boolean)); // grows while it is walked
    for (const pid of open) {
      const seen = all.get(pid);
      if (!seen) continue;
      this.#members.set(pid, seen.start);
      for (const [child, info] of all) if (info?.parent === pid) open.add(child);
    }
  }

  living() {
    return [...this.#members].filter(([pid, start]) => look(pid)?.start === start).map(([pid]) => pid);
  }

  /** Asks all to end, then makes them; throws when one survives. */
  async end(graceMs = 4000) {
    for (const [signal, ms] of [['SIGTERM', graceMs], ['SIGKILL', 2000]]) {
      const told = new Set();
      for (const stop = Date.now() + ms; this.living().length && Date.now() < stop; await pause(50)) {
        this.note(...this.living()); // an extension host starts its helpers anew while it ends
        for (const pid of this.living().filter(each => !told.has(each))) {
          send(pid, signal);
          told.add(pid);
        }
      }
    }
    if (this.living().length) throw new Error(`could not end ${this.living().join(', ')}`);
  }

  /** The same at once and without waiting, for use while this program is ending. */
  kill() {
    for (const pid of this.living()) send(pid, 'SIGKILL');
  }
}

const closers = new Map();

/** Has `close` awaited when this program is told to end, and `killNow` called when it ends without that. */
export function closeOnExit(close, killNow) {
  if (closers.size === 0) hook();
  closers.set(close, killNow);
  return () => closers.delete(close);
}

let hooked = false;
function hook() {
  if (hooked) return;
  hooked = true;
  for (const [name, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
    process.on(name, async () => {
      await Promise.allSettled([...closers.keys()].map(close => close()));
      process.exit(code);
    });
  }
  process.on('exit', () => { for (const killNow of closers.values()) killNow(); });
}
