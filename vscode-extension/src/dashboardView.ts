/**
 * The side view: hands what the page asks to the language server, and its answers back.
 *
 * The page itself is the one that the gateway serves (`view/`); here it never touches the network. Nothing of it
 * is loaded before it is looked at.
 */
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { dashboardAddress, dashboardPage, parseRequest, type Answer, type Request, type Runnable } from './dashboardRequest';
import type { LanguageServer } from './languageServer';

export const VIEW = 'penchant.dashboardView';
const ERASE = 'penchant signals erase --workspace .';
const SILENT = 'The language server does not answer. Penchant’s status bar item says why.';

export class DashboardView implements vscode.WebviewViewProvider {
  constructor(
    private readonly server: LanguageServer,
    private readonly extension: vscode.Uri,
  ) {}

  resolveWebviewView({ webview }: vscode.WebviewView): void {
    const folder = vscode.Uri.joinPath(this.extension, 'out', 'view');
    webview.options = { enableScripts: true, localResourceRoots: [folder], enableCommandUris: false, enableForms: false };
    const place = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString();
    webview.onDidReceiveMessage(message => {
      const request = parseRequest(message);
      if (request) void this.take(request, webview);
    });
    webview.html = dashboardPage(place('dashboard.js'), place('dashboard.css'), webview.cspSource, randomUUID().replaceAll('-', ''));
  }

  async show(): Promise<void> {
    await vscode.commands.executeCommand(`${VIEW}.focus`);
  }

  async openInBrowser(): Promise<void> {
    const address = dashboardAddress(await this.server.command('dashboard'));
    if (address) await vscode.env.openExternal(vscode.Uri.parse(address));
    else vscode.window.setStatusBarMessage('$(globe) The dashboard is there once a gateway runs on this machine: penchant up', 6000);
  }

  private async take(request: Request, webview: vscode.Webview): Promise<void> {
    if (request.kind === 'run') return this.run(request.command);
    const answer = await this.answer(request);
    await webview.postMessage({ id: request.id, answer });
  }

  private async answer(request: Exclude<Request, { kind: 'run' }>): Promise<Answer> {
    if (request.kind === 'load') {
      const found = (await this.server.command('dashboard')) as { problem?: string } | undefined;
      return found && !found.problem ? { ok: true, value: found } : { ok: false, why: found?.problem ?? SILENT };
    }
    if (request.kind === 'samples') {
      const found = (await this.server.command('samples')) as { samples?: unknown; why?: string } | undefined;
      return found?.samples ? { ok: true, value: found.samples } : { ok: false, why: found?.why ?? SILENT };
    }
    const done = (await this.server.command('adapter', request.action)) as { done?: boolean; why?: string } | undefined;
    return done?.done ? { ok: true, value: done } : { ok: false, why: done?.why ?? SILENT };
  }

  private async run(command: Runnable): Promise<void> {
    const commands: Record<Exclude<Runnable, 'erase'>, string> = {
      consent: 'penchant.chooseConsent',
      pause: 'penchant.togglePause',
      output: 'penchant.showOutput',
      browser: 'penchant.openDashboard',
      walkthrough: 'penchant.mend',
    };
    if (command !== 'erase') return void (await vscode.commands.executeCommand(commands[command]));
    // It is typed, not run: erasing is the developer's own Enter.
    const terminal = vscode.window.createTerminal({ name: 'Penchant' });
    terminal.show();
    terminal.sendText(ERASE, false);
  }
}
