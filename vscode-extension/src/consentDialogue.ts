/**
 * Asks for consent, once per workspace and never at start-up, and lets it be changed later.
 *
 * The question is a message in the corner, not a dialog. When and in which words: `consent.ts`.
 * The answer goes to the language server, which keeps it; nothing is kept here.
 */
import * as vscode from 'vscode';
import { levelChoices, mayAsk, NO, QUESTION, samplePage, SHOW, YES } from './consent';
import type { ConsentAnswer, ConsentLevel, Status } from './contract';
import type { LanguageServer } from './languageServer';

const SAMPLE = vscode.Uri.parse('penchant-sample:/What Penchant would store.md');

export class ConsentDialogue implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private page = '';
  private askedSinceStart = false;
  private offered = false;
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SAMPLE.scheme, this);

  constructor(
    private readonly server: LanguageServer,
    private readonly status: () => Status | undefined,
  ) {}

  /** Ghost text was offered; it may now be time to ask. */
  noteOffered(): void {
    this.offered = true;
    this.askIfDue();
  }

  askIfDue(): void {
    const moment = { trusted: vscode.workspace.isTrusted, status: this.status(), offered: this.offered, askedSinceStart: this.askedSinceStart };
    if (!mayAsk(moment)) return;
    this.askedSinceStart = true;
    void this.ask();
  }

  /** Lets a level be picked, whatever was answered before. */
  async choose(): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      vscode.window.setStatusBarMessage('$(shield) Penchant records nothing in a folder that is not trusted.', 6000);
      return;
    }
    const current = await this.consent({ action: 'get' });
    if (!current) return;
    const sample = { label: '$(eye) Show what would be stored', level: undefined };
    const choices = [...levelChoices(current.level), { label: '', kind: vscode.QuickPickItemKind.Separator, level: undefined }, sample];
    const picked = await vscode.window.showQuickPick(choices, {
      title: 'Penchant: what is recorded in this workspace',
      placeHolder: 'What may Penchant record of its suggestions, and of what became of them?',
    });
    if (picked === sample) await this.showSample();
    else if (picked?.level) await this.setLevel(picked.level);
  }

  provideTextDocumentContent(): string {
    return this.page;
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }

  private async ask(): Promise<void> {
    const answer = await vscode.window.showInformationMessage(QUESTION, SHOW, YES, NO);
    if (answer === SHOW) {
      await this.showSample();
      await this.ask(); // the message closes when a button is pressed; the question still stands
    } else if (answer === YES) await this.setLevel('local');
    else if (answer === NO) await this.setLevel('off');
  }

  private async setLevel(level: ConsentLevel): Promise<void> {
    await this.consent({ action: 'set', level });
    await this.server.refreshStatus();
  }

  private async showSample(): Promise<void> {
    const answer = await this.consent({ action: 'sample' });
    if (!answer) return;
    this.page = samplePage(answer);
    this.changed.fire(SAMPLE);
    await vscode.window.showTextDocument(SAMPLE, { preview: true });
  }

  private async consent(request: { action: 'get' | 'sample' } | { action: 'set'; level: ConsentLevel }): Promise<ConsentAnswer | undefined> {
    return (await this.server.command('consent', request)) as ConsentAnswer | undefined;
  }
}
