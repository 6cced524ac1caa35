import assert from 'node:assert/strict';
import { test } from 'node:test';
import { itemInView, partialAcceptance, type Offer, type OfferedItem } from '../src/offer';

const item = (insertText: string, index = 0): OfferedItem => ({
  insertText, start: { line: 0, character: 4 }, end: { line: 0, character: 4 }, ref: { completionId: 'c1', index },
});
const offer = (...texts: string[]): Offer => ({ uri: 'file:///a.py', explicit: false, items: texts.map((text, index) => item(text, index)) });
const at = (text: string) => () => text;

test('the length counts from the start of the suggestion, in UTF-16 units', () => {
  assert.equal(partialAcceptance(offer('return a + b'), at(''), at('return'))?.acceptedLength, 6);
  assert.equal(partialAcceptance(offer('return a + b'), at('return'), at('return a'))?.acceptedLength, 8);
  assert.equal(partialAcceptance(offer('"🙂" + x'), at(''), at('"🙂"'))?.acceptedLength, 4);
});

test('taking the last word is left to the command of the item', () => {
  assert.equal(partialAcceptance(offer('return a'), at('return'), at('return a')), undefined);
});

test('nothing taken is nothing to report', () => {
  assert.equal(partialAcceptance(offer('return a'), at('ret'), at('ret')), undefined);
  assert.equal(partialAcceptance(undefined, at(''), at('x')), undefined);
  assert.equal(partialAcceptance(offer('return a'), at(''), at('else')), undefined);
});

test('the candidate whose text was taken is named, not the first', () => {
  assert.equal(partialAcceptance(offer('alpha beta', 'gamma delta'), at(''), at('gamma'))?.item.ref.index, 1);
});

test('line ends of the document do not matter', () => {
  assert.equal(partialAcceptance(offer('if x:\n    y()'), at('if x:'), at('if x:\r\n    y'))?.acceptedLength, 11);
});

test('a suggestion is in view while the typed text follows it', () => {
  const both = offer('alpha beta', 'gamma');
  assert.equal(itemInView(both, 'file:///a.py', at(''))?.ref.index, 0);
  assert.equal(itemInView(both, 'file:///a.py', at('gam'))?.ref.index, 1);
  assert.equal(itemInView(both, 'file:///a.py', at('delta')), undefined);
});

test('of two that fit, the one that was cycled to is in view', () => {
  const both = offer('alpha', 'alphabet');
  assert.equal(itemInView(both, 'file:///a.py', at('al'), both.items[1])?.ref.index, 1);
  assert.equal(itemInView(both, 'file:///a.py', at('alpha'), item('gone', 5))?.ref.index, 0);
  assert.equal(itemInView(offer('alpha', 'gamma'), 'file:///a.py', at('al'), both.items[1])?.ref.index, 0);
});

test('another document, or nothing offered, has no suggestion of ours', () => {
  assert.equal(itemInView(offer('alpha'), 'file:///b.py', at('')), undefined);
  assert.equal(itemInView(undefined, 'file:///a.py', at('')), undefined);
});

test('a cursor before the suggestion has left it', () => {
  assert.equal(itemInView(offer('alpha'), 'file:///a.py', at('\0')), undefined);
});
