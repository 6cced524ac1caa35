import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectiveSettings, type Layers } from '../src/settings';

const layers = (byUser?: unknown, byWorkspace?: unknown): Layers<unknown> => ({ byUser, byWorkspace });
const read = (enabled: Layers<unknown>, languages: Layers<unknown> = layers(), debounceMs: unknown = null) =>
  effectiveSettings({ enabled, languages, debounceMs });

test('nothing set means on, for every language, with the server choosing the debounce', () => {
  assert.deepEqual(read(layers()), { enabled: true, languages: {} });
});

test('a workspace can switch suggestions off', () => {
  assert.equal(read(layers(true, false)).enabled, false);
});

test('a workspace cannot switch on what its user switched off', () => {
  assert.equal(read(layers(false, true)).enabled, false);
});

test('a workspace can switch a language off but not on', () => {
  const { languages } = read(layers(), layers({ python: false, go: true }, { python: true, go: false, rust: true }));
  assert.deepEqual(languages, { python: false, go: false });
});

test('rubbish in a hand-edited settings file is left out', () => {
  assert.deepEqual(read(layers(), layers({ python: 'no', go: false }, ['x'])).languages, { go: false });
  assert.deepEqual(read(layers(), layers(null, 7)).languages, {});
});

test('a debounce goes through only as a number of milliseconds', () => {
  assert.equal(read(layers(), layers(), 0).debounceMs, 0);
  assert.equal('debounceMs' in read(layers(), layers(), -1), false);
  assert.equal('debounceMs' in read(layers(), layers(), '50'), false);
});
