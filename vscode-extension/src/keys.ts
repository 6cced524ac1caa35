/**
 * Reports what Ctrl+Right, Escape, Alt+] and Alt+[ do to a suggestion, and lets VS Code do it as ever.
 *
 * Bound only while a suggestion is visible and only while `penchant.reportKeys` is on. The built-in
 * command always runs, also when the suggestion is another extension's and there is nothing to report.
 */
import * as vscode from 'vscode';
import { METHODS } from './contract';
import { reference, type GhostText } from './ghostText';
import { itemInView, partialAcceptance, type OfferedItem } from './offer';

type Notify = (method: string, params: object) => void;

export function registerKeys(ghostText: GhostText, notify: Notify): vscode.Disposable[] {
  return [
    vscode.commands.registerCommand('penchant.acceptNextWord', () => acceptNextWord(ghostText, notify)),
    vscode.commands.registerCommand('penchant.dismissSuggestion', () => dismiss(ghostText, notify)),
    vscode.commands.registerCommand('penchant.showNextCandidate', () => cycle(ghostText, 1)),
    vscode.commands.registerCommand('penchant.showPreviousCandidate', () => cycle(ghostText, -1)),
  ];
}

async function acceptNextWord(ghostText: GhostText, notify: Notify): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const ours = offerIn(editor, ghostText);
  const before = new Map(ours?.items.map(item => [item, textUpToCursor(editor, item)]));
  await vscode.commands.executeCommand('editor.action.inlineSuggest.acceptNextWord');
  const taken = partialAcceptance(ours, item => before.get(item) ?? '', item => textUpToCursor(editor, item));
  if (taken) notify(METHODS.didPartiallyAccept, { item: reference(taken.item), acceptedLength: taken.acceptedLength });
}

async function dismiss(ghostText: GhostText, notify: Notify): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const item = editor && itemInView(ghostText.offer, editor.document.uri.toString(), each => textUpToCursor(editor, each), ghostText.cycle.inView);
  if (item) notify(METHODS.didDismiss, { item: reference(item) });
  await vscode.commands.executeCommand('editor.action.inlineSuggest.hide');
}

async function cycle(ghostText: GhostText, delta: 1 | -1): Promise<void> {
  // Before VS Code moves: its request for more candidates may be answered at once.
  if (offerIn(vscode.window.activeTextEditor, ghostText)) ghostText.moved(delta);
  await vscode.commands.executeCommand(`editor.action.inlineSuggest.${delta > 0 ? 'showNext' : 'showPrevious'}`);
}

/** The offer, if it is for this document; the next answer replaces it while a word is being taken. */
function offerIn(editor: vscode.TextEditor | undefined, { offer }: GhostText): GhostText['offer'] {
  return editor && offer?.uri === editor.document.uri.toString() ? offer : undefined;
}

function textUpToCursor(editor: vscode.TextEditor | undefined, item: OfferedItem): string {
  if (!editor) return '';
  const start = new vscode.Position(item.start.line, item.start.character);
  const cursor = editor.selection.active;
  // A cursor before the item has left it: no suggestion starts with a NUL.
  return cursor.isBefore(start) ? '\0' : editor.document.getText(new vscode.Range(start, cursor));
}
