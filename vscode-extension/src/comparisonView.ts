/**
 * Opens the comparison of two candidates, takes the answer, and switches questions off.
 *
 * Only ever opened by a person. What is asked about and when is the language server's business.
 */
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { messagePage, parseReply, questionPage, type Reply } from './comparison';
import { parseQuestion, type Question, type RateAnswer } from './contract';
import type { LanguageServer } from './languageServer';
import { say } from './rating';

const NOTHING = 'There is nothing to compare yet. Candidates come when you cycle through suggestions (Alt+]) where they are recorded.';
const OFF = 'No more questions, in any window. The setting feedback.ask brings them back.';

export class ComparisonView implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private question: Question | undefined;

  constructor(private readonly server: LanguageServer) {}

  /** Shows the question that waits, or one that is found now. */
  async open(): Promise<void> {
    this.question = parseQuestion(await this.server.command('question', { action: 'get' }));
    if (!this.question && !this.panel) return say(NOTHING);
    this.show(nonce => (this.question ? questionPage(this.question, nonce) : messagePage(NOTHING, nonce, false)));
  }

  /** No question from now on, in any window. */
  async stopAsking(): Promise<void> {
    await this.server.command('question', { action: 'never' });
    this.panel?.dispose();
    say(OFF);
  }

  dispose(): void {
    this.panel?.dispose();
  }

  private show(page: (nonce: string) => string): void {
    this.panel ??= this.created();
    this.panel.webview.html = page(randomUUID().replaceAll('-', ''));
    this.panel.reveal(undefined, false);
  }

  private created(): vscode.WebviewPanel {
    const options = { enableScripts: true, localResourceRoots: [], enableCommandUris: false, enableForms: false };
    const panel = vscode.window.createWebviewPanel('penchant.comparison', 'Which is better?', vscode.ViewColumn.Active, options);
    panel.onDidDispose(() => (this.panel = undefined));
    panel.webview.onDidReceiveMessage(message => {
      const reply = parseReply(message);
      if (reply) void this.take(reply);
    });
    return panel;
  }

  private async take(reply: Reply): Promise<void> {
    if (reply.kind === 'close') this.panel?.dispose();
    else if (reply.kind === 'never') await this.stopAsking();
    else if (reply.kind === 'another') await this.open();
    else if (reply.kind === 'prefer') await this.answer(reply.choice);
    else await this.skip();
  }

  private async answer(choice: 0 | 1): Promise<void> {
    const question = this.question;
    if (!question) return;
    this.question = undefined; // a second press answers nothing twice
    const [chosen, other] = choice === 0 ? question.candidates : [question.candidates[1], question.candidates[0]];
    const told = { completionId: question.completionId, index: chosen.index, over: [other.index] };
    const answer = (await this.server.command('prefer', told)) as RateAnswer | undefined;
    const message = answer?.stored ? 'Thank you. Your answer is stored.' : `Your answer was not stored${answer?.why ? `: ${answer.why}` : ''}.`;
    this.show(nonce => messagePage(message, nonce, true));
  }

  private async skip(): Promise<void> {
    this.question = undefined;
    await this.server.command('question', { action: 'skip' });
    this.panel?.dispose();
  }
}
