import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDashboard, parseSamples, type Dashboard } from '../view/contract';
import { chart, figureRows, headline, nextStep, niceMost, notices, owners, runs, shortened, trainingSpoken, versionBars } from '../view/model';
import { counted, duration, method, percent, shareOf, shortDay } from '../view/words';

const version = (name: string, more = {}): object => ({ version: name, created_at: 1e9, method: 'sft+dpo', parent: null, signals: 107, data: { train: 80 }, before: { n: 62, similarity: 0.52 }, after: { n: 62, similarity: 0.87, retained_chars: 13.6, parses: 0.6, perplexity: 6.9 }, reasons: ['nearer'], sentences: ['double quotes: 41 % → 96 %; you: 97 %'], withdrawn: null, ...more });

function told(changes: { local?: object; live?: object | null; editor?: object; liveProblem?: string } = {}): Dashboard {
  const day = { shown: 4, accepted: 3, rejected: 1, retained_chars: 42, keystrokes_saved: 39 };
  const local = {
    at: 1e9, developer: 'ada', runs: [], rebuild: null,
    statistics: { today: day, month: { ...day, shown: 40, accepted: 20 }, days: [{ ...day, day: '2026-11-20' }, { day: '2026-11-21' }], versions: [{ name: 'base', shown: 10, accepted: 2, retained_chars: 50 }, { name: 'dev/ada/v0002', shown: 5, accepted: 4, retained_chars: 80 }], signals: 55, problem: null },
    consent: { words: { off: 'Nothing is recorded.' }, workspaces: [{ workspace: 'abc', level: 'local', at: 1, via: 'editor' }] },
    storage: { signal_log: '/x.db', exists: true, retention_days: 90 },
    ...changes.local,
  };
  const live = changes.live === null ? null : {
    engine: { kind: 'embedded', state: 'ready', reason: null }, base_model: 'tiny', serving: { adapter: 'dev/ada', version: 'v0002', fallback: null }, training: null,
    adapters: [{ owner: 'dev/ada', live: 'v0002', since: 1e9, why: 'better', refused: null, can_roll_back: true, back: 'v0001', versions: [version('v0002', { parent: 'v0001' }), version('v0001'), version('v0003', { withdrawn: { at: 1, reason: 'erased' } })] }],
    ...changes.live,
  };
  const found = parseDashboard({ local, live, editor: changes.editor, liveProblem: changes.liveProblem });
  assert.ok(found);
  return found;
}

test('what is no dashboard is none, and what is missing is quiet', () => {
  for (const value of [undefined, null, 7, [], {}, { local: [] }]) assert.equal(parseDashboard(value), undefined);
  const empty = parseDashboard({ local: {} });
  assert.ok(empty);
  assert.equal(empty.local.statistics.month.shown, 0);
  assert.equal(empty.live, null);
  assert.deepEqual(chart(empty, 'suggestions').bars, []);
  assert.deepEqual([owners(empty), runs(empty), versionBars(empty)], [[], [], []]);
  assert.equal(headline(empty).mood, 'bad');
});

test('values of the wrong kind are passed over, never drawn', () => {
  const found = parseDashboard({ local: { statistics: { month: { shown: 'many', accepted: -3, retained_chars: Infinity }, days: 'none' }, runs: [null, { reasons: [1, 'one'] }] }, live: { adapters: [7] } });
  assert.ok(found);
  assert.deepEqual(found.local.statistics.month, { shown: 0, accepted: 0, rejected: 0, retainedChars: 0, keystrokesSaved: 0 });
  assert.deepEqual(found.local.runs[1]?.reasons, ['one']);
  assert.equal(found.live?.adapters[0]?.owner, '');
  assert.equal(parseSamples({ samples: 'x' }), undefined);
  assert.equal(parseSamples({ samples: [{}] })?.samples[0]?.after, null);
});

test('the headline says who answers, or what to do', () => {
  assert.equal(headline(told()).words, 'dev/ada v0002 answers');
  assert.match(headline(told({ live: { serving: {} } })).words, /base model/);
  assert.deepEqual(headline(told({ live: null, liveProblem: 'nobody answers; start it with `penchant up`' })).mood, 'bad');
  assert.match(headline(told({ live: { engine: { state: 'starting', reason: 'loading' } } })).detail, /loading/);
  assert.match(headline(told({ editor: { paused: true } })).detail, /paused/);
});

test('every figure has a name, and none is made of nothing', () => {
  const rows = figureRows(told());
  assert.deepEqual(rows.map(row => row.cells), [['4', '40'], ['3', '20'], ['75 %', '50 %'], ['10.5', '1.1'], ['39', '39']]);
  const quiet = figureRows(told({ local: { statistics: {} } }));
  assert.deepEqual(quiet.map(row => row.cells[0]), ['0', '0', '–', '–', '0']);
});

test('the chart holds every day, and its axis holds every bar', () => {
  const drawn = chart(told(), 'kept');
  assert.deepEqual(drawn.bars.map(bar => [bar.label, bar.value]), [['20 Nov', 10.5], ['21 Nov', 0]]);
  assert.equal(drawn.bars[1]?.words, 'no suggestion');
  assert.equal(drawn.most, 20);
  for (const value of [0, 0.3, 1, 1.01, 7, 42, 999, 1001, 2e6]) assert.ok(niceMost(value) >= value && niceMost(value) <= Math.max(1, value * 5), String(value));
});

test('versions say what can be done with them', () => {
  const [owner] = owners(told());
  const [live, older, gone] = owner?.versions ?? [];
  assert.deepEqual([live?.badge, older?.badge, gone?.badge], ['live', '', 'withdrawn']);
  assert.deepEqual(live?.presses.map(press => press.label), ['Go back to v0001']);
  assert.deepEqual(older?.presses.map(press => press.kind), ['promote']);
  assert.deepEqual(gone?.presses, []);
  assert.deepEqual(live?.comparison[0]?.cells, ['52 %', '87 %']);
  assert.equal(live?.comparedWith, 'v0001');
  assert.equal(older?.comparedWith, 'base model');
});

test('going back to the base model is named so, and not offered where nothing was before', () => {
  const owner = (more: object): object => ({ adapters: [{ owner: 'dev/ada', live: 'v0001', versions: [version('v0001')], ...more }] });
  assert.equal(owners(told({ live: owner({ can_roll_back: true, back: null }) }))[0]?.versions[0]?.presses[0]?.label, 'Go back to the base model');
  assert.deepEqual(owners(told({ live: owner({ can_roll_back: false }) }))[0]?.versions[0]?.presses, []);
});

test('what is wrong is said once, and where it was said', () => {
  const said = notices(told({ editor: { trusted: false, lastError: 'disk full', dropped: 2 }, live: { serving: { fallback: 'v0002 is being loaded' } } }));
  assert.deepEqual(said.map(notice => notice.mood), ['bad', 'bad', 'quiet', 'quiet']);
  assert.deepEqual(notices(told()), []);
});

test('runs that were refused keep their reasons', () => {
  const [run] = runs(told({ local: { runs: [{ id: 'r', status: 'refused', started: 100, updated: 400, reasons: ['forgot too much'] }] } }));
  assert.equal(run?.title, 'refused by the gate');
  assert.match(run?.about ?? '', /5 min$/);
  assert.deepEqual(run?.reasons, ['forgot too much']);
});

test('a training is spoken of at each tenth', () => {
  const at = (progress: number): string => trainingSpoken(told({ live: { training: { phase: 'train_sft', progress } } }).live);
  assert.equal(at(0.42), at(0.48));
  assert.notEqual(at(0.42), at(0.51));
  assert.equal(trainingSpoken(told().live), '');
});

test('where there is no version, the page says what to do next', () => {
  const none = { live: { adapters: [{ owner: 'dev/ada', versions: [] }] } };
  assert.match(nextStep(told(none)), /55 signals are recorded/);
  assert.match(nextStep(told({ ...none, local: { consent: {} } })), /Choose what may be recorded/);
  assert.equal(nextStep(told()), '');
});

test('words', () => {
  assert.deepEqual([percent(0), percent(0.004), percent(0.5), percent(0.999), percent(1)], ['0 %', '0.4 %', '50 %', '99.9 %', '100 %']);
  assert.equal(shareOf(1, 0), '–');
  assert.deepEqual([counted(1, 'day'), counted(2000, 'day')], ['1 day', '2,000 days']);
  assert.deepEqual([shortDay('2026-01-09'), shortDay('soon')], ['9 Jan', 'soon']);
  assert.deepEqual([duration(0), duration(59), duration(61), duration(7200), duration(7500)], ['0 s', '59 s', '1 min', '2 h', '2 h 5 min']);
  assert.equal(method('sft+dpo'), 'SFT, then DPO');
  assert.equal(shortened('a\n  \n\n'), 'a');
  assert.equal(shortened('\n\n'), '(nothing)');
  assert.equal(shortened('x\n'.repeat(30)).split('\n').length, 9);
});
