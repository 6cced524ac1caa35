import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../src/backoff';

test('pauses double from one second to one minute', () => {
  const backoff = new Backoff();
  const delays = Array.from({ length: 8 }, () => backoff.failed(0));
  assert.deepEqual(delays, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
});

test('a server that lived for a minute starts over', () => {
  const backoff = new Backoff();
  backoff.failed(0);
  backoff.failed(0);
  backoff.started(10_000);
  assert.equal(backoff.failed(70_000), 1000);
});

test('a server that dies at once after each start keeps the pauses growing', () => {
  const backoff = new Backoff();
  backoff.failed(0);
  backoff.started(1_000);
  assert.equal(backoff.failed(2_000), 2000);
});

test('a failed start long after the last good one is not taken for a long life', () => {
  const backoff = new Backoff();
  backoff.started(0);
  backoff.failed(1_000);
  assert.equal(backoff.failed(100_000), 2000);
});

test('reset forgets', () => {
  const backoff = new Backoff();
  backoff.failed(0);
  backoff.failed(0);
  backoff.reset();
  assert.equal(backoff.failed(0), 1000);
});
