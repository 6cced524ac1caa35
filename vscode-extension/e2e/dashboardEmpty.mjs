// The dashboard in a real browser at a gateway on its first day: PENCHANT_DASHBOARD is its address.
// Leaves a picture in $PENCHANT_ARTEFACTS or e2e/artefacts. Ends with 1 at the first thing that is wrong.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { visitor } from './harness/browser.mjs';
import { artefacts, step } from './stage.mjs';

const { visit, end } = await visitor(process.env.PENCHANT_DASHBOARD);
try {
  await step('on the first day the page says what to do next', () => visit({ viewport: { width: 900, height: 900 }, colorScheme: 'light' }, async page => {
  await page.getByText('The base model answers').waitFor();
  const text = await page.textContent('main');
  for (const words of ['Nothing yet.', 'Choose what may be recorded first', 'penchant bootstrap', 'No training run yet', 'Nothing is stored on this machine', 'No workspace was decided about yet']) assert.ok(text.includes(words), words);
  assert.equal(await page.getByRole('heading', { name: 'Before and after' }).isVisible(), false);
  fs.mkdirSync(artefacts, { recursive: true });
  await page.screenshot({ path: path.join(artefacts, 'dashboard-empty.png'), fullPage: true });
}));
} finally {
  await end();
}
