// The dashboard in a real browser, at a gateway with a month behind it: PENCHANT_DASHBOARD is its address and
// PENCHANT_PROGRESS the file in which a trainer tells how far it is. v0002 is live, v0001 was before it.
// Leaves pictures in $PENCHANT_ARTEFACTS or e2e/artefacts. Ends with 1 at the first thing that is wrong.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { visitor } from './harness/browser.mjs';
import { until } from './harness/processes.mjs';
import { artefacts, step } from './stage.mjs';

const url = process.env.PENCHANT_DASHBOARD, progress = process.env.PENCHANT_PROGRESS;
assert.ok(url && progress, 'PENCHANT_DASHBOARD and PENCHANT_PROGRESS are set');
const { visit, end } = await visitor(url);
const WIDE = { viewport: { width: 1280, height: 900 } };
const NARROW = { viewport: { width: 300, height: 800 } };

async function shot(page, name) {
  fs.mkdirSync(artefacts, { recursive: true });
  await page.screenshot({ path: path.join(artefacts, `dashboard-${name}.png`), fullPage: true, animations: 'disabled' });
}

const headline = page => page.textContent('.headline');
const says = (page, words) => until(async () => (await headline(page))?.includes(words), async () => `${words}, it says ${await headline(page)}`, 30_000);
const focused = page => page.evaluate(() => document.activeElement?.getAttribute('data-key') ?? document.activeElement?.tagName);
const scrolledAside = page => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);

function train(share) {
  fs.writeFileSync(progress, JSON.stringify({ phase: 'train_dpo', progress: share, at: Date.now() / 1000, run: 'r' }));
}

/** Presses Tab until the focus is on `key`; fails when it never gets there. */
async function tabTo(page, key) {
  const seen = [];
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    seen.push(await focused(page));
    if (seen.at(-1) === key) return;
  }
  throw new Error(`Tab never reached ${key}: ${seen.join(', ')}`);
}

try {
  await step('it says who answers, what was kept, and what was learned', () => visit({ ...WIDE, colorScheme: 'light' }, async page => {
    await says(page, 'dev/ada v0002 answers');
    const text = await page.textContent('main');
    for (const words of ['Suggestions shown', 'Characters kept per suggestion', 'Keystrokes saved', 'double quotes: 41 % → 96 %', 'refused by the gate', '8c1f0a52', 'penchant signals erase --all']) {
      assert.ok(text.includes(words), words);
    }
    assert.doesNotMatch(await page.content(), /canary/);
    const month = Number((await page.textContent('.figures tbody tr:first-child td:last-child')).replace(',', ''));
    assert.ok(month > 100, `${month} shown`);
    assert.equal(await page.locator('.chart .bar').count(), 30);
    assert.equal(await page.getByRole('img', { name: /Suggestions by day/ }).count(), 1);
    const headings = await page.$$eval('h1, h2', all => all.map(each => each.textContent));
    assert.deepEqual(headings, ['Penchant', 'Suggestions', 'Versions', 'Before and after', 'Training', 'Privacy']);
    assert.equal(await scrolledAside(page), false);
    await shot(page, 'light');
  }));

  await step('dark where the system is dark', () => visit({ ...WIDE, colorScheme: 'dark' }, async page => {
    await says(page, 'answers');
    const [ground, ink] = await page.$eval('body', body => [getComputedStyle(body).backgroundColor, getComputedStyle(body).color].map(each => each.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0)));
    assert.ok(ground < 150 && ink > 600, `letters ${ink} on ${ground}`);
    await shot(page, 'dark');
  }));

  await step('300 pixels are enough', () => visit({ ...NARROW, colorScheme: 'light' }, async page => {
    await says(page, 'answers');
    assert.equal(await scrolledAside(page), false);
    await page.click('[data-key="fold/dev/ada/v0001"]');
    assert.equal(await scrolledAside(page), false);
    await shot(page, 'narrow');
  }));

  await step('every button can be reached and pressed by keyboard, and the focus stays', () => visit({ ...WIDE, colorScheme: 'light' }, async page => {
    await says(page, 'v0002 answers');
    await tabTo(page, 'metric-suggestions');
    await page.keyboard.press('ArrowRight');
    assert.equal(await focused(page), 'metric-kept');
    assert.match(await page.textContent('figcaption'), /Characters kept per suggestion/);
    const outline = await page.$eval('input:focus-visible + span', each => getComputedStyle(each).outlineStyle);
    assert.equal(outline, 'solid', 'the focus can be seen');
    await tabTo(page, 'chart-table');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('figure table tr').count(), 30);
    const back = 'dev/ada/v0002/rollback';
    await tabTo(page, back);
    await page.keyboard.press('Enter');
    assert.equal(await focused(page), `${back}/yes`, 'it asks first');
    await page.keyboard.press('Escape');
    assert.equal(await focused(page), back);
    assert.equal(await headline(page), 'dev/ada v0002 answers', 'nothing was done');
  }));

  await step('going back and using a version again', () => visit({ ...WIDE, colorScheme: 'light' }, async page => {
    await says(page, 'v0002 answers');
    await page.getByRole('button', { name: 'Go back to v0001' }).focus();
    await page.keyboard.press('Enter');
    await shot(page, 'asking');
    await page.keyboard.press('Enter');
    await says(page, 'v0001 answers');
    assert.match(await page.textContent('.card:has(.badge.live)'), /v0001/);
    await page.click('[data-key="fold/dev/ada/v0002"]');
    await page.getByRole('button', { name: 'Use this version' }).click();
    await page.getByRole('button', { name: 'Use v0002' }).click();
    await says(page, 'v0002 answers');
    await until(async () => /Done/.test(await page.textContent('[role=status]')), 'to be told', 5000);
  }));

  await step('before and after are written when asked for', () => visit({ ...WIDE, colorScheme: 'light' }, async page => {
    await says(page, 'v0002 answers');
    await page.getByRole('button', { name: 'Write them now' }).click();
    await page.waitForSelector('.sample', { timeout: 60_000 });
    const written = await page.$$eval('.sample', all => all.map(each => [...each.querySelectorAll('mark')].map(mark => mark.textContent)));
    assert.equal(written.length, 4);
    assert.ok(written.every(pair => pair.length === 2) && written.some(([before, after]) => before !== after), 'another model writes something else');
    await shot(page, 'samples');
  }));

  await step('a training is shown, said by tenths, and over when it is over', () => visit({ ...WIDE, colorScheme: 'light' }, async page => {
    await says(page, 'answers');
    train(0.62);
    const bar = page.getByRole('progressbar', { name: 'Training' });
    await bar.waitFor();
    assert.equal(await bar.evaluate(each => each.value), 0.62);
    await until(async () => /about 60 %/.test(await page.textContent('[role=status]')), 'to be told', 5000);
    await shot(page, 'training');
    fs.unlinkSync(progress);
    await bar.waitFor({ state: 'detached' });
  }));

  await step('a gateway that goes away is said, and what was known stays', () => visit({ ...WIDE, colorScheme: 'light' }, async (page, complaints) => {
    await says(page, 'answers');
    await page.route('**/v1/dashboard', route => route.abort());
    const alert = page.getByRole('alert');
    await alert.waitFor();
    assert.match(await alert.textContent(), /penchant up/);
    assert.match(await headline(page), /v0002/);
    await shot(page, 'gateway-gone');
    await page.unroute('**/v1/dashboard');
    await alert.waitFor({ state: 'hidden' });
    complaints.splice(0, complaints.length, ...complaints.filter(each => !/ERR_FAILED/.test(each))); // the aborted asks
  }));
  console.log(`All well. Pictures are in ${artefacts}`);
} finally {
  await end();
}
