/**
 * The commands with which a person says outright what a suggestion was worth.
 *
 * The language server keeps the judgement, or says why not; the answer is a line in the status bar.
 */
import * as vscode from 'vscode';
import type { CompletionRef, RateAnswer } from './contract';
import type { GhostText } from './ghostText';
import type { LanguageServer } from './languageServer';

export type Mark = 'up' | 'down';

/** Marks the suggestion that was in view or accepted last; nothing is asked. */
export async function rate(server: LanguageServer, last: CompletionRef | null | undefined, rating: Mark, reason = ''): Promise<void> {
  if (!last) return say('There is no suggestion to rate yet.');
  const answer = await server.command('rate', { ...last, rating, ...(reason ? { reason } : {}) });
  report(answer, rating === 'up' ? 'Marked as good.' : 'Marked as bad.');
}

/** As `rate`, after asking for a reason; Escape in the box takes the mark back. */
export async function rateWithReason(server: LanguageServer, last: CompletionRef | null | undefined, rating: Mark): Promise<void> {
  if (!last) return say('There is no suggestion to rate yet.');
  const reason = await vscode.window.showInputBox({
    title: rating === 'up' ? 'Penchant: what was good?' : 'Penchant: what was bad?',
    prompt: 'Enter marks the suggestion, with or without a reason.',
  });
  if (reason !== undefined) await rate(server, last, rating, reason.trim());
}

/**
 * Takes the candidate in view and says that it is better than those seen before it.
 *
 * Taken, because only an acceptance tells for certain which candidate is in view.
 */
export async function preferCandidate(server: LanguageServer, ghostText: GhostText): Promise<void> {
  ghostText.onceAccepted(ref => void prefer(server, ref, ghostText.cycle.othersSeen(ref)));
  await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
}

async function prefer(server: LanguageServer, ref: CompletionRef, over: number[]): Promise<void> {
  if (over.length === 0) return say('Taken. There was nothing to compare it with: Alt+] shows other candidates.');
  const answer = await server.command('prefer', { ...ref, over });
  report(answer, over.length === 1 ? 'Preferred to the other candidate.' : `Preferred to ${over.length} other candidates.`);
}

/** Shows what became of a judgement. */
export function report(value: unknown, done: string): void {
  const answer = value as RateAnswer | undefined;
  say(answer?.stored ? done : `Not stored${answer?.why ? `: ${answer.why}` : '.'}`);
}

export function say(message: string): void {
  vscode.window.setStatusBarMessage(`$(sparkle) ${message}`, 6000);
}
