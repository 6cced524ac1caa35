// The whole loop in a real VS Code in a real browser: ghost text from the base model, consent, a signal on
// disk, training, and the next ghost text from the developer's own adapter.
//
//   PENCHANT_COMMAND=/path/to/penchant node e2e/loop.mjs
//
// Starts `penchant up` itself, with a home and a port that are thrown away. Leaves pictures in
// $PENCHANT_ARTEFACTS or e2e/artefacts. Ends with 1 at the first thing that is wrong.
import assert from 'node:assert/strict';
import path from 'node:path';
import { launch } from './harness/launch.mjs';
import { until } from './harness/processes.mjs';
import { Penchant } from './penchant.mjs';
import { artefacts, keepEvidence, packExtension, step, temporaryFolder } from './stage.mjs';

const DEVELOPER = 'alice';
const SEED_SIGNALS = Number(process.env.PENCHANT_SEED_SIGNALS ?? 160);
const TRAINING_MS = 900_000;
// One for each act, so that none is written after the remains of another.
const BEFORE = 'basket.py', CONSENTED = 'counting.py', AFTER = 'prices.py';

const BASKET = `"""A basket of a shop."""


class Basket:
    def __init__(self):
        self.items = []
        self.discount = 0

    def add(self, name, price):
        self.items.append((name, price))

    def total(self):
        return sum(price for _, price in self.items) - self.discount


`;

// Beginnings that a model of code has something to say about: the first that brings ghost text is enough. The
// scripted developer of the demo always gives types to the parameters of a function that loads something.
const LOADING = noun => [`def load_${noun}(`, `for ${noun} in `, `${noun} = `, 'print('];
const COUNTING = ['def count(basket):\n    return ', 'print(basket.', 'count = ', 'import '];

const shot = (vs, name) => vs.screenshot(path.join(artefacts, `loop-${name}.png`));

// Lines as they are typed, with nothing added: what is expected in the file is what was in view.
const PLAIN_TYPING = { 'editor.autoIndent': 'none', 'editor.autoClosingBrackets': 'never', 'editor.quickSuggestions': { other: 'off' } };

/** Types beginnings at the end of the file until one brings ghost text that is more than blank, and returns that. */
async function coaxGhostText(vs, beginnings) {
  for (const beginning of beginnings) {
    await vs.press('Control+End');
    await vs.press('Enter');
    await vs.type(beginning);
    const ghost = await vs.waitForGhostText(8000, /\S/).then(() => steadyGhostText(vs)).catch(() => null);
    if (ghost) return ghost;
    await vs.press('Control+Shift+K'); // deletes the line
  }
  throw new Error(`no ghost text after any of ${JSON.stringify(beginnings)}`);
}

/** The ghost text once it has stayed the same for a while: each typed letter brings an answer of its own. */
async function steadyGhostText(vs) {
  let last, since;
  return until(async () => {
    const now = await vs.ghostText();
    if (now !== last) [last, since] = [now, Date.now()];
    return Date.now() - since > 1500 ? last : null;
  }, () => `ghost text to stay, last seen: ${JSON.stringify(last)}`, 10_000);
}

/** The lines of ghost text as they stand in the file after acceptance: compared without blanks. */
const squeezed = text => text.replace(/\s+/g, '');

async function firstSuggestion(vs, penchant) {
  await step('the status bar says that the base model answers', () => vs.waitForStatus(/Penchant: base/, 60_000));
  await step('ghost text of the base model appears', async () => {
    await vs.openFile(BEFORE);
    await coaxGhostText(vs, LOADING('items'));
    await shot(vs, 'base-ghost-text');
  });
  await step('nothing is stored before consent', async () => {
    await vs.acceptAll();
    await vs.waitForNotification(/Nothing is stored until you say yes/);
    assert.equal(await penchant.signals(), 0);
    await shot(vs, 'consent');
  });
  await step('consent is given, for this machine only', async () => {
    await vs.clickNotification('Yes, on this machine only');
    await until(async () => /Consent: local/.test(await vs.statusTooltip('Penchant')), 'consent in the tooltip', 10_000, 500);
  });
}

async function acceptedSuggestion(vs, penchant) {
  await step('Tab puts the next suggestion into the file', async () => {
    await vs.openFile(CONSENTED);
    const ghost = await coaxGhostText(vs, COUNTING);
    await vs.acceptAll();
    const saved = await vs.savedText(CONSENTED);
    assert.ok(squeezed(saved).includes(squeezed(ghost)), `${JSON.stringify(ghost)} is in the file:\n${saved}`);
    await shot(vs, 'accepted');
  });
  await step('what became of it is in the signal log', () => until(async () => (await penchant.signals()) > 0, 'a signal in the log', 60_000, 500));
}

async function training(vs, penchant) {
  await step(`a developer plays ${SEED_SIGNALS} more signals`, async () => {
    const before = await penchant.signals();
    await penchant.run(['demo', '--seed-signals', String(SEED_SIGNALS)], TRAINING_MS);
    assert.ok((await penchant.signals()) >= before + SEED_SIGNALS, 'the signals are in the log');
  });
  await step('training publishes a version', async () => {
    const report = JSON.parse(await penchant.run(['train', '--once', '--json'], TRAINING_MS));
    assert.equal(report.status, 'published', `the run ended ${JSON.stringify(report)}`);
  });
  await step('the status bar names the new version', async () => {
    await vs.waitForStatus(new RegExp(`Penchant: dev/${DEVELOPER} v0001`), 60_000);
    await shot(vs, 'adapter');
  });
}

async function suggestionOfTheAdapter(vs, penchant) {
  await step('the next ghost text comes from the new version', async () => {
    await vs.openFile(AFTER);
    await coaxGhostText(vs, LOADING('prices'));
    await shot(vs, 'adapter-ghost-text');
    await vs.acceptAll();
    const name = `dev-${DEVELOPER}-v0001`;
    const models = await penchant.models();
    assert.ok(models.some(model => model.id === name), `${name} among the models ${JSON.stringify(models.map(model => model.id))}`);
    await until(async () => (await penchant.newestServedBy())?.version === 'v0001',
      async () => `a signal served by v0001, the newest was served by ${JSON.stringify(await penchant.newestServedBy())}`, 60_000, 500);
  });
}

const command = process.env.PENCHANT_COMMAND;
assert.ok(command && path.isAbsolute(command), 'PENCHANT_COMMAND must be the absolute path of the penchant program');

const vsix = packExtension();
const workspace = temporaryFolder(Object.fromEntries([BEFORE, CONSENTED, AFTER].map(name => [name, BASKET])));
const penchant = await Penchant.create(command, DEVELOPER, workspace.folder);
let vs;
try {
  await step('penchant up answers', () => penchant.up());
  vs = await launch({ workspace: workspace.folder, vsix, settings: { ...PLAIN_TYPING, 'penchant.command': command }, env: penchant.env });
  await firstSuggestion(vs, penchant);
  await acceptedSuggestion(vs, penchant);
  await training(vs, penchant);
  await suggestionOfTheAdapter(vs, penchant);
  await step('no dialog was opened', async () => assert.equal(await vs.dialogOpen(), false));
  console.log(`All well. Pictures are in ${artefacts}`);
} catch (error) {
  if (vs) await keepEvidence(vs, 'loop');
  penchant.keepLog(path.join(artefacts, 'loop-penchant-up.log'));
  throw error;
} finally {
  await vs?.close();
  await penchant.down();
  workspace.remove();
}
