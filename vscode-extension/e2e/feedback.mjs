// What a person says outright: marks, preferences while cycling, and the comparison of two candidates.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { until } from './harness/processes.mjs';
import { step } from './stage.mjs';

const NEXT = 'Alt+BracketRight', PREFER = 'Alt+Enter';
const command = name => ({ command: id }) => id.startsWith(`penchant.${name}.`);

/** Plays it all. `consent` must have been given; afterwards no question waits and prices.py is open. */
export async function feedback(vs, { got, awaits, statusFile, shot }) {
  await cycling(vs, got, awaits, shot);
  await marks(vs, got, awaits);
  await comparison(vs, got, awaits, statusFile, shot);
  await presence(vs, awaits);
}

/** Has the fixture say that a question waits; `recorded` differs each time. */
function questionWaits(statusFile, recorded) {
  fs.writeFileSync(statusFile, JSON.stringify({ question: true, recorded }));
}

/** Comes last: after a change of the user's settings a remote window no longer takes `penchant.command` from them. */
export async function darkTheme(vs, { statusFile, shot }) {
  await step('the comparison follows a dark theme, and a long line can be scrolled with keys', async () => {
    questionWaits(statusFile, 3);
    await vs.waitForStatus(/Which is better\?/);
    await vs.clickStatus('Which is better?');
    const frame = await vs.webview('#prefer-0');
    const background = () => frame.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await vs.runCommand('Preferences: Toggle between Light/Dark Themes');
    await until(async () => await background() !== light, 'another background', 10_000);
    await until(() => frame.evaluate(() => document.hasFocus()), 'the focus back in the view', 10_000);
    await shot(vs, 'comparison-dark');
    await frame.focus('[aria-label="Candidate 2"]');
    await vs.press('ArrowRight');
    await until(() => frame.$eval('[aria-label="Candidate 2"]', each => each.scrollLeft > 0), 'the line to scroll', 10_000);
    await vs.press('s');
    await until(async () => (await vs.page.$$('iframe.webview')).length === 0, 'the view to close', 10_000);
  });
}

async function line(vs, text) {
  await vs.press('Control+End');
  await vs.press('Enter');
  await vs.type(text);
}

async function cycling(vs, got, awaits, shot) {
  await step('Alt+] shows the other candidates, and each is reported as shown', async () => {
    await vs.openFile('prices.py');
    await line(vs, 'best = ');
    await vs.waitForGhostText(15_000, /^max\(prices\)$/);
    await vs.press(NEXT);
    await vs.waitForGhostText(15_000, /^sorted\(prices\)\[-1\]$/);
    const { params } = await awaits('textDocument/didShowCompletion', ({ item }) => item.insertText === 'sorted(prices)[-1]');
    assert.equal(params.item.command.arguments[1], 1);
    assert.match(params.textDocument.uri, /prices\.py$/);
    await vs.press(NEXT);
    await vs.waitForGhostText(15_000, /^heapq/);
    await awaits('textDocument/didShowCompletion', ({ item }) => item.command.arguments[1] === 2);
    await vs.press('Alt+BracketLeft');
    await vs.waitForGhostText(15_000, /^sorted/);
    await shot(vs, 'cycling');
  });
  await step('Alt+Enter takes the candidate in view and prefers it to those that were seen', async () => {
    const [completionId] = got('textDocument/didShowCompletion').at(-1).params.item.command.arguments;
    await vs.press(PREFER);
    await vs.waitForText('best = sorted(prices)[-1]');
    const { params } = await awaits('workspace/executeCommand', command('prefer'));
    assert.deepEqual(params.arguments, [{ completionId, index: 1, over: [0, 2] }]);
    await vs.waitForStatus(/Preferred to 2 other candidates/);
    const accepted = got('workspace/executeCommand', command('accepted')).at(-1);
    assert.deepEqual(accepted.params.arguments, [completionId, 1]);
    await shot(vs, 'preferred');
  });
  await step('with one candidate there is nothing to prefer it to, and that is said', async () => {
    await line(vs, 'best = ');
    await vs.waitForGhostText(15_000, /^max/);
    await vs.press(PREFER);
    await vs.waitForText('best = max(prices)');
    await vs.waitForStatus(/nothing to compare it with/);
    assert.equal(got('workspace/executeCommand', command('prefer')).length, 1);
  });
}

async function marks(vs, got, awaits) {
  await step('a mark asks nothing and means the suggestion that was accepted last', async () => {
    const last = got('workspace/executeCommand', command('accepted')).at(-1).params.arguments;
    await vs.runCommand('Penchant: Good Suggestion');
    const { params } = await awaits('workspace/executeCommand', command('rate'));
    assert.deepEqual(params.arguments, [{ completionId: last[0], index: last[1], rating: 'up' }]);
    await vs.waitForStatus(/Marked as good/);
    await vs.runCommand('Penchant: Bad Suggestion');
    await awaits('workspace/executeCommand', params => command('rate')(params) && params.arguments[0].rating === 'down');
    await vs.waitForStatus(/Marked as bad/);
  });
  await step('only the command with a reason asks for one', async () => {
    await vs.runCommand('Penchant: Good Suggestion, with Reason');
    await vs.answer('what was good?', ' as I write ');
    const { params } = await awaits('workspace/executeCommand', params => command('rate')(params) && params.arguments[0].reason);
    assert.equal(params.arguments[0].reason, 'as I write');
  });
}

async function comparison(vs, got, awaits, statusFile, shot) {
    await step('a question is a hint in the status bar and nothing more', async () => {
    assert.ok(!(await vs.statusBarItems()).some(item => /Which is better/.test(item.text)));
    questionWaits(statusFile, 1);
    const hint = await vs.waitForStatus(/Which is better\?/);
    assert.match(hint.label, /which of two candidates is better/);
    assert.equal(hint.warning, false);
    assert.equal(await vs.dialogOpen(), false);
    assert.deepEqual(await vs.notifications(), []);
    await shot(vs, 'question-hint');
  });
  await step('a click shows the two side by side, as text', async () => {
    await vs.clickStatus('Which is better?');
    const frame = await vs.webview('#prefer-0');
    assert.deepEqual(await frame.$$eval('section pre', all => all.map(each => each.textContent)), [
      '    total = 0\n    for price in prices:\n        total += price\n    return total + shipping',
      '    return sum(prices) + shipping  # <b>not markup</b>',
    ]);
    assert.equal(await frame.$('section b'), null);
    const [one, other] = await frame.$$eval('section', all => all.map(each => each.getBoundingClientRect().toJSON()));
    assert.ok(one.top === other.top && other.left >= one.right, 'side by side');
    assert.equal(await frame.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Prefer candidate 1');
    assert.equal(await frame.evaluate(() => document.hasFocus()), true);
    await shot(vs, 'comparison-light');
  });
  await step('a key answers, and the hint goes', async () => {
    const before = got('workspace/executeCommand', command('prefer')).length;
    await vs.press('2');
    const { params } = await awaits('workspace/executeCommand', params => command('prefer')(params) && params.arguments[0].completionId === 'q1');
    assert.deepEqual(params.arguments, [{ completionId: 'q1', index: 0, over: [2] }]);
    const frame = await vs.webview('#another');
    assert.equal(await frame.textContent('h1'), 'Thank you. Your answer is stored.');
    await until(async () => !(await vs.statusBarItems()).some(item => /Which is better/.test(item.text)), 'the hint to go', 10_000);
    assert.equal(got('workspace/executeCommand', command('prefer')).length, before + 1);
    await shot(vs, 'comparison-answered');
  });
  await step('another one, where there is none, says so; Escape closes', async () => {
    await vs.press('Enter');
    const frame = await vs.webview('#close:focus');
    assert.match(await frame.textContent('h1'), /nothing to compare yet/);
    await vs.press('Escape');
    await until(async () => (await vs.page.$$('iframe.webview')).length === 0, 'the view to close', 10_000);
  });
  await step('a click ends all questions', async () => {
    questionWaits(statusFile, 2);
    await vs.waitForStatus(/Which is better\?/);
    await vs.runCommand('Penchant: Compare Two Candidates');
    await (await vs.webview('#never')).click('#never');
    await awaits('workspace/executeCommand', params => command('question')(params) && params.arguments[0].action === 'never');
    await vs.waitForStatus(/No more questions/);
    await until(async () => (await vs.page.$$('iframe.webview')).length === 0, 'the view to close', 10_000);
    assert.ok(!(await vs.statusBarItems()).some(item => /Which is better/.test(item.text)));
  });
}

async function presence(vs, awaits) {
  await step('what is in view is told', async () => {
    await vs.openFile('shop.py');
    const { params } = await awaits('penchant/didChangePresence', ({ visible }) => visible.some(uri => uri.endsWith('shop.py')));
    assert.equal(params.focused, true);
    await vs.openFile('prices.py');
    await awaits('penchant/didChangePresence', ({ visible }) => visible.length === 1 && visible[0].endsWith('prices.py'));
  });
}
