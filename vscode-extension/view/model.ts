/**
 * What the page says, worked out from what it was told: words, figures, what can be pressed.
 *
 * A dashboard comes in, plain sections leave; drawing them is somebody else's. Pure.
 */
import type { Dashboard, Day, Figures, Live, Measured, Owner, Run, Version, VersionFigures } from './contract';
import { count, counted, duration, method, moment, oneDigit, percent, phase, shareOf, shortDay } from './words';

export type Mood = 'good' | 'quiet' | 'bad';

export interface Headline {
  mood: Mood;
  words: string;
  detail: string;
}

export interface Notice {
  mood: 'bad' | 'quiet';
  words: string;
}

export interface Row {
  label: string;
  hint: string;
  cells: string[];
}

export type Metric = 'suggestions' | 'kept' | 'keystrokes';

export const METRICS: { metric: Metric; label: string }[] = [
  { metric: 'suggestions', label: 'Suggestions' },
  { metric: 'kept', label: 'Kept per suggestion' },
  { metric: 'keystrokes', label: 'Keystrokes saved' },
];

export interface Bar {
  label: string;
  /** The whole bar, and the part of it that is drawn stronger. */
  value: number;
  strong: number;
  words: string;
}

export interface Chart {
  title: string;
  summary: string;
  unit: string;
  bars: Bar[];
  most: number;
}

export interface VersionBar {
  name: string;
  live: boolean;
  kept: number;
  words: string;
}

export interface Press {
  kind: 'promote' | 'rollback';
  owner: string;
  version: string;
  label: string;
  question: string;
  yes: string;
}

export interface VersionView {
  key: string;
  version: string;
  badge: 'live' | 'withdrawn' | '';
  about: string;
  comparison: Row[];
  comparedWith: string;
  learned: string[];
  reasons: string[];
  withdrawn: string;
  presses: Press[];
}

export interface OwnerView {
  owner: string;
  live: string;
  versions: VersionView[];
}

const MOST_LINES = 8;

/** What a model wrote, without blanks at its end and not longer than one looks at. */
export function shortened(written: string): string {
  const lines = written.trimEnd().split('\n');
  return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), '…'].join('\n') : lines.join('\n') || '(nothing)';
}

export interface RunView {
  key: string;
  title: string;
  mood: Mood;
  about: string;
  reasons: string[];
}

const CHARS = 'characters';
export const nothingShown = 'Nothing yet. Suggestions are counted where you have said that they may be recorded.';

export function headline({ live, liveProblem, editor }: Dashboard): Headline {
  if (!live) return { mood: 'bad', words: 'No gateway answers', detail: liveProblem ?? 'Start it with `penchant up`.' };
  if (live.engine.state !== 'ready') {
    return { mood: 'quiet', words: `The engine is ${live.engine.state}`, detail: live.engine.reason ?? 'Suggestions come as soon as it is ready.' };
  }
  const paused = editor?.paused ? 'Suggestions are paused in this editor. ' : '';
  const training = live.training ? ` · a run is ${phase(live.training.phase)}, ${percent(live.training.progress)}` : '';
  const engine = `${live.baseModel}, ${live.engine.kind} engine${training}`;
  if (!live.adapter) return { mood: 'quiet', words: 'The base model answers', detail: `${paused}${engine}` };
  return { mood: 'good', words: `${live.adapter} ${live.version} answers`, detail: `${paused}On ${engine}` };
}

export function notices({ local, live, editor }: Dashboard): Notice[] {
  const bad = [editor?.lastError, local.statistics.problem, live?.fallback, ...(live?.adapters ?? []).map(each => each.refused && `${each.owner} ${each.live ?? ''} does not serve: ${each.refused}`)];
  const quiet = [
    editor && !editor.trusted ? 'This folder is not trusted: nothing is recorded in it.' : null,
    local.rebuild ? `A rebuild without what was erased is due${local.rebuild.reason ? ` (${local.rebuild.reason})` : ''}: \`penchant up\` does it, or \`penchant train --once\`.` : null,
    editor?.dropped ? `${counted(editor.dropped, 'signal was', 'signals were')} not recorded in this session.` : null,
  ];
  const said = (mood: Notice['mood'], words: (string | null | undefined | false)[]): Notice[] =>
    [...new Set(words.filter(each => typeof each === 'string' && each !== ''))].map(each => ({ mood, words: String(each) }));
  return [...said('bad', bad), ...said('quiet', quiet)];
}

/** Today and the last 30 days, side by side. */
export function figureRows({ local }: Dashboard): Row[] {
  const sides = [local.statistics.today, local.statistics.month];
  const row = (label: string, hint: string, words: (each: Figures) => string): Row => ({ label, hint, cells: sides.map(words) });
  return [
    row('Suggestions shown', 'suggestions whose outcome is known', each => count(each.shown)),
    row('Accepted', 'wholly or in part', each => count(each.accepted)),
    row('Accepted, of those shown', 'the share', each => shareOf(each.accepted, each.shown)),
    row('Characters kept per suggestion', 'of each suggestion shown, what was still there when it settled', each => (each.shown ? oneDigit(kept(each)) : '–')),
    row('Keystrokes saved', 'kept characters that you did not type, less one key for each acceptance', each => count(each.keystrokesSaved)),
  ];
}

const kept = (each: { shown: number; retainedChars: number }): number => (each.shown ? each.retainedChars / each.shown : 0);

export function chart({ local }: Dashboard, metric: Metric): Chart {
  const { days, month } = local.statistics;
  const drawn: Record<Metric, { title: string; unit: string; bar: (day: Day) => Omit<Bar, 'label'>; summary: string }> = {
    suggestions: {
      title: 'Suggestions by day',
      unit: 'suggestions',
      bar: day => ({ value: day.shown, strong: day.accepted, words: `${counted(day.shown, 'suggestion')} shown, ${count(day.accepted)} accepted` }),
      summary: `${count(month.shown)} shown and ${count(month.accepted)} accepted in 30 days`,
    },
    kept: {
      title: 'Characters kept per suggestion, by day',
      unit: CHARS,
      bar: day => ({ value: kept(day), strong: kept(day), words: day.shown ? `${oneDigit(kept(day))} characters kept per suggestion` : 'no suggestion' }),
      summary: `${oneDigit(kept(month))} characters per suggestion over 30 days`,
    },
    keystrokes: {
      title: 'Keystrokes saved by day',
      unit: 'keystrokes',
      bar: day => ({ value: day.keystrokesSaved, strong: day.keystrokesSaved, words: `${counted(day.keystrokesSaved, 'keystroke')} saved` }),
      summary: `${count(month.keystrokesSaved)} keystrokes saved in 30 days`,
    },
  };
  const { title, unit, bar, summary } = drawn[metric];
  const bars = days.map(day => ({ ...bar(day), label: shortDay(day.day) }));
  return { title, unit, summary, bars, most: niceMost(Math.max(0, ...bars.map(each => each.value))) };
}

/** The end of an axis that holds `value`: 1, 2 or 5 times a power of ten. */
export function niceMost(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map(step => step * power).find(end => end >= value) ?? 10 * power;
}

export function versionBars({ local, live }: Dashboard): VersionBar[] {
  const answers = live?.adapter ? `${live.adapter}/${live.version}` : 'base';
  return local.statistics.versions.map((each: VersionFigures) => ({
    name: each.name === 'base' ? 'base model' : each.name.replace(/\/(?=v\d)/, ' '),
    live: live !== null && each.name === answers,
    kept: kept(each),
    words: `${oneDigit(kept(each))} characters kept per suggestion; ${shareOf(each.accepted, each.shown)} of ${count(each.shown)} accepted`,
  }));
}

export function owners({ live }: Dashboard): OwnerView[] {
  return (live?.adapters ?? [])
    .filter(each => each.versions.length > 0 || each.owner.startsWith('dev/'))
    .map(each => ({ owner: each.owner, live: liveWords(each), versions: each.versions.map(version => versionView(each, version)) }));
}

function liveWords(owner: Owner): string {
  if (!owner.versions.length) return '';
  const since = owner.since ? `since ${moment(owner.since)}` : '';
  const why = owner.why ? ` (${owner.why})` : '';
  return owner.live ? `${owner.live} is live ${since}${why}` : `The base model is live ${since}${why}`.trim();
}

function versionView(owner: Owner, version: Version): VersionView {
  const live = owner.live === version.version;
  return {
    key: `${owner.owner}/${version.version}`,
    version: version.version,
    badge: version.withdrawn ? 'withdrawn' : live ? 'live' : '',
    about: [method(version.method), moment(version.createdAt), version.signals ? `from ${counted(version.signals, 'signal')}` : ''].filter(Boolean).join(' · '),
    comparison: comparison(version.before, version.after),
    comparedWith: version.parent ?? 'base model',
    learned: version.sentences,
    reasons: version.reasons,
    withdrawn: version.withdrawn ? `Withdrawn ${moment(version.withdrawn.at)}: ${version.withdrawn.reason}` : '',
    presses: presses(owner, version, live),
  };
}

function presses(owner: Owner, { version, withdrawn }: Version, live: boolean): Press[] {
  const about = { owner: owner.owner, version };
  if (withdrawn) return [];
  if (!live) return [{ ...about, kind: 'promote', label: 'Use this version', question: `Make ${version} of ${owner.owner} live?`, yes: `Use ${version}` }];
  const back = owner.back ?? 'the base model';
  return owner.canRollBack ? [{ ...about, kind: 'rollback', label: `Go back to ${back}`, question: `Take ${version} off and make ${back} live?`, yes: `Go back to ${back}` }] : [];
}

function comparison(before: Measured | null, after: Measured | null): Row[] {
  if (!after) return [];
  const row = (label: string, hint: string, pick: (each: Measured) => number | null, words: (value: number) => string): Row[] => {
    const values = [before && pick(before), pick(after)];
    return values[1] === null ? [] : [{ label, hint, cells: values.map(value => (value === null ? '–' : words(value))) }];
  };
  return [
    ...row('Like your text', 'mean edit similarity to what you wrote, 100 % is equal', each => each.similarity, percent),
    ...row('Characters you would keep', 'per suggestion', each => each.retainedChars, oneDigit),
    ...row('Parses', 'share of completions that parse where they stand', each => each.parses, percent),
    ...row('Perplexity', 'of neutral code: a rise is forgetting', each => each.perplexity, value => value.toFixed(2)),
    { label: 'Held-out places', hint: 'how many places were judged', cells: ['', count(after.n)] },
  ];
}

const RUN_WORDS: Record<string, { words: string; mood: Mood }> = {
  published: { words: 'published', mood: 'good' },
  refused: { words: 'refused by the gate', mood: 'quiet' },
  failed: { words: 'failed', mood: 'bad' },
  abandoned: { words: 'given up', mood: 'quiet' },
  stopped: { words: 'ended at a limit', mood: 'bad' },
  running: { words: 'not finished', mood: 'quiet' },
};

export function runs({ local }: Dashboard): RunView[] {
  return local.runs.map((run: Run) => {
    const { words, mood } = RUN_WORDS[run.status] ?? { words: run.status, mood: 'quiet' as Mood };
    const took = run.updated > run.started ? `, ${duration(run.updated - run.started)}` : '';
    const where = run.status === 'running' ? ` after “${phase(run.phase)}”` : '';
    return { key: run.id, title: `${words}${run.version ? ` as ${run.version}` : ''}${where}`, mood, about: `${moment(run.started)}${took}`, reasons: run.reasons };
  });
}

/** What a screen reader is told of a training: at each phase, and at each tenth of the whole. */
export function trainingSpoken(live: Live | null): string {
  if (!live?.training) return '';
  return `A run is ${phase(live.training.phase)}, about ${Math.floor(live.training.progress * 10) * 10} %`;
}

export function nextStep({ local, live }: Dashboard): string {
  const none = !live?.adapters.some(each => each.versions.length);
  if (!none) return '';
  if (!local.decisions.some(each => each.level !== 'off')) return 'There is no version yet, because nothing is recorded. Choose what may be recorded first; or learn from your own commits: `penchant bootstrap .`';
  return `There is no version yet. ${counted(local.statistics.signals, 'signal is', 'signals are')} recorded; \`penchant up\` trains by itself when there are enough, and \`penchant train --once\` says how many are missing.`;
}
