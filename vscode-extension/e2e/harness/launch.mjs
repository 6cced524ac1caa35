// Starts VS Code (code-server) on a folder, with settings and extensions of its own, and Chromium on it.
//
//   const vs = await launch({ workspace, vsix, settings });
//   try { await vs.openFile('main.py'); ... } finally { await vs.close(); }
//
// Nothing is left running or lying about after close(), a failed launch, or an end of the program.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { Editor } from './editor.mjs';
import { childWithArgument, closeOnExit, Family, freePort, until, which, within } from './processes.mjs';
import { keybindings, settings as defaultSettings } from './quiet.mjs';

const CODE_SERVER = 'code-server-4.100.3';
const PLAYWRIGHT = 'playwright-core-1.65.1';

const QUIET_CHROMIUM = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--no-default-browser-check',
  '--disable-background-networking', '--disable-component-update', '--disable-default-apps', '--disable-sync', '--disable-domain-reliability',
  '--disable-client-side-phishing-detection', '--disable-breakpad', '--metrics-recording-only', '--no-pings',
  '--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication,CertificateTransparencyComponentUpdater',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost'];

function installedPart(name) {
  const cache = process.env.VSCODE_HARNESS_CACHE ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'vscode-harness');
  const folder = path.resolve(cache, name);
  if (!fs.existsSync(path.join(folder, '.installed'))) throw new Error(`${folder} is missing; run e2e/harness/install.sh`);
  return folder;
}

function codeServer() {
  const folder = installedPart(CODE_SERVER);
  const abi = fs.readFileSync(path.join(folder, '.abi'), 'utf8').trim();
  if (abi !== process.versions.modules) throw new Error(`VS Code was built for node ABI ${abi}, this is ${process.versions.modules}; run with node 20`);
  return path.join(folder, 'out/node/entry.js');
}

/** Starts Chromium without a window, and without a word to anybody. */
export function openBrowser(args = [], options = {}) {
  const { chromium } = createRequire(import.meta.url)(installedPart(PLAYWRIGHT));
  const executablePath = process.env.VSCODE_HARNESS_CHROMIUM ?? which('chromium', 'chromium-browser', 'google-chrome');
  if (!executablePath) throw new Error('Chromium is missing; run e2e/harness/install.sh');
  const timeout = 60_000 * Number(process.env.VSCODE_HARNESS_SLOW ?? 1);
  return chromium.launch({ executablePath, headless: true, timeout, ...options, args: [...QUIET_CHROMIUM, ...args] });
}

/** The temporary folder of one launch: user data, extensions, scratch. */
class Home {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'vscode-harness-'));
  userData = path.join(this.root, 'user');
  extensions = path.join(this.root, 'extensions');
  scratch = path.join(this.root, 't');
  config = path.join(this.root, 'config.yaml');

  constructor(settings, trust) {
    for (const name of ['User', 'Machine']) fs.mkdirSync(path.join(this.userData, name), { recursive: true });
    fs.mkdirSync(this.extensions);
    fs.mkdirSync(this.scratch, { mode: 0o700 });
    const all = { ...defaultSettings, 'security.workspace.trust.enabled': trust, ...settings };
    fs.writeFileSync(path.join(this.userData, 'User', 'settings.json'), JSON.stringify(all, null, 2));
    // In a remote window, which this is, VS Code takes settings of machine scope from here alone. Those of the user
    // count until the extension that declares them is known, so without this file some starts would not see them.
    fs.writeFileSync(path.join(this.userData, 'Machine', 'settings.json'), JSON.stringify(settings, null, 2));
    fs.writeFileSync(path.join(this.userData, 'User', 'keybindings.json'), JSON.stringify(keybindings, null, 2));
    fs.writeFileSync(this.config, 'auth: none\n');
  }

  remove() { fs.rmSync(this.root, { recursive: true, force: true, maxRetries: 5 }); }
}

/** The environment of the server and of the extension host: ours, without what would steer VS Code. */
function cleanEnvironment(scratch, extra) {
  const steering = /^VSCODE_(?!HARNESS)|^ELECTRON_|^NODE_OPTIONS$|^PASSWORD$/;
  const kept = Object.entries(process.env).filter(([name]) => !steering.test(name));
  return { ...Object.fromEntries(kept), EXTENSIONS_GALLERY: '{}', TMPDIR: scratch, XDG_RUNTIME_DIR: scratch, ...extra };
}

class Launch {
  log = '';
  console = [];
  family = new Family();
  timings = {};
  #started = Date.now();

  constructor(options) {
    this.options = options;
    this.slow = Number(process.env.VSCODE_HARNESS_SLOW ?? 1);
    this.home = new Home(options.settings, options.trust);
    this.forget = closeOnExit(() => this.close(), () => this.killNow());
  }

  mark(name) { this.timings[name] = Date.now() - this.#started; }

  /** Runs code-server with the folders of this launch; `done` resolves to its exit code or signal. */
  start(...args) {
    const { home } = this;
    // setpriv has it told to end even when this program is killed outright
    const guard = which('setpriv') ? [which('setpriv'), '--pdeathsig', 'TERM', '--'] : [];
    const [command, ...rest] = [...guard, process.execPath, codeServer(), '--config', home.config, '--user-data-dir', home.userData,
      '--extensions-dir', home.extensions, ...args];
    const child = spawn(command, rest, { env: cleanEnvironment(home.scratch, this.options.env), cwd: home.root, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => { this.log += text; });
    child.done = new Promise(resolve => { child.on('exit', (code, signal) => resolve(signal ?? code)); child.on('error', resolve); });
    return child;
  }

  async installExtensions() {
    for (const file of [this.options.vsix].flat()) {
      const rc = await within(this.start('--force', '--install-extension', path.resolve(file)).done, 120_000 * this.slow, 'timeout');
      if (rc !== 0) throw new Error(`installing ${file} failed (${rc}):\n${this.log.slice(-2000)}`);
    }
    this.mark('installed');
  }

  async startServer() {
    this.port = await freePort();
    const trust = this.options.trust ? [] : ['--disable-workspace-trust'];
    this.server = this.start('--auth', 'none', '--bind-addr', `127.0.0.1:${this.port}`, '--disable-telemetry', '--disable-update-check',
      ...trust, '--disable-getting-started-override', '--disable-proxy', this.options.workspace);
    let ended;
    this.server.done.then(rc => { ended = `code-server ended (${rc})`; });
    this.ticker = setInterval(() => { this.family.note(this.server.pid, this.browserPid); }, 2000);
    this.ticker.unref();
    await until(() => {
      if (ended) throw new Error(`${ended}:\n${this.log.slice(-2000)}`);
      return this.log.includes('HTTP server listening');
    }, () => `code-server to listen:\n${this.log.slice(-2000)}`, 60_000 * this.slow);
    this.mark('listening');
  }

  async openBrowser() {
    const tag = `--${path.basename(this.home.root)}`; // an argument Chromium ignores, to tell it from others
    this.browser = await openBrowser([tag], { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false });
    this.browserPid = childWithArgument(tag);
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
    this.page = await context.newPage();
    this.page.setDefaultTimeout(30_000 * this.slow);
    this.page.on('dialog', dialog => dialog.accept().catch(() => {}));
    this.page.on('console', message => this.console.push(`${message.type()}: ${message.text()}`));
    const query = new URLSearchParams({ folder: this.options.workspace });
    await this.page.goto(`http://127.0.0.1:${this.port}/?${query}`, { timeout: 60_000 * this.slow });
    await this.page.waitForSelector('.monaco-workbench .statusbar', { timeout: 90_000 * this.slow });
    this.mark('workbench');
  }

  async editor() {
    const editor = new Editor({ page: this.page, workspace: this.options.workspace, userData: this.home.userData, slow: this.slow,
      timings: this.timings, serverLog: () => this.log, consoleLog: () => this.console, close: () => this.close() });
    await until(() => editor.extensionHostLog().includes('Eager extensions activated'),
      () => `the extension host to start:\n${this.log.slice(-2000)}`, 90_000 * this.slow);
    this.mark('ready');
    return editor;
  }

  close() {
    return this.closing ??= (async () => {
      clearInterval(this.ticker);
      this.family.note(this.server?.pid, this.browserPid);
      if (this.browser) await within(this.browser.close().catch(() => {}), 10_000);
      this.family.note(this.server?.pid);
      try { await this.family.end(); } finally { this.home.remove(); this.forget(); }
    })();
  }

  killNow() {
    this.family.note(this.server?.pid, this.browserPid);
    this.family.kill();
    this.home.remove();
  }
}

/**
 * Returns an `Editor` (see editor.mjs) with `close()`.
 *   workspace  folder to open; it is edited in place
 *   vsix       file or files to install
 *   settings   user settings, over those of quiet.mjs
 *   env        extra environment of the server and the extension host
 *   trust      true: workspace trust is at work and a new folder is not trusted
 * VSCODE_HARNESS_SLOW=2 in the environment doubles every timeout.
 */
export async function launch({ workspace, vsix = [], settings = {}, env = {}, trust = false }) {
  const launch = new Launch({ workspace: fs.realpathSync(workspace), vsix, settings, env, trust });
  try {
    await launch.installExtensions();
    await launch.startServer();
    await launch.openBrowser();
    return await launch.editor();
  } catch (error) {
    await launch.close().catch(failure => { error.message += `; ${failure.message}`; });
    throw error;
  }
}
