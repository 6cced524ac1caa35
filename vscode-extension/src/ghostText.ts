/**
 * Stands between VS Code and the language server while ghost text is asked for and undone.
 *
 * Tells the server what was offered and why a text changed, and remembers the offer for the keys.
 * Never holds a keystroke up: everything it sends is sent without waiting.
 */
import * as vscode from 'vscode';
import type { Middleware } from 'vscode-languageclient/node';
import { METHODS, type ItemReference } from './contract';
import type { Offer, OfferedItem } from './offer';

export interface GhostTextEvents {
  notify: (method: string, params: object) => void;
  onOffered: () => void;
}

export class GhostText {
  /** What was offered last; undefined once the server answered that it has nothing. */
  offer: Offer | undefined;

  constructor(private readonly events: GhostTextEvents) {}

  readonly middleware: Middleware = {
    provideInlineCompletionItems: async (document, position, context, token, next) => {
      let result: Awaited<ReturnType<typeof next>>;
      try {
        result = await next(document, position, context, token);
      } catch {
        return null; // the client has already written it to the output; no suggestion is the right answer
      }
      if (!token.isCancellationRequested) this.offered(document, position, result);
      return result;
    },
    didChange: async (event, next) => {
      this.sendReason(event);
      await next(event);
    },
  };

  private offered(document: vscode.TextDocument, position: vscode.Position, result: Result): void {
    const items = (Array.isArray(result) ? result : result?.items ?? []).flatMap(item => offeredItem(item, position));
    this.offer = items.length > 0 ? { uri: document.uri.toString(), items } : undefined;
    const [first] = items;
    if (!first) return;
    // "Offered" stands in for "shown": VS Code's stable API does not say whether the first item really
    // came into view (an open suggestion list, for one, can hide it). The server weighs it accordingly.
    this.events.notify(METHODS.didShow, { item: reference(first) });
    this.events.onOffered();
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

