/**
 * The status bar item, and the context keys that follow the same situation. Words come from `statusText.ts`.
 */
import * as vscode from 'vscode';
import { badge, type Situation } from './statusText';

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('penchant.status', vscode.StatusBarAlignment.Right, 100);
  private readonly keys = new Map<string, boolean>();

  constructor() {
    this.item.name = 'Penchant';
    this.item.command = 'penchant.menu';
    this.item.show();
  }

  show(situation: Situation): void {
    const { text, tooltip, accessibleName, warning } = badge(situation);
    this.item.text = text;
    this.item.accessibilityInformation = { label: accessibleName, role: 'button' };
    this.item.backgroundColor = warning ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    const markdown = new vscode.MarkdownString(tooltip);
    markdown.isTrusted = { enabledCommands: ['penchant.mend', 'penchant.showOutput'] };
    this.item.tooltip = markdown;
    this.setKeys(situation);
  }

  dispose(): void {
    this.item.dispose();
  }

  private setKeys({ phase, status }: Situation): void {
    const running = phase.kind === 'running';
    this.setKey('penchant.serverRunning', running);
    this.setKey('penchant.gatewayOk', running && status?.gateway === 'ok');
    this.setKey('penchant.consentGiven', running && status !== undefined && status.consent !== 'off');
    this.setKey('penchant.adapterLive', running && status?.adapter != null);
  }

  private setKey(name: string, value: boolean): void {
    if (this.keys.get(name) === value) return;
    this.keys.set(name, value);
    void vscode.commands.executeCommand('setContext', name, value);
  }
}
