import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cycle } from '../src/cycling';
import type { Offer } from '../src/offer';

const offer = (completionId: string, ...texts: string[]): Offer => ({
  uri: 'file:///a.py',
  explicit: true,
  items: texts.map((insertText, index) => ({ insertText, start: { line: 0, character: 4 }, end: { line: 0, character: 4 }, ref: { completionId, index } })),
});

test('the first of an offer is in view', () => {
  const cycle = new Cycle();
  assert.equal(cycle.inView, undefined);
  assert.equal(cycle.offered(offer('c1', 'a', 'b'), false)?.insertText, 'a');
});

test('the first press asks for candidates and moves once they are there', () => {
  const cycle = new Cycle();
  cycle.offered(offer('c1', 'a'), false);
  assert.equal(cycle.moved(1, false), undefined);
  assert.equal(cycle.offered(offer('c1', 'a', 'b', 'c'), true)?.insertText, 'b');
  assert.equal(cycle.moved(1, true)?.insertText, 'c');
  assert.equal(cycle.moved(1, true)?.insertText, 'a');
  assert.equal(cycle.moved(-1, true)?.insertText, 'c');
});

test('presses while candidates are on their way all count', () => {
  const cycle = new Cycle();
  cycle.offered(offer('c1', 'a'), false);
  cycle.moved(1, false);
  cycle.moved(1, false);
  assert.equal(cycle.offered(offer('c1', 'a', 'b', 'c'), true)?.insertText, 'c');
});

test('a candidate that a newer offer still holds stays in view', () => {
  const cycle = new Cycle();
  cycle.offered(offer('c1', 'a', 'b'), true);
  cycle.moved(1, true);
  assert.equal(cycle.offered(offer('c1', 'z', 'b'), false)?.insertText, 'b');
  assert.equal(cycle.offered(offer('c1', 'z', 'a'), false)?.insertText, 'z');
});

test('only what was in view counts as seen, and only of the same completion', () => {
  const cycle = new Cycle();
  cycle.offered(offer('c1', 'a', 'b', 'c'), true);
  assert.deepEqual(cycle.othersSeen({ completionId: 'c1', index: 0 }), []);
  cycle.moved(1, true);
  assert.deepEqual(cycle.othersSeen({ completionId: 'c1', index: 1 }), [0]);
  cycle.moved(1, true);
  assert.deepEqual(cycle.othersSeen({ completionId: 'c1', index: 2 }), [0, 1]);
  assert.deepEqual(cycle.othersSeen({ completionId: 'c2', index: 0 }), []);
  cycle.offered(offer('c2', 'x', 'y'), true);
  assert.deepEqual(cycle.othersSeen({ completionId: 'c2', index: 0 }), []);
  assert.deepEqual(cycle.othersSeen({ completionId: 'c1', index: 0 }), []);
});

test('what stays in view while more candidates come was seen, whatever it is called now', () => {
  const cycle = new Cycle();
  cycle.offered(offer('c1', 'a'), false);
  cycle.moved(1, false);
  assert.equal(cycle.offered(offer('c2', 'a', 'b', 'c'), true)?.insertText, 'b');
  assert.deepEqual(cycle.othersSeen({ completionId: 'c2', index: 1 }), [0]);
});

test('an empty answer ends it, and forgets presses that were waiting', () => {
  const cycle = new Cycle();
  cycle.offered(offer('c1', 'a'), false);
  cycle.moved(1, false);
  assert.equal(cycle.offered(undefined, true), undefined);
  assert.equal(cycle.offered(offer('c2', 'a', 'b'), true)?.insertText, 'a');
});
