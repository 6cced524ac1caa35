// The `penchant` program under test, with a home, a port and a developer of its own.
//
// Runs `penchant up` beside the test and single commands to their end; reads what they print as JSON.
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { closeOnExit, Family, freePort, until } from './harness/processes.mjs';
import { temporaryFolder } from './stage.mjs';

const run = promisify(execFile);
const START_MS = 120_000;

export class Penchant {
  #home = temporaryFolder();
  #family = new Family();
  #log = '';

  /** `workspace` is where single commands are run, as in a terminal of the editor. */
  static async create(command, developer, workspace) {
    const penchant = new Penchant();
    const port = await freePort();
    Object.assign(penchant, { command, workspace, address: `http://127.0.0.1:${port}` });
    penchant.env = {
      PENCHANT_HOME: penchant.#home.folder,
      PENCHANT_DEVELOPER__NAME: developer,
      PENCHANT_GATEWAY__PORT: String(port),
      PENCHANT_TRACKER__QUIET_S: '2',
    };
    return penchant;
  }

  get #options() { return { cwd: this.workspace, env: { ...process.env, ...this.env } }; }

  /** Starts `penchant up`, without its trainer since the test says when to train, and waits until completions are answered. */
  async up() {
    const child = spawn(this.command, ['up', '--no-train'], { ...this.#options, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => { this.#log += text; });
    let ended;
    child.on('error', error => { ended = error.message; });
    child.on('exit', (code, signal) => { ended = `penchant up ended (${signal ?? code})`; });
    this.pid = child.pid;
    this.forget = closeOnExit(() => this.down(), () => this.#killNow());
    await until(async () => {
      if (ended) throw new Error(`${ended}:\n${this.#log.slice(-2000)}`);
      return (await fetch(`${this.address}/readyz`).catch(() => null))?.ok;
    }, () => `the gateway to answer:\n${this.#log.slice(-2000)}`, START_MS, 300);
  }

  /** What `/v1/models` lists. */
  async models() {
    return (await (await fetch(`${this.address}/v1/models`)).json()).data;
  }

  /** Runs a command to its end and returns what it printed; an error has the end of its output. */
  async run(args, timeoutMs = 60_000) {
    try {
      return (await run(this.command, args, { ...this.#options, timeout: timeoutMs, maxBuffer: 2 ** 26 })).stdout;
    } catch (error) {
      throw new Error(`penchant ${args.join(' ')} failed (${error.killed ? 'too slow' : error.code}):\n${`${error.stdout}${error.stderr}`.slice(-3000)}`);
    }
  }

  /** How many signals are in the log. */
  async signals() {
    const stats = JSON.parse(await this.run(['signals', 'stats', '--json']));
    if (typeof stats.signals !== 'number') throw new Error(`penchant signals stats --json has no number "signals": ${JSON.stringify(stats)}`);
    return stats.signals;
  }

  /** {adapter, version} of the newest signal, or undefined. */
  async newestServedBy() {
    const [newest] = JSON.parse(await this.run(['signals', 'show', '--last', '1', '--json']));
    return newest && { adapter: newest.completion.adapter, version: newest.completion.version };
  }

  keepLog(file) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, this.#log);
  }

  async down() {
    this.#family.note(this.pid);
    try { await this.#family.end(10_000); } finally { this.#home.remove(); this.forget?.(); }
  }

  #killNow() {
    this.#family.note(this.pid);
    this.#family.kill();
    this.#home.remove();
  }
}
