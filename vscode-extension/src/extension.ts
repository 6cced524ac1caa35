/**
 * Penchant in VS Code: wires the parts together. Everything clever lives in the language server.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import * as vscode from 'vscode';
import { ComparisonView } from './comparisonView';
import { ConsentDialogue } from './consentDialogue';
import { DashboardView, VIEW } from './dashboardView';
import type { Places } from './environment';
import { GhostText } from './ghostText';
import { selectedInterpreter } from './interpreter';
import { registerKeys } from './keys';
import { LanguageServer } from './languageServer';
import { showMenu, togglePause } from './menu';
import { Presence } from './presence';
import { preferCandidate, rate, rateWithReason } from './rating';
import { readPath, readServerSettings, SECTION } from './settingsReader';
import { StatusBar } from './statusBar';
import type { Situation } from './statusText';

/** A missing server is looked for again when the window gets the focus, but not more often than this. */
const LOOK_AGAIN_MS = 30_000;

let server: LanguageServer | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel('Penchant', { log: true });
  const statusBar = new StatusBar();
  const situation: Situation = {
    phase: { kind: 'starting' },
    status: undefined,
    enabled: readServerSettings().enabled,
    trusted: vscode.workspace.isTrusted,
  };
  const change = (news: Partial<Situation>): void => statusBar.show(Object.assign(situation, news));
  const ghostText = new GhostText({ notify: (method, params) => server?.notify(method, params), onOffered: () => consent.noteOffered() });
  const running = (server = new LanguageServer({
    output,
    suffix: `.${randomUUID().slice(0, 8)}`,
    cwd: ownFolder(context),
    places: () => places(output),
    settings: readServerSettings,
    middleware: ghostText.middleware,
    onPhase: phase => {
      change(phase.kind === 'running' ? { phase } : { phase, status: undefined });
      if (phase.kind === 'running') presence.serverStarted();
    },
    onStatus: status => {
      change({ status });
      consent.askIfDue();
    },
  }));
  const consent = new ConsentDialogue(running, () => situation.status);
  const presence = new Presence((method, params) => running.notify(method, params));
  const comparison = new ComparisonView(running);
  const dashboard = new DashboardView(running, context.extensionUri);
  context.subscriptions.push(
    output,
    statusBar,
    running,
    consent,
    presence,
    comparison,
    vscode.window.registerWebviewViewProvider(VIEW, dashboard),
    ...registered({ 'penchant.showDashboard': () => dashboard.show(), 'penchant.openDashboard': () => dashboard.openInBrowser() }),
    ...registerKeys(ghostText, (method, params) => running.notify(method, params)),
    ...registerCommands(running, consent, output, situation),
    ...registerRatings(running, ghostText, comparison, situation),
    ...watch(running, situation, change),
  );
  change({});
  void running.restart();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

/** A folder that only this extension writes to; see `Wiring.cwd`. */
function ownFolder(context: vscode.ExtensionContext): string {
  const folder = vscode.Uri.joinPath(context.globalStorageUri, 'empty').fsPath;
  mkdirSync(folder, { recursive: true });
  return folder;
}

function places(output: vscode.LogOutputChannel): Places {
  return {
    command: readPath('command'),
    pythonPath: readPath('pythonPath'),
    searchPath: process.env['PATH'] ?? '',
    interpreter: () => selectedInterpreter(output),
  };
}

function registerCommands(running: LanguageServer, consent: ConsentDialogue, output: vscode.LogOutputChannel, situation: Situation): vscode.Disposable[] {
  const commands: Record<string, () => unknown> = {
    'penchant.menu': () => showMenu(situation),
    'penchant.togglePause': () => togglePause(running, situation.status),
    'penchant.chooseConsent': () => consent.choose(),
    'penchant.showOutput': () => output.show(true),
    'penchant.restart': () => running.restart(),
    'penchant.mend': () => vscode.commands.executeCommand('workbench.action.openWalkthrough', 'penchant.penchant#start', false),
  };
  return registered(commands);
}

function registerRatings(running: LanguageServer, ghostText: GhostText, comparison: ComparisonView, situation: Situation): vscode.Disposable[] {
  const last = () => ghostText.last ?? situation.status?.lastCompletion;
  return registered({
    'penchant.rateUp': () => rate(running, last(), 'up'),
    'penchant.rateDown': () => rate(running, last(), 'down'),
    'penchant.rateUpWithReason': () => rateWithReason(running, last(), 'up'),
    'penchant.rateDownWithReason': () => rateWithReason(running, last(), 'down'),
    'penchant.preferCandidate': () => preferCandidate(running, ghostText),
    'penchant.compare': () => comparison.open(),
    'penchant.stopAsking': () => comparison.stopAsking(),
  });
}

function registered(commands: Record<string, () => unknown>): vscode.Disposable[] {
  return Object.entries(commands).map(([id, run]) => vscode.commands.registerCommand(id, run));
}

function watch(running: LanguageServer, situation: Situation, change: (news: Partial<Situation>) => void): vscode.Disposable[] {
  let lookedAt = Date.now();
  return [
    vscode.workspace.onDidChangeConfiguration(event => {
      if (!event.affectsConfiguration(SECTION)) return;
      if (event.affectsConfiguration('penchant.command') || event.affectsConfiguration('penchant.pythonPath')) void running.restart();
      const settings = readServerSettings();
      running.notify('workspace/didChangeConfiguration', { settings: { penchant: settings } });
      change({ enabled: settings.enabled });
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      change({ trusted: true });
      void running.restart(); // the server is told at its start, and the interpreter may be asked now
    }),
    vscode.window.onDidChangeWindowState(({ focused }) => {
      if (!focused || situation.phase.kind !== 'missing' || Date.now() - lookedAt < LOOK_AGAIN_MS) return;
      lookedAt = Date.now();
      void running.restart();
    }),
  ];
}
