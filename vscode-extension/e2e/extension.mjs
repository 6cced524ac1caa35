// The extension alone, in a real VS Code in a real browser, against the small language server in fixture/.
// Leaves pictures in $PENCHANT_ARTEFACTS or e2e/artefacts. Ends with 1 at the first thing that is wrong.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { darkTheme, feedback } from './feedback.mjs';
import { launch } from './harness/launch.mjs';
import { until } from './harness/processes.mjs';
import { artefacts, keepEvidence, packExtension, root, step, temporaryFolder } from './stage.mjs';

const FIXTURE = path.join(root, 'e2e/fixture/penchant');
const shot = (vs, name) => vs.screenshot(path.join(artefacts, `extension-${name}.png`));

/** The messages the fixture got, newest last. */
function received(log) {
  return fs.existsSync(log) ? fs.readFileSync(log, 'utf8').trim().split('\n').map(line => JSON.parse(line)) : [];
}

async function withServer(vsix) {
  const scratch = temporaryFolder();
  const workspace = temporaryFolder({ 'shop.py': '\n', 'prices.py': '\n', '.vscode/settings.json': '{"penchant.command": "/tmp/hostile"}' });
  const log = path.join(scratch.folder, 'messages.jsonl');
  const statusFile = path.join(scratch.folder, 'status.json');
  fs.writeFileSync(statusFile, '{}');
  const settings = { 'penchant.command': FIXTURE };
  const vs = await launch({ workspace: workspace.folder, vsix, settings, env: { PENCHANT_FIXTURE_LOG: log, PENCHANT_FIXTURE_STATUS: statusFile } });
  const got = (method, fits = () => true) => received(log).filter(message => message.method === method && fits(message.params));
  const awaits = (method, fits) => until(() => got(method, fits).at(-1), () => `${method} to reach the server`, 10_000);
  try {
    await suggestions(vs, got, awaits);
    await consent(vs, awaits);
    await partialAndDismissal(vs, got, awaits);
    await feedback(vs, { got, awaits, statusFile, shot });
    await statusAndMenu(vs, awaits, statusFile);
    await restarts(vs, got);
    await quiet(vs);
    await darkTheme(vs, { statusFile, shot });
  } catch (error) {
    await keepEvidence(vs, 'extension');
    throw error;
  } finally {
    await vs.close();
    workspace.remove();
    scratch.remove();
  }
}

async function suggestions(vs, got, awaits) {
  await step('the server starts and the status bar says that the base model answers', async () => {
    await vs.waitForStatus(/Penchant: base/);
    const { params } = await awaits('initialize');
    assert.deepEqual(params.initializationOptions, { client: 'vscode', workspaceTrusted: true, settings: { enabled: true, languages: {} } });
    assert.ok(params.capabilities.textDocument.inlineCompletion, 'the client declares inline completion');
    assert.deepEqual(await vs.notifications(), [], 'nothing is asked at start-up');
  });
  await step('ghost text of several lines appears and is reported as shown', async () => {
    await vs.openFile('shop.py');
    await vs.goto(1);
    await vs.type('def add(');
    // The bracket that VS Code closed stays in view as text of the file.
    assert.match(await vs.waitForGhostText(), /^a, b:\n {4}return a \+ b$/);
    const { params } = await awaits('textDocument/didShowCompletion');
    assert.equal(params.item.insertText, 'a, b):\n    return a + b');
    assert.match(params.item.command.arguments[0], /^c\d+$/);
    assert.equal(params.item.command.arguments[1], 0);
    assert.deepEqual(params.item.range.start, { line: 0, character: 8 });
  });
  await step('Tab accepts, and the item reports its own acceptance', async () => {
    await shot(vs, 'ghost-text');
    await vs.acceptAll();
    await vs.waitForText('return a + b');
    const shown = got('textDocument/didShowCompletion').at(-1).params.item.command.arguments;
    const { params } = await awaits('workspace/executeCommand', ({ command }) => command.startsWith('penchant.accepted.'));
    assert.deepEqual(params.arguments, shown);
    assert.match(await vs.savedText('shop.py'), /^def add\(a, b\):\n {4}return a \+ b\n/);
  });
  await step('undo and redo are told with their versions', async () => {
    await vs.press('Control+Z');
    const undo = await awaits('penchant/didChangeReason', ({ reason }) => reason === 'undo');
    const change = await awaits('textDocument/didChange', ({ textDocument }) => textDocument.version === undo.params.textDocument.version);
    assert.equal(change.params.textDocument.uri, undo.params.textDocument.uri);
    await vs.press('Control+Shift+Z');
    await awaits('penchant/didChangeReason', ({ reason }) => reason === 'redo');
  });
}

async function consent(vs, awaits) {
  await step('the question of consent comes after the first suggestion, not as a dialog', async () => {
    await vs.waitForNotification(/Nothing is stored until you say yes/);
    assert.equal(await vs.dialogOpen(), false);
    await shot(vs, 'consent-question');
  });
  await step('the sample opens as a page that cannot be changed, and the question stays', async () => {
    await vs.clickNotification('Show what would be stored');
    await vs.waitForText('What Penchant would store');
    await vs.waitForNotification(/Nothing is stored until you say yes/);
    await shot(vs, 'consent-sample');
  });
  await step('yes means on this machine only', async () => {
    await vs.clickNotification('Yes, on this machine only');
    const { params } = await awaits('workspace/executeCommand', ({ arguments: [given] }) => given?.action === 'set');
    assert.deepEqual(params.arguments, [{ action: 'set', level: 'local' }]);
    await until(async () => (await vs.notifications()).length === 0, 'the question to go', 5000);
  });
}

async function partialAndDismissal(vs, got, awaits) {
  await step('Ctrl+Right takes a word and tells how much', async () => {
    await vs.openFile('prices.py');
    await vs.goto(1);
    await vs.type('total = ');
    await vs.waitForGhostText(15_000, /^sum\(prices\) \+ shipping$/);
    await vs.acceptNextWord();
    await vs.waitForText('total = sum');
    const { params } = await awaits('textDocument/didPartiallyAcceptCompletion');
    assert.equal(params.item.insertText, 'sum(prices) + shipping');
    assert.equal(params.acceptedLength, (await vs.text()).split('\n')[0].length - 'total = '.length);
    await shot(vs, 'partial');
  });
  await step('Escape hides the suggestion and tells which', async () => {
    await vs.goto(2);
    await vs.press('Control+End');
    await vs.press('Enter');
    await vs.type('total = ');
    await vs.waitForGhostText();
    await vs.dismiss();
    await vs.waitForNoGhostText();
    const { params } = await awaits('penchant/didDismissCompletion');
    assert.deepEqual(params.item.command.arguments, got('textDocument/didShowCompletion').at(-1).params.item.command.arguments);
  });
}

async function statusAndMenu(vs, awaits, statusFile) {
  await step('a new adapter is in the status bar as soon as the server says so', async () => {
    fs.writeFileSync(statusFile, JSON.stringify({ adapter: 'dev/alice', version: 'v0003', training: { phase: 'dpo', progress: 0.4 } }));
    const item = await vs.waitForStatus(/Penchant: dev\/alice v0003/);
    assert.match(item.label, /Penchant: dev\/alice v0003/);
    const tooltip = await vs.statusTooltip('Penchant');
    for (const part of [/Gateway: answers/, /Adapter: dev\/alice v0003/, /Consent: local/, /Training: dpo, 40 %/]) assert.match(tooltip, part);
    await shot(vs, 'status');
  });
  await step('the menu pauses and resumes', async () => {
    await vs.clickStatus('Penchant');
    await vs.page.locator('.quick-input-widget').waitFor({ state: 'visible' });
    await shot(vs, 'menu');
    await vs.takeRow(row => row.label.includes('Pause suggestions'));
    await vs.waitForStatus(/Penchant: paused/);
    await vs.clickStatus('Penchant');
    await vs.takeRow(row => row.label.includes('Resume suggestions'));
    await vs.waitForStatus(/Penchant: dev\/alice/);
  });
  await step('the last suggestion can be rated, with a reason', async () => {
    await vs.clickStatus('Penchant');
    await vs.takeRow(row => row.label.includes('was bad, because'));
    await vs.answer('what was bad?', 'too long');
    const { params } = await awaits('workspace/executeCommand', ({ command, arguments: [given] }) => command.startsWith('penchant.rate.') && given.reason === 'too long');
    assert.equal(params.arguments[0].rating, 'down');
    await vs.waitForStatus(/Marked as bad/);
  });
  await step('consent can be changed from the menu', async () => {
    await vs.runCommand('Penchant: Choose What Is Recorded');
    await until(async () => (await vs.rows()).some(row => row.detail === 'current'), 'the levels');
    await shot(vs, 'consent-levels');
    await vs.takeRow(row => row.label.endsWith('off'));
    await awaits('workspace/executeCommand', ({ arguments: [given] }) => given?.action === 'set' && given.level === 'off');
  });
}

async function restarts(vs, got) {
  await step('a server that dies is started again without a message, and suggests again', async () => {
    await vs.openFile('prices.py');
    await vs.press('Control+End');
    await vs.press('Enter');
    await vs.type('# die');
    await until(() => got('initialize').length === 2, 'a second start of the server', 20_000);
    await vs.waitForStatus(/Penchant: base/);
    await vs.press('Enter');
    await vs.press('Home');
    await vs.type('total = ');
    await vs.waitForGhostText(15_000, /sum\(prices\)/);
  });
}

async function quiet(vs) {
  await step('no dialog, no message, and no code in the output', async () => {
    assert.equal(await vs.dialogOpen(), false);
    assert.deepEqual(await vs.notifications(), []);
    const output = vs.outputChannel('Penchant');
    assert.match(output, /Starting .*fixture\/penchant \(setting penchant\.command\), version 0\.0\.0-fixture/);
    assert.doesNotMatch(output, /def add|total =|sum\(prices\)|hostile/);
  });
}

async function withoutServer(vsix) {
  const workspace = temporaryFolder({ 'shop.py': '\n' });
  const vs = await launch({ workspace: workspace.folder, vsix, env: { PATH: '/usr/bin:/bin' } });
  try {
    await step('a missing server is a warning in the status bar, and nothing else', async () => {
      const item = await vs.waitForStatus(/Penchant: server not found/);
      assert.equal(item.warning, true);
      assert.deepEqual(await vs.notifications(), []);
      assert.equal(await vs.dialogOpen(), false);
      assert.match(await vs.statusTooltip('Penchant'), /pip install penchant/);
      await shot(vs, 'missing');
    });
    await step('the menu leads to the walkthrough', async () => {
      await vs.clickStatus('Penchant');
      await vs.takeRow(row => row.label.includes('How to mend this'));
      await vs.page.getByText('Install the language server').first().waitFor({ state: 'visible' });
      await vs.page.getByText('pip install penchant').first().waitFor({ state: 'visible' });
      await shot(vs, 'walkthrough');
      assert.match(vs.outputChannel('Penchant'), /penchant is not on the PATH/);
    });
  } catch (error) {
    await keepEvidence(vs, 'missing');
    throw error;
  } finally {
    await vs.close();
    workspace.remove();
  }
}

async function untrusted(vsix) {
  const scratch = temporaryFolder();
  const workspace = temporaryFolder({ 'prices.py': '\n' });
  const log = path.join(scratch.folder, 'messages.jsonl');
  const mute = path.join(scratch.folder, 'mute');
  const settings = { 'penchant.command': FIXTURE, 'security.workspace.trust.startupPrompt': 'never', 'penchant.reportKeys': false };
  const vs = await launch({ workspace: workspace.folder, vsix, settings, trust: true, env: { PENCHANT_FIXTURE_LOG: log, PENCHANT_FIXTURE_MUTE: mute } });
  const got = method => received(log).filter(message => message.method === method);
  try {
    await step('a server that never gets ready is ended by a restart, and another one serves', async () => {
      await vs.waitForStatus(/Penchant: starting/);
      await until(() => fs.existsSync(mute), 'a first server', 20_000);
      await vs.runCommand('Penchant: Restart the Language Server');
      await vs.waitForStatus(/Penchant: base/);
      const pid = fs.readFileSync(mute, 'utf8');
      await until(() => !fs.existsSync(`/proc/${pid}`), 'the first server to be gone', 10_000);
    });
    await step('an untrusted folder gets suggestions but no question', async () => {
      await vs.waitForStatus(/Penchant: base/);
      assert.equal(got('initialize')[0].params.initializationOptions.workspaceTrusted, false);
      await vs.openFile('prices.py');
      await vs.goto(1);
      await vs.type('total = ');
      await vs.waitForGhostText(15_000, /sum\(prices\)/);
      assert.match(await vs.statusTooltip('Penchant'), /not trusted, nothing is recorded/);
      assert.deepEqual(await vs.notifications(), []);
      await shot(vs, 'untrusted');
    });
    await step('with penchant.reportKeys off Escape hides and nothing is reported', async () => {
      await vs.dismiss();
      await vs.waitForNoGhostText();
      assert.deepEqual(got('penchant/didDismissCompletion'), []);
    });
    await step('once the folder is trusted the server is told, and the question may come', async () => {
      await vs.runCommand('Workspaces: Manage Workspace Trust');
      await vs.page.locator('.workspace-trust-editor').getByRole('button', { name: 'Trust', exact: true }).click();
      await until(() => got('initialize').at(-1).params.initializationOptions.workspaceTrusted === true, 'a server that knows of the trust', 15_000);
      await vs.waitForStatus(/Penchant: base/);
      await vs.openFile('prices.py');
      await vs.press('Control+End');
      await vs.press('Enter');
      await vs.type('total = ');
      await vs.waitForGhostText();
      await vs.waitForNotification(/Nothing is stored until you say yes/);
    });
  } catch (error) {
    await keepEvidence(vs, 'untrusted');
    throw error;
  } finally {
    await vs.close();
    workspace.remove();
    scratch.remove();
  }
}

const vsix = packExtension();
await withServer(vsix);
await untrusted(vsix);
await withoutServer(vsix);
console.log(`All well. Pictures are in ${artefacts}`);
