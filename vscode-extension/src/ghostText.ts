/**
 * Stands between VS Code and the language server while ghost text is asked for and undone.
 *
 * Tells the server what was offered and why a text changed, and remembers the offer for the keys.
 * Never holds a keystroke up: everything it sends is sent without waiting.
 */
import * as vscode from 'vscode';
import type { Middleware } from 'vscode-languageclient/node';
import { METHODS, type CompletionRef, type ItemReference } from './contract';
import { Cycle } from './cycling';
import type { Offer, OfferedItem } from './offer';

export interface GhostTextEvents {
  notify: (method: string, params: object) => void;
  onOffered: () => void;
}

export class GhostText {
  /** What was offered last; undefined once the server answered that it has nothing. */
  offer: Offer | undefined;
  readonly cycle = new Cycle();
  /** The suggestion that was in view or accepted last: what "this suggestion" means to a person. */
  last: CompletionRef | undefined;
  private whenAccepted: ((ref: CompletionRef) => void) | undefined;

  constructor(private readonly events: GhostTextEvents) {}

  readonly middleware: Middleware = {
    provideInlineCompletionItems: async (document, position, context, token, next) => {
      let result: Awaited<ReturnType<typeof next>>;
      try {
        result = await next(document, position, context, token);
      } catch {
        return null; // the client has already written it to the output; no suggestion is the right answer
      }
      const explicit = context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
      if (!token.isCancellationRequested) this.offered(document, position, result, explicit);
      return result;
    },
    executeCommand: (command, args, next) => {
      this.accepted(command, args);
      return next(command, args);
    },
    didChange: async (event, next) => {
      this.sendReason(event);
      await next(event);
    },
  };

  /** Calls back once, when the suggestion that is in view now has been accepted. */
  onceAccepted(callback: (ref: CompletionRef) => void): void {
    this.whenAccepted = callback;
  }

  /** "Next" or "previous" was pressed. */
  moved(delta: 1 | -1): void {
    if (this.offer) this.show(this.cycle.moved(delta, this.offer.explicit));
  }

  private offered(document: vscode.TextDocument, position: vscode.Position, result: Result, explicit: boolean): void {
    const items = (Array.isArray(result) ? result : result?.items ?? []).flatMap(item => offeredItem(item, position));
    this.offer = items.length > 0 ? { uri: document.uri.toString(), explicit, items } : undefined;
    this.whenAccepted = undefined;
    const inView = this.cycle.offered(this.offer, explicit);
    if (!inView) return;
    this.show(inView);
    this.events.onOffered();
  }

  /**
   * "Offered" stands in for "shown": VS Code's stable API does not say whether an item really came
   * into view (an open suggestion list, for one, can hide it). The server weighs it accordingly.
   */
  private show(item: OfferedItem | undefined): void {
    if (!item || !this.offer) return;
    this.last = item.ref;
    this.events.notify(METHODS.didShow, { item: reference(item), textDocument: { uri: this.offer.uri } });
  }

  private accepted(command: string, args: unknown[]): void {
    const [completionId, index] = args;
    if (!command.startsWith('penchant.accepted') || typeof completionId !== 'string' || typeof index !== 'number') return;
    this.last = { completionId, index };
    this.whenAccepted?.(this.last);
    this.whenAccepted = undefined;
  }

  private sendReason(event: vscode.TextDocumentChangeEvent): void {
    if (event.reason === undefined || event.contentChanges.length === 0) return;
    const reason = event.reason === vscode.TextDocumentChangeReason.Undo ? 'undo' : 'redo';
    const textDocument = { uri: event.document.uri.toString(), version: event.document.version };
    // Sent just before the change it belongs to, so that the server knows the reason when the text arrives.
    this.events.notify(METHODS.didChangeReason, { textDocument, reason });
  }
}

type Result = vscode.InlineCompletionItem[] | vscode.InlineCompletionList | null | undefined;

/** An item that carries no completion id is none of ours to report on. */
function offeredItem(item: vscode.InlineCompletionItem, position: vscode.Position): OfferedItem[] {
  const [completionId, index] = (item.command?.arguments ?? []) as unknown[];
  if (typeof completionId !== 'string' || typeof index !== 'number') return [];
  const insertText = typeof item.insertText === 'string' ? item.insertText : item.insertText.value;
  const range = item.range ?? new vscode.Range(position, position);
  return [{ insertText, start: plain(range.start), end: plain(range.end), ref: { completionId, index } }];
}

function plain({ line, character }: vscode.Position): { line: number; character: number } {
  return { line, character };
}

/** An offered item as the notifications name it. */
export function reference(item: OfferedItem): ItemReference {
  return {
    insertText: item.insertText,
    range: { start: item.start, end: item.end },
    command: { title: '', command: 'penchant.accepted', arguments: [item.ref.completionId, item.ref.index] },
  };
}

