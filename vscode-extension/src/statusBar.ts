/**
 * The status bar items, and the context keys that follow the same situation. Words come from `statusText.ts`.
 *
 * The second item is a hint that a comparison waits; it is all that a question ever shows by itself.
 */
import * as vscode from 'vscode';
import { badge, questionHint, type Situation } from './statusText';

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('penchant.status', vscode.StatusBarAlignment.Right, 100);
  private readonly hint = vscode.window.createStatusBarItem('penchant.question', vscode.StatusBarAlignment.Right, 99);
  private readonly keys = new Map<string, boolean>();

  constructor() {
    this.item.name = 'Penchant';
    this.item.command = 'penchant.menu';
    this.item.show();
    this.hint.name = 'Penchant: question';
    this.hint.command = 'penchant.compare';
    this.hint.text = questionHint.text;
    this.hint.accessibilityInformation = { label: questionHint.accessibleName, role: 'button' };
    const tooltip = new vscode.MarkdownString(questionHint.tooltip);
    tooltip.isTrusted = { enabledCommands: ['penchant.stopAsking'] };
    this.hint.tooltip = tooltip;
  }

  show(situation: Situation): void {
    const { text, tooltip, accessibleName, warning } = badge(situation);
    this.item.text = text;
    this.item.accessibilityInformation = { label: accessibleName, role: 'button' };
    this.item.backgroundColor = warning ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    const markdown = new vscode.MarkdownString(tooltip);
    markdown.isTrusted = { enabledCommands: ['penchant.mend', 'penchant.showOutput'] };
    this.item.tooltip = markdown;
    if (situation.phase.kind === 'running' && situation.status?.question) this.hint.show();
    else this.hint.hide();
    this.setKeys(situation);
  }

  dispose(): void {
    this.item.dispose();
    this.hint.dispose();
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
