// What surrounds the editor: quick pick, status bar, messages, logs, screenshots.
import fs from 'node:fs';
import path from 'node:path';
import { until } from './processes.mjs';

const plain = text => (text ?? '').replace(/\u00a0/g, ' ').trim();

export class Workbench {
  constructor(fields) { Object.assign(this, fields); }

  async press(keys) { await this.page.keyboard.press(keys); }

  async screenshot(file) {
    fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    await this.page.screenshot({ path: file, animations: 'disabled', caret: 'initial' });
    return file;
  }

  // ---- quick pick

  /** Runs a command by its exact title in the command palette ("Category: Title"). */
  async runCommand(title) {
    await this.choose('F1', `>${title}`, row => row.label.toLowerCase() === title.toLowerCase());
  }

  /** Opens a list with `keys`, types `text`, and takes the row that fits. */
  async choose(keys, text, fits) {
    const input = this.page.locator('.quick-input-widget input.input').first();
    await this.page.keyboard.press(keys);
    await input.waitFor({ state: 'visible' });
    await input.fill(text);
    await this.takeRow(fits, text);
    await until(() => input.evaluate((element, typed) => !element.offsetParent || element.value !== typed, text), 'the list to close', 10_000 * this.slow);
  }

  /** [{index, focused, label, detail}] of the open list, separators left out. */
  async rows() {
    const rows = await this.page.evaluate(() => [...document.querySelectorAll('.quick-input-widget .monaco-list-row')]
      .filter(row => row.offsetParent)
      .map(row => ({
        index: Number(row.dataset.index),
        focused: row.classList.contains('focused'),
        label: row.querySelector('.quick-input-list-row .label-name')?.textContent,
        detail: row.querySelector('.quick-input-list-row .label-description')?.textContent,
      })));
    return rows.map(row => ({ ...row, label: plain(row.label), detail: plain(row.detail) }));
  }

  /** Takes the first row of the open list that fits. */
  async takeRow(fits, what = 'a row') {
    let seen = [];
    await until(async () => {
      const row = (seen = await this.rows()).find(fits);
      if (!row) return false;
      if (row.focused) return this.page.keyboard.press('Enter').then(() => true);
      // The list may change under the click: then it is looked at again.
      const click = this.page.locator(`.quick-input-widget .monaco-list-row[data-index="${row.index}"]`).click({ timeout: 1000 });
      return click.then(() => true, () => false);
    }, () => `${JSON.stringify(what)} in ${JSON.stringify(seen.map(each => each.label))}`, 15_000 * this.slow);
  }

  /** Fills the open input box and confirms it. */
  async answer(title, text) {
    const widget = this.page.locator('.quick-input-widget', { hasText: title });
    await widget.waitFor({ state: 'visible' });
    await widget.locator('input.input').first().fill(text);
    await this.page.keyboard.press('Enter');
  }

  // ---- status bar

  /** [{id, text, label, warning}] of the visible items. */
  async statusBarItems() {
    const items = await this.page.evaluate(() => [...document.querySelectorAll('.statusbar .statusbar-item')]
      .filter(item => item.offsetParent)
      .map(item => ({
        id: item.id,
        text: item.textContent,
        label: item.getAttribute('aria-label') ?? item.querySelector('[aria-label]')?.getAttribute('aria-label'),
        warning: item.classList.contains('warning-kind'),
      })));
    return items.map(item => ({ ...item, text: plain(item.text), label: plain(item.label) }));
  }

  /** Waits for a status bar item whose text fits the regular expression, and returns it. */
  async waitForStatus(pattern, timeoutMs = 30_000) {
    let seen = [];
    return until(async () => (seen = await this.statusBarItems()).find(item => pattern.test(item.text)),
      () => `${pattern} in the status bar, which reads ${JSON.stringify(seen.map(item => item.text).filter(Boolean))}`, timeoutMs * this.slow);
  }

  async clickStatus(text) { await this.page.locator('.statusbar .statusbar-item', { hasText: text }).first().click(); }

  /** Points at a status bar item and returns the text of its tooltip. */
  async statusTooltip(text) {
    await this.page.locator('.statusbar .statusbar-item', { hasText: text }).first().hover();
    const hover = this.page.locator('.monaco-hover:visible').last();
    await hover.waitFor({ state: 'visible' });
    return plain(await hover.innerText());
  }

  // ---- messages in the corner

  async notifications() {
    const texts = await this.page.evaluate(() => [...document.querySelectorAll('.notification-list-item-message')].map(item => item.textContent));
    return texts.map(plain);
  }

  async waitForNotification(pattern, timeoutMs = 15_000) {
    return until(async () => (await this.notifications()).find(text => pattern.test(text)),
      async () => `${pattern} among the messages ${JSON.stringify(await this.notifications())}`, timeoutMs * this.slow);
  }

  async clickNotification(button) {
    await this.page.locator('.notification-list-item .monaco-button', { hasText: button }).first().click();
  }

  /** True when a modal dialog is open. No test of ours should ever see one. */
  async dialogOpen() { return this.page.evaluate(() => document.querySelector('.monaco-dialog-box') !== null); }

  // ---- webviews

  /** Waits for a visible webview that holds an element, and returns its frame. */
  async webview(selector, timeoutMs = 20_000) {
    return until(async () => {
      for (const outer of await this.page.$$('iframe.webview')) {
        try {
          const inner = (await outer.isVisible()) ? await (await outer.contentFrame())?.$('iframe#active-frame') : null;
          const frame = await inner?.contentFrame();
          if (frame && await frame.$(selector)) return frame;
        } catch { /* it is being replaced */ }
      }
      return null;
    }, `a webview with ${selector}`, timeoutMs * this.slow);
  }

  // ---- logs

  #logs(pattern) {
    const folder = path.join(this.userData, 'logs');
    if (!fs.existsSync(folder)) return '';
    const files = fs.readdirSync(folder, { recursive: true }).filter(file => pattern.test(file)).sort();
    return files.map(file => fs.readFileSync(path.join(folder, file), 'utf8')).join('');
  }

  extensionHostLog() { return this.#logs(/remoteexthost\.log$/); }

  /** What an extension wrote to its output channel so far. */
  outputChannel(name) {
    return this.#logs(new RegExp(`output_logging_[^/]*/\\d+-${name}\\.log$|exthost\\d*/[^/]+/${name}\\.log$`));
  }

  /** Waits until the extension ("publisher.name") has been activated. */
  async waitForExtension(id, timeoutMs = 30_000) {
    await until(() => this.extensionHostLog().includes(`_doActivateExtension ${id},`), `activation of ${id}`, timeoutMs * this.slow);
  }
}
