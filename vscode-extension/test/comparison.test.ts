import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messagePage, parseReply, questionPage } from '../src/comparison';
import { parseQuestion, parseStatus, type Question } from '../src/contract';

const NONCE = 'n0nce';
const question = (news: Partial<Question> = {}): Question => ({
  completionId: 'c1', path: 'a.py', language: 'python', before: 'def f():\n    ', after: '\n',
  candidates: [{ index: 2, text: 'return 1' }, { index: 0, text: 'yield 2' }], ...news,
});

test('code is text, never markup', () => {
  const evil = '</pre><script>alert(1)</script><img src=x onerror="x">';
  const page = questionPage(question({ path: evil, before: evil, after: evil, language: evil, candidates: [{ index: 0, text: evil }, { index: 1, text: `'"&` }] }), NONCE);
  assert.doesNotMatch(page, /alert\(1\)<\/script>|<img/);
  assert.match(page, /&#60;img src=x onerror=&#34;x&#34;&#62;/);
  assert.match(page, /&#39;&#34;&#38;/);
});

test('the line of the cursor stands in both candidates', () => {
  const page = questionPage(question({ before: 'a\nb = f(', after: ')\nc', candidates: [{ index: 0, text: 'x' }, { index: 1, text: 'y' }] }), NONCE);
  assert.match(page, /Code before">a<\/pre>/);
  for (const text of ['x', 'y']) assert.ok(page.includes(`<i>b = f(</i>${text}<i>)</i>`), text);
  assert.match(page, /Code after">c<\/pre>/);
  assert.match(questionPage(question({ before: 'b = ', after: '' }), NONCE), /Code before"><\/pre>[^]*<i>b = <\/i>return 1<i><\/i>[^]*Code after"><\/pre>/);
});

test('nothing is loaded, and script and style run by the nonce only', () => {
  for (const page of [questionPage(question(), NONCE), messagePage('Thank you.', NONCE, true)]) {
    assert.match(page, /content="default-src 'none'; style-src 'nonce-n0nce'; script-src 'nonce-n0nce'"/);
    assert.equal(page.match(/<(script|style)\b/g)?.length, 2);
    assert.equal(page.match(/<(script|style) nonce="n0nce">/g)?.length, 2);
    assert.doesNotMatch(page, /\son\w+=|\sstyle=|https?:|src=/);
  }
});

test('every control has a name, and colours are the theme’s', () => {
  const page = questionPage(question(), NONCE);
  for (const name of ['Prefer candidate 1', 'Prefer candidate 2', 'Candidate 1', 'Candidate 2']) assert.ok(page.includes(`aria-label="${name}"`), name);
  for (const words of ['Skip', "Don't ask again"]) assert.ok(page.includes(`>${words}</button>`), words);
  assert.doesNotMatch(page, /#[0-9a-f]{3,6}\b(?!;)|rgb\(/i);
});

test('what the page says is checked', () => {
  assert.deepEqual(parseReply({ kind: 'prefer', choice: 1 }), { kind: 'prefer', choice: 1 });
  assert.deepEqual(parseReply({ kind: 'skip', more: 1 }), { kind: 'skip' });
  for (const wrong of [undefined, null, 3, 'skip', {}, { kind: 'prefer' }, { kind: 'prefer', choice: 2 }, { kind: 'erase' }]) assert.equal(parseReply(wrong), undefined);
});

test('a question is read from the wire, or not at all', () => {
  assert.deepEqual(parseQuestion({ question: question() }), question());
  const [one] = question().candidates;
  for (const wrong of [undefined, {}, { question: null }, { question: { ...question(), completionId: '' } }, { question: { ...question(), candidates: [one] } },
    { question: { ...question(), candidates: [one, one, one] } }, { question: { ...question(), candidates: [one, { index: '0', text: '' }] } }]) {
    assert.equal(parseQuestion(wrong), undefined);
  }
});

test('an older server asks nothing', () => {
  assert.equal(parseStatus({})?.question, false);
  assert.equal(parseStatus({ question: true })?.question, true);
});
