/**
 * Tells the language server whether anybody looks: the window's focus and the documents in view.
 *
 * What is shown while nobody looks is no evidence. Sent when the server starts and when it changes.
 */
import * as vscode from 'vscode';
import { METHODS } from './contract';

type Notify = (method: string, params: object) => void;

export class Presence implements vscode.Disposable {
  private last = '';
  private readonly listeners: vscode.Disposable[];

  constructor(private readonly notify: Notify) {
    this.listeners = [
      vscode.window.onDidChangeWindowState(() => this.tell()),
      vscode.window.onDidChangeVisibleTextEditors(() => this.tell()),
    ];
  }

  /** A new server knows nothing yet. */
  serverStarted(): void {
    this.last = '';
    this.tell();
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
  }

  private tell(): void {
    const visible = vscode.window.visibleTextEditors.map(editor => editor.document.uri.toString()).sort();
    const presence = { focused: vscode.window.state.focused, visible };
    const told = JSON.stringify(presence);
    if (told === this.last) return;
    this.last = told;
    this.notify(METHODS.didChangePresence, presence);
  }
}
