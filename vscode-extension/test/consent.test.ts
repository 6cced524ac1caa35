import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { levelChoices, mayAsk, samplePage, TEXT, type Moment } from '../src/consent';
import { parseStatus } from '../src/contract';

const moment = (news: Partial<Moment> = {}, status: object = {}): Moment => ({
  trusted: true, status: parseStatus({ consentAsked: false, ...status }), offered: true, askedSinceStart: false, ...news,
});

test('the question comes once there was something to see', () => {
  assert.equal(mayAsk(moment()), true);
  assert.equal(mayAsk(moment({ offered: false })), false);
  assert.equal(mayAsk(moment({ offered: false }, { shown: 1 })), true);
  assert.equal(mayAsk(moment({ offered: false }, { accepted: 1 })), true);
});

test('nobody is asked in an untrusted folder, twice since the start, or again after an answer', () => {
  assert.equal(mayAsk(moment({ trusted: false })), false);
  assert.equal(mayAsk(moment({ askedSinceStart: true })), false);
  assert.equal(mayAsk(moment({}, { consentAsked: true })), false);
});

test('nobody is asked before the server has said how things stand', () => {
  assert.equal(mayAsk(moment({ status: undefined })), false);
  assert.equal(mayAsk(moment({ status: parseStatus({}) })), false);
});

test('all four levels can be chosen, and the current one is marked', () => {
  const choices = levelChoices('personal');
  assert.deepEqual(choices.map(choice => choice.level), ['off', 'local', 'personal', 'team']);
  assert.deepEqual(choices.filter(choice => choice.description === 'current').map(choice => choice.level), ['personal']);
});

test('the page shows the sample and the version of the text', () => {
  const page = samplePage({ level: 'off', asked: false, workspace: 'w', textVersion: '2024-1', sample: { kind: 'accepted' } });
  assert.match(page, /"kind": "accepted"/);
  assert.match(page, /2024-1/);
  assert.match(page, /workspace now: off/);
});

const core = path.resolve(__dirname, '../../../core/penchant_core/consent.py');

test('what is agreed to is what the record says was agreed to', { skip: !existsSync(core) && 'the rest of the repository is not here' }, () => {
  const source = readFileSync(core, 'utf8');
  for (const [level, words] of Object.entries(TEXT)) assert.ok(source.includes(`"${level}": "${words}"`), level);
});
