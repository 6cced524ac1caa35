import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStatus, type Status } from '../src/contract';
import { badge, type Situation } from '../src/statusText';

const status = (news: Partial<Status> = {}): Status => ({ ...parseStatus({ gateway: 'ok', model: 'qwen' })!, ...news });
const situation = (news: Partial<Situation> = {}): Situation => ({
  phase: { kind: 'running', serverVersion: '1' }, status: status(), enabled: true, trusted: true, ...news,
});
const textOf = (news: Partial<Status>): string => badge(situation({ status: status(news) })).text;

test('the adapter that answers is named with its version', () => {
  assert.equal(textOf({ adapter: 'dev/alice', version: 'v0003' }), '$(sparkle) Penchant: dev/alice v0003');
  assert.equal(textOf({}), '$(sparkle) Penchant: base');
});

test('paused and gateway off are said plainly, paused first', () => {
  assert.match(textOf({ paused: true, gateway: 'down' }), /paused$/);
  assert.match(textOf({ gateway: 'down' }), /gateway off$/);
  assert.equal(badge(situation({ status: status({ gateway: 'down' }) })).warning, false);
});

test('only a missing server is a warning', () => {
  const phases: Situation['phase'][] = [{ kind: 'starting' }, { kind: 'running', serverVersion: '1' }, { kind: 'waiting', delayMs: 2000 }];
  for (const phase of phases) assert.equal(badge(situation({ phase, status: undefined })).warning, false);
  const missing = badge(situation({ phase: { kind: 'missing' }, status: undefined }));
  assert.equal(missing.warning, true);
  assert.match(missing.tooltip, /pip install penchant/);
  assert.match(missing.tooltip, /command:penchant\.mend/);
});

test('switched off in the settings is not the same as paused', () => {
  assert.match(badge(situation({ enabled: false })).text, /: off$/);
});

test('progress of a training is in view', () => {
  assert.match(textOf({ training: { phase: 'train_dpo', progress: 0.414, waiting: null } }), /base \(training 41 %\)$/);
});

test('a run that waits says so, and why', () => {
  const tooltipOf = (training: Status['training']): string => badge(situation({ status: status({ training }) })).tooltip;
  const typing = { phase: 'train_kto', progress: 0.5, waiting: 'you are writing' };
  assert.match(textOf({ training: typing }), /\(training 50 %, waits\)$/);
  assert.match(tooltipOf(typing), /Training: learning what you kept and what you refused, 50 %; waiting: you are writing/);
  const due = { phase: 'due', progress: 0, waiting: 'GPU 0 is 93% in use' };
  assert.match(textOf({ training: due }), /\(training waits\)$/);
  assert.match(tooltipOf(due), /not begun, 0 %; waiting: GPU 0 is 93% in use/);
});

test('every phase of a run has its words, and an unknown one its name', () => {
  const tooltipOf = (phase: string): string => badge(situation({ status: status({ training: { phase, progress: 0, waiting: null } }) })).tooltip;
  for (const phase of ['collect', 'split', 'train_sft', 'train_dpo', 'train_kto', 'train_reward', 'train_grpo', 'train_ppo', 'evaluate', 'gate', 'publish']) {
    assert.doesNotMatch(tooltipOf(phase), new RegExp(`Training: ${phase.replace('_', '.*')},`));
  }
  assert.match(tooltipOf('toString'), /Training: toString, 0 %/);
});

test('the tooltip has health, adapter, consent, counts and the last error', () => {
  const { tooltip } = badge(situation({ status: status({ consent: 'local', shown: 7, accepted: 3, recorded: 2, dropped: 1, lastError: 'engine slow' }) }));
  for (const part of [/Gateway: answers/, /base model answers/, /Consent: local/, /7 shown, 3 accepted/, /2 recorded, 1 dropped/, /engine slow/]) {
    assert.match(tooltip, part);
  }
});

test('text from the server cannot become a link or other markup', () => {
  const { tooltip } = badge(situation({ status: status({ lastError: '[x](command:evil) **b** <i>', model: '`m`\n# y' }) }));
  assert.doesNotMatch(tooltip, /\[x\]\(/);
  assert.doesNotMatch(tooltip, /(?<!\\)<i/);
  assert.doesNotMatch(tooltip, /\n# y/);
});

test('the accessible name has no icon code', () => {
  assert.equal(badge(situation()).accessibleName, 'Penchant: base. Press to open the menu.');
});

test('a server that leaves fields out gets quiet defaults', () => {
  assert.equal(parseStatus(null), undefined);
  assert.equal(parseStatus('ok'), undefined);
  const bare = parseStatus({ gateway: 'sideways', consent: 'everything', shown: -1, accepted: 'many', training: { progress: 2 } });
  assert.deepEqual([bare?.gateway, bare?.consent, bare?.shown, bare?.accepted, bare?.training], ['unknown', 'off', 0, 0, null]);
  assert.equal(bare?.consentAsked, true);
  assert.equal(parseStatus({ training: { phase: 'sft', progress: 7 } })?.training?.progress, 1);
  assert.equal(parseStatus({ training: { phase: 'sft', waiting: 3 } })?.training?.waiting, null);
});
