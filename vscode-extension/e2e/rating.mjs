// From a key in VS Code to a judgement in the signal log, with the real language server. The gateway is the test's own:
// PENCHANT_GATEWAY__URL names one that answers "best = " with three candidates, sorted(…, max(… and heapq….
// Leaves pictures in $PENCHANT_ARTEFACTS or e2e/artefacts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { launch } from './harness/launch.mjs';
import { until } from './harness/processes.mjs';
import { artefacts, keepEvidence, packExtension, step, temporaryFolder } from './stage.mjs';

const command = process.env.PENCHANT_COMMAND;
assert.ok(command, 'PENCHANT_COMMAND is the absolute path of penchant');
const home = temporaryFolder();
const workspace = temporaryFolder({ 'prices.py': 'prices = []\n' });
const env = {
  PENCHANT_HOME: home.folder, PENCHANT_DEVELOPER__NAME: 'ada', PENCHANT_TRACKER__QUIET_S: '1',
  PENCHANT_GATEWAY__URL: process.env.PENCHANT_GATEWAY__URL, PYTHONPATH: process.env.PYTHONPATH ?? '',
};
const penchant = (...args) => execFileSync(command, args, { env: { ...process.env, ...env } }).toString();
const shown = () => penchant('signals', 'export', '-').trim().split('\n').filter(Boolean).map(line => JSON.parse(line))
  .filter(signal => signal.completion.shown !== null);
const shot = (vs, name) => vs.screenshot(path.join(artefacts, `rating-${name}.png`));

/** On a new line that gives `name` a value, cycles to the second candidate. A line that stands above already is not suggested. */
async function cycleToTheSecond(vs, name) {
  await vs.press('Control+End');
  // VS Code makes an editor's controller of ghost text only once it is idle, and asks for nothing that was typed before; a
  // command of ghost text makes it at once.
  await vs.triggerSuggestion();
  await vs.press('Enter');
  await vs.type(`${name} = `);
  await vs.waitForGhostText(40_000, /^sorted/);
  await vs.press('Alt+BracketRight');
  await vs.waitForGhostText(20_000, /^max/);
}

async function play(vs) {
  await step('the language server answers, and recording is allowed', async () => {
    await vs.waitForStatus(/Penchant: dev\/ada/, 60_000);
    penchant('consent', 'set', 'local', '--yes', '--workspace', workspace.folder);
    await vs.openFile('prices.py');
  });
  await step('a preference is stored with the signal that it belongs to', async () => {
    await cycleToTheSecond(vs, 'best');
    await vs.press('Alt+Enter');
    await vs.waitForStatus(/Preferred to the other candidate/);
    await vs.press('Control+S');
    const [signal] = await until(() => { const found = shown(); return found.length === 1 && found; }, 'a signal', 30_000, 500);
    assert.equal(signal.outcome.kind, 'accepted');
    assert.deepEqual(signal.outcome.flags, ['seen:0']);
    assert.equal(signal.completion.candidates.length, 3);
    assert.deepEqual(signal.ratings.map(({ kind, order }) => [kind, order]), [['comparison', [1, 0]]]);
  });
  await step('what was accepted without a word is asked about, once nobody types', async () => {
    await cycleToTheSecond(vs, 'next_best');
    await vs.acceptAll();
    await vs.press('Control+S');
    await vs.waitForStatus(/Which is better\?/, 40_000);
    assert.deepEqual(JSON.parse(penchant('rate', '--json')).map(item => item.completion_id), [shown()[1].completion.id]);
  });
  await step('the answer is stored', async () => {
    await vs.clickStatus('Which is better?');
    const frame = await vs.webview('#prefer-0');
    const asked = await frame.$$eval('section pre', all => all.map(each => each.textContent));
    await shot(vs, 'comparison');
    await vs.press('2');
    await vs.webview('#another');
    const { completion, ratings: [rating] } = shown()[1];
    assert.deepEqual(rating.order.map(index => `next_best = ${completion.candidates[index].text}`), [asked[1], asked[0]]);
    assert.deepEqual(JSON.parse(penchant('rate', '--json')), []);
  });
}

const vs = await launch({ workspace: workspace.folder, vsix: packExtension(), settings: { 'penchant.command': command }, env });
try {
  await play(vs);
} catch (error) {
  await keepEvidence(vs, 'rating', home.folder);
  throw error;
} finally {
  await vs.close();
  home.remove();
  workspace.remove();
}
console.log(`All well. Pictures are in ${artefacts}`);
