// The text editor as a person sees and uses it: files, cursor, typing, ghost text.
import fs from 'node:fs';
import path from 'node:path';
import { until } from './processes.mjs';
import { TRIGGER } from './quiet.mjs';
import { Workbench } from './workbench.mjs';

// Runs in the page. The active editor's lines from top to bottom, each as pieces of text that are ghostly
// or not, and the blocks of ghost text that are drawn below a line.
function readEditor() {
  const visible = element => { const style = getComputedStyle(element); return style.visibility !== 'hidden' && style.display !== 'none'; };
  const plain = text => text.replace(/\u00a0/g, ' ').replace(/[\u200b\u200c\ufeff]/g, '');
  const byTop = (a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top;
  const isGhost = element => /(^|\s)(ghost-text(-decoration\S*)?|suggest-preview-text)(\s|$)/.test(element.className || '');

  const editors = [...document.querySelectorAll('.monaco-editor[data-uri]')].filter(each => each.offsetParent && each.clientHeight > 0);
  const editor = editors.find(each => each.classList.contains('focused'))
    ?? editors.find(each => each.closest('.editor-group-container.active')) ?? editors[0];
  if (!editor) return null;

  const piecesOf = line => {
    const pieces = [];
    const walk = (node, ghost) => {
      if (node.nodeType === Node.TEXT_NODE && node.data) pieces.push({ ghost, text: plain(node.data) });
      if (node.nodeType === Node.ELEMENT_NODE && visible(node)) for (const child of node.childNodes) walk(child, ghost || isGhost(node));
    };
    walk(line, false);
    return pieces;
  };
  // A row of a block can end in text of the file that was moved down; only the ghostly part counts.
  const rowText = row => {
    const ghostly = [...row.querySelectorAll('.ghost-text')];
    return plain((ghostly.length ? ghostly : [row]).map(each => each.textContent).join(''));
  };
  const blocks = [...editor.querySelectorAll('.view-zones .suggest-preview-text, .view-zones .ghost-text')]
    .filter(each => !each.parentElement.closest('.suggest-preview-text, .ghost-text') && visible(each) && each.offsetParent).sort(byTop);
  return {
    focused: editor.classList.contains('focused'),
    lines: [...editor.querySelectorAll('.lines-content > .view-lines > .view-line')].sort(byTop).map(piecesOf),
    below: blocks.flatMap(block => { const rows = [...block.querySelectorAll('.view-line')].sort(byTop); return (rows.length ? rows : [block]).map(rowText); }),
  };
}

export class Editor extends Workbench {
  // ---- files and text

  /** Opens a workspace file by its relative path and gives it the focus. */
  async openFile(name) {
    const base = path.basename(name);
    await this.choose('Control+P', name, row => row.label === base);
    await until(() => this.#activeTab(base), `a tab ${name}`, 20_000 * this.slow);
    await until(async () => (await this.page.evaluate(readEditor))?.focused, `the focus in ${name}`, 20_000 * this.slow);
    await until(() => this.cursor(), 'a cursor in the status bar', 20_000 * this.slow);
  }

  #activeTab(base) {
    return this.page.evaluate(wanted => [...document.querySelectorAll('.editor-group-container.active .tab.active')]
      .some(tab => (tab.getAttribute('data-resource-name') ?? tab.querySelector('.label-name')?.textContent) === wanted), base);
  }

  /** Puts the cursor at a line and column, both counted from 1. */
  async goto(line, column = 1) {
    await this.press('Control+G');
    const input = this.page.locator('.quick-input-widget input.input').first();
    await input.waitFor({ state: 'visible' });
    await input.fill(`:${line}:${column}`);
    await this.press('Enter');
    await until(async () => { const at = await this.cursor(); return at?.line === line && at.column === column; },
      async () => `the cursor at ${line}:${column}, it is at ${JSON.stringify(await this.cursor())}`, 10_000 * this.slow);
  }

  /** {line, column} as the status bar shows it, or null. */
  async cursor() {
    const found = (await this.statusBarItems()).map(item => /^Ln (\d+), Col (\d+)/.exec(item.text)).find(Boolean);
    return found ? { line: Number(found[1]), column: Number(found[2]) } : null;
  }

  /** Types as a person would, with bracket closing and indentation at work. */
  async type(text, delayMs = 25) { await this.page.keyboard.type(text, { delay: delayMs }); }

  /** The lines in view, without ghost text. For exact or long text see savedText. */
  async text() {
    const editor = await this.page.evaluate(readEditor);
    return editor?.lines.map(pieces => pieces.filter(piece => !piece.ghost).map(piece => piece.text).join('')).join('\n') ?? '';
  }

  async waitForText(wanted, timeoutMs = 10_000) {
    await until(async () => (await this.text()).includes(wanted), async () => `${JSON.stringify(wanted)} in the text ${JSON.stringify(await this.text())}`,
      timeoutMs * this.slow);
  }

  /** Saves, and reads the file from disk. */
  async savedText(name) {
    await this.press('Control+S');
    await until(() => this.page.evaluate(() => !document.querySelector('.editor-group-container.active .tab.active.dirty')), 'the file to be saved', 10_000 * this.slow);
    return fs.readFileSync(path.join(this.workspace, name), 'utf8');
  }

  // ---- ghost text

  /** The ghost text in view, lines joined by \n, or null. */
  async ghostText() {
    const editor = await this.page.evaluate(readEditor);
    const inline = editor?.lines.flat().filter(piece => piece.ghost) ?? [];
    if (!inline.length && !editor?.below.length) return null;
    return [inline.map(piece => piece.text).join(''), ...editor.below].join('\n');
  }

  /** Waits for ghost text, one that fits the regular expression if given, and returns it. */
  async waitForGhostText(timeoutMs = 15_000, pattern = /(?:)/) {
    let last;
    return until(async () => { last = await this.ghostText(); return last !== null && pattern.test(last) ? last : null; },
      () => `ghost text ${pattern}, last seen: ${JSON.stringify(last)}`, timeoutMs * this.slow, 60);
  }

  async waitForNoGhostText(timeoutMs = 10_000) {
    await until(async () => (await this.ghostText()) === null, async () => `no ghost text, seen: ${await this.ghostText()}`, timeoutMs * this.slow, 60);
  }

  async triggerSuggestion() { await this.press(TRIGGER); }
  async acceptAll() { await this.press('Tab'); }
  async acceptNextWord() { await this.press('Control+ArrowRight'); }
  async dismiss() { await this.press('Escape'); }
}
