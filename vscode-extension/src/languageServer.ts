/**
 * Owns the language server's process: finds it, starts it, restarts it when it dies, talks to it.
 *
 * What happens is told through `onPhase` and `onStatus`; nothing here ever opens a dialog. A server that
 * dies is looked for afresh and started again with growing pauses (`backoff.ts`).
 */
import * as vscode from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn, State, type Middleware } from 'vscode-languageclient/node';
import { Backoff } from './backoff';
import { commandId, METHODS, parseStatus, type InitializationOptions, type ServerCommand, type ServerSettings, type Status } from './contract';
import { findServer, type Found, type Places } from './environment';
import type { Phase } from './statusText';

const READY_MS = 30_000;

export interface Wiring {
  output: vscode.LogOutputChannel;
  /** Unique per window, so that two servers never fight for one command id. */
  suffix: string;
  /** An empty folder of our own: `python -m` imports from the folder it starts in. */
  cwd: string;
  places: () => Places;
  settings: () => ServerSettings;
  middleware: Middleware;
  onPhase: (phase: Phase) => void;
  onStatus: (status: Status) => void;
}

export class LanguageServer implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly backoff = new Backoff();
  private readonly patience = new Backoff();
  /** Raised by every start and stop, so that an overtaken start notices and gives up. */
  private round = 0;

  constructor(private readonly wiring: Wiring) {}

  /** Starts afresh, whatever was before; a person or a changed setting asked for it. */
  async restart(): Promise<void> {
    this.backoff.reset();
    this.patience.reset();
    await this.start();
  }

  async stop(): Promise<void> {
    this.round += 1;
    clearTimeout(this.timer);
    const client = this.client;
    this.client = undefined;
    if (client) await end(client);
  }

  dispose(): Thenable<void> {
    return this.stop();
  }

  get isRunning(): boolean {
    return this.client?.state === State.Running;
  }

  /** Runs one of the server's commands; undefined when there is no answer, with the reason in the output. */
  async command(name: ServerCommand, ...args: unknown[]): Promise<unknown> {
    if (!this.client || !this.isRunning) return undefined;
    try {
      return await this.client.sendRequest('workspace/executeCommand', { command: commandId(name, this.wiring.suffix), arguments: args });
    } catch (error) {
      this.wiring.output.warn(`The language server did not carry out ${name}: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Sends a notification if the server runs. Never waits, never fails: no keystroke may depend on it. */
  notify(method: string, params: object): void {
    if (!this.client || !this.isRunning) return;
    this.client.sendNotification(method, params).catch(error => this.wiring.output.debug(`${method} was not sent: ${messageOf(error)}`));
  }

  async refreshStatus(): Promise<void> {
    this.take(await this.command('status'));
  }

  /** Takes a status in, wherever it came from. */
  take(value: unknown): void {
    const status = parseStatus(value);
    if (status) this.wiring.onStatus(status);
  }

  private async start(): Promise<void> {
    await this.stop();
    const round = this.round;
    this.wiring.onPhase({ kind: 'starting' });
    await this.look(round, undefined);
  }

  /** Looks for the server until it is there: it may be installed, or the settings be read, a moment later. */
  private async look(round: number, known: string | undefined): Promise<void> {
    const { found, failures } = await findServer(this.wiring.places(), this.wiring.cwd);
    if (round !== this.round) return;
    if (found) {
      this.wiring.onPhase({ kind: 'starting' });
      await this.connect(found, failures, round);
      return;
    }
    const told = failures.join('\n');
    if (told !== known) this.reportMissing(failures);
    this.timer = setTimeout(() => void this.look(round, told), this.patience.failed(Date.now()));
  }

  private reportMissing(failures: string[]): void {
    const { output, onPhase } = this.wiring;
    output.warn("Penchant's language server was not found. Looked here:");
    for (const failure of failures) output.warn(`  - ${failure}`);
    output.warn('Install it with "pip install penchant", or set "penchant.command" to the absolute path of the penchant program.');
    onPhase({ kind: 'missing' });
  }

  private async connect({ program, version }: Found, failures: string[], round: number): Promise<void> {
    const { output, suffix, cwd } = this.wiring;
    for (const failure of failures) output.info(`Passed over: ${failure}`);
    output.info(`Starting ${program.command} (${program.origin}), version ${version}`);
    const args = [...program.args, '--command-suffix', suffix];
    const client = new LanguageClient('penchant', 'Penchant', { command: program.command, args, options: { cwd } }, this.clientOptions(round));
    silence(client);
    client.onNotification(METHODS.status, value => this.take(value));
    this.client = client;
    const late = setTimeout(() => this.again(round, 'The language server did not get ready.'), READY_MS);
    try {
      await client.start();
    } catch (error) {
      this.again(round, `The language server did not start: ${messageOf(error)}`);
      return;
    } finally {
      clearTimeout(late);
    }
    if (round !== this.round) return end(client);
    this.backoff.started(Date.now());
    this.wiring.onPhase({ kind: 'running', serverVersion: version });
    await this.refreshStatus();
  }

  private clientOptions(round: number): ConstructorParameters<typeof LanguageClient>[3] {
    const { output, middleware } = this.wiring;
    return {
      documentSelector: [{ scheme: 'file' }, { scheme: 'untitled' }],
      outputChannel: output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: (): InitializationOptions => ({
        client: 'vscode',
        workspaceTrusted: vscode.workspace.isTrusted,
        settings: this.wiring.settings(),
      }),
      initializationFailedHandler: () => false, // without it the client opens an error message
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          this.again(round, 'The language server ended.');
          return { action: CloseAction.DoNotRestart, message: 'The connection to the language server is closed.', handled: true };
        },
      },
      middleware,
    };
  }

  private again(round: number, why: string): void {
    // A failing start is reported twice, by start() and by closed(): the first one moves the round on.
    if (round !== this.round) return;
    this.round += 1;
    const delayMs = this.backoff.failed(Date.now());
    this.wiring.output.warn(`${why} It is started again in ${delayMs / 1000} s.`);
    this.wiring.onPhase({ kind: 'waiting', delayMs });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.start(), delayMs);
  }
}

/** Stops a server the polite way, or, where it is dead or not ready yet, the other one. */
async function end(client: LanguageClient): Promise<void> {
  const { serverProcess } = client;
  await client.dispose().catch(() => serverProcess?.kill());
}

/** The client shows a message box for some failures whatever its options say; ours go to the output only. */
function silence(client: LanguageClient): void {
  Object.defineProperty(client, 'showNotificationMessage', { value: () => undefined });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
