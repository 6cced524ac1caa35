// The side view in a real VS Code with the real language server, at a gateway with a month behind it:
// PENCHANT_HOME and PENCHANT_GATEWAY__URL say which. v0002 is live, v0001 was before it.
// Leaves pictures in $PENCHANT_ARTEFACTS or e2e/artefacts. Ends with 1 at the first thing that is wrong.
import assert from 'node:assert/strict';
import path from 'node:path';
import { launch } from './harness/launch.mjs';
import { until } from './harness/processes.mjs';
import { artefacts, keepEvidence, packExtension, step, temporaryFolder } from './stage.mjs';

const command = process.env.PENCHANT_COMMAND;
assert.ok(command && path.isAbsolute(command), 'PENCHANT_COMMAND is the absolute path of penchant');
const workspace = temporaryFolder({ 'prices.py': 'prices = []\n' });
const env = {
  PENCHANT_HOME: process.env.PENCHANT_HOME, PENCHANT_GATEWAY__URL: process.env.PENCHANT_GATEWAY__URL,
  PENCHANT_DEVELOPER__NAME: 'ada', PYTHONPATH: process.env.PYTHONPATH ?? '',
};
const settings = { 'penchant.command': command, 'workbench.colorTheme': 'Default Dark Modern', 'workbench.sideBar.location': 'left' };
const shot = (vs, name) => vs.screenshot(path.join(artefacts, `side-view-${name}.png`));
const says = (frame, words) => until(async () => (await frame.textContent('.headline')).includes(words), async () => `${words} in ${await frame.textContent('.headline')}`, 40_000);

const vs = await launch({ workspace: workspace.folder, vsix: packExtension(), settings, env });
try {
  await vs.waitForStatus(/Penchant: dev\/ada v0002/, 60_000);
  await step('nothing of the view is loaded before it is looked at', async () => {
    assert.equal((await vs.page.$$('iframe.webview')).length, 0);
  });
  const frame = await step('a command opens the side view, in the colours of the theme', async () => {
    await vs.runCommand('Penchant: Show Side View');
    const found = await vs.webview('#versions .card', 60_000);
    await says(found, 'dev/ada v0002 answers');
    const text = await found.textContent('main');
    for (const words of ['Keystrokes saved', 'double quotes: 41 % → 96 %', 'refused by the gate', 'Choose what is recorded', 'off. Nothing is recorded.']) assert.ok(text.includes(words), words);
    const [ink, theme] = await found.evaluate(() => [getComputedStyle(document.querySelector('.headline')).color, getComputedStyle(document.documentElement).getPropertyValue('--vscode-foreground')]);
    assert.ok(ink && theme, 'the theme gives the colours');
    assert.equal(await found.evaluate(() => document.documentElement.scrollWidth > window.innerWidth), false);
    await shot(vs, 'dark');
    return found;
  });
  await step('the page cannot reach the network', async () => {
    const reached = await frame.evaluate(address => fetch(address).then(() => true, () => false), `${env.PENCHANT_GATEWAY__URL}/v1/status`);
    assert.equal(reached, false);
  });
  await step('going back from the side view, by keyboard, reaches gateway and status bar', async () => {
    await frame.focus('[data-key="dev/ada/v0002/rollback"]');
    await vs.press('Enter');
    await frame.waitForSelector('[data-focus]:focus');
    await shot(vs, 'asking');
    await vs.press('Enter');
    await says(frame, 'dev/ada v0001 answers');
    await vs.waitForStatus(/Penchant: dev\/ada v0001/);
    await frame.click('[data-key="fold/dev/ada/v0002"]');
    await frame.click('[data-key="dev/ada/v0002/promote"]');
    await frame.click('[data-key="dev/ada/v0002/promote/yes"]');
    await says(frame, 'dev/ada v0002 answers');
  });
  await step('pausing is the same as everywhere else', async () => {
    await frame.click('[data-key="pause"]');
    await vs.waitForStatus(/Penchant: paused/);
    await until(async () => /Resume/.test(await frame.textContent('[data-key="pause"]')), 'the button to say resume', 10_000);
    await frame.click('[data-key="pause"]');
    await vs.waitForStatus(/Penchant: dev\/ada/);
  });
  await step('erasing opens a terminal and does nothing by itself', async () => {
    await frame.click('[data-key="erase"]');
    const terminal = vs.page.locator('.terminal-wrapper.active');
    await terminal.waitFor();
    await shot(vs, 'erase');
    assert.equal(await vs.dialogOpen(), false);
    assert.match(await frame.textContent('#privacy'), /\d+ signals on this machine/);
  });
  await step('a light theme is followed at once', async () => {
    const ground = () => frame.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await vs.runCommand('Preferences: Toggle between Light/Dark Themes');
    await until(async () => (await ground()) !== dark, 'another background', 15_000);
    await shot(vs, 'light');
  });
  console.log(`All well. Pictures are in ${artefacts}`);
} catch (error) {
  await keepEvidence(vs, 'side-view');
  throw error;
} finally {
  await vs.close();
  workspace.remove();
}
