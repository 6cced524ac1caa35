/**
 * Draws the parts of the page, each from what `model.ts` worked out for it.
 *
 * What can be pressed calls back; what is open or being asked is told from outside, so that drawing again
 * changes nothing for who uses it.
 */
import type { Dashboard, Samples } from './contract';
import { chartView } from './chartView';
import { h, prose, s, type Child } from './dom';
import type { EditorCommand } from './host';
import { chart, figureRows, headline, METRICS, nextStep, notices, nothingShown, owners, runs, shortened, versionBars, type Metric, type Press, type Row, type VersionBar, type VersionView } from './model';
import { counted, moment, percent, phase } from './words';

export interface Use {
  metric: Metric;
  /** Keys of what is unfolded, and of what is folded though it would be open. */
  open: ReadonlyMap<string, boolean>;
  /** What waits for a yes. */
  asking: string;
  busy: boolean;
  samples: Samples | 'loading' | undefined;
  inEditor: boolean;
  /** Of the chart's column, in pixels. */
  width: number;
  now: Dashboard;
}

export interface Calls {
  choose(metric: Metric): void;
  unfold(key: string, open: boolean): void;
  ask(key: string): void;
  act(press: Press): void;
  write(): void;
  run(command: EditorCommand): void;
  copy(text: string): void;
}

export function top({ now, inEditor }: Use, calls: Calls): Child[] {
  const { mood, words, detail } = headline(now);
  const paused = now.editor?.paused;
  return [
    h('p', { class: `headline ${mood}` }, h('span', { class: 'dot', 'aria-hidden': 'true' }), h('strong', {}, words)),
    h('p', { class: 'detail' }, ...prose(detail)),
    ...notices(now).map(({ mood: kind, words: said }) => h('p', { class: `notice ${kind}` }, ...prose(said))),
    inEditor &&
      h(
        'p',
        { class: 'buttons' },
        button('pause', paused ? 'Resume suggestions' : 'Pause suggestions', () => calls.run('pause')),
        now.live && button('browser', 'Open in browser', () => calls.run('browser')),
      ),
  ];
}

export function suggestions(use: Use, calls: Calls): Child[] {
  const { now, metric } = use;
  const bars = versionBars(now);
  const empty = now.local.statistics.signals === 0 && !now.local.statistics.problem;
  return [
    h(
      'table',
      { class: 'figures' },
      h('thead', {}, h('tr', {}, h('td', {}), h('th', { scope: 'col' }, 'Today'), h('th', { scope: 'col' }, '30 days'))),
      h('tbody', {}, ...figureRows(now).map(figureRow)),
    ),
    empty
      ? h('p', { class: 'empty' }, nothingShown)
      : h(
          'div',
          { class: 'plots' },
          h(
            'div',
            {},
            h('fieldset', { class: 'choice' }, h('legend', {}, 'By day'), ...METRICS.map(each => radio(each.metric, each.label, metric, calls))),
            chartView(chart(now, metric), use.width, use.open.get('chart-table') ?? false, open => calls.unfold('chart-table', open)),
          ),
          bars.length > 0 && h('div', {}, h('h3', {}, 'By version, of all that is stored'), versionList(bars)),
        ),
  ];
}

function figureRow({ label, hint, cells }: Row): HTMLElement {
  return h('tr', {}, h('th', { scope: 'row', title: hint }, label), ...cells.map(cell => h('td', {}, cell)));
}

function radio(metric: Metric, label: string, chosen: Metric, calls: Calls): HTMLElement {
  const input = h('input', { type: 'radio', name: 'metric', value: metric, 'data-key': `metric-${metric}`, onchange: () => calls.choose(metric) });
  input.checked = metric === chosen;
  return h('label', {}, input, h('span', {}, label));
}

function versionList(bars: VersionBar[]): HTMLElement {
  const most = Math.max(...bars.map(each => each.kept), 0.001);
  return h(
    'ul',
    { class: 'bars' },
    ...bars.map(each =>
      h(
        'li',
        {},
        h('span', { class: 'name' }, each.name, each.live && h('span', { class: 'badge live' }, 'answers now')),
        s('svg', { class: 'meter', viewBox: '0 0 100 6', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, s('rect', { class: 'all', width: 100, height: 6 }), s('rect', { class: 'strong', width: ((100 * each.kept) / most).toFixed(1), height: 6 })),
        h('span', { class: 'detail' }, each.words),
      ),
    ),
  );
}

export function versions(use: Use, calls: Calls): Child[] {
  const { now } = use;
  if (!now.live) return [h('p', { class: 'empty' }, ...prose('Versions are listed while the gateway runs: `penchant up`. Without it: `penchant adapters list`.'))];
  const next = nextStep(now);
  return [
    next && h('p', { class: 'empty' }, ...prose(next)),
    ...owners(now)
      .filter(each => each.versions.length)
      .flatMap(owner => [h('h3', {}, owner.owner), h('p', { class: 'detail' }, owner.live), ...owner.versions.map(version => versionCard(version, use, calls))]),
  ];
}

function versionCard(version: VersionView, use: Use, calls: Calls): HTMLElement {
  return fold(
    use,
    calls,
    version.key,
    version.badge === 'live',
    [h('strong', {}, version.version), version.badge && h('span', { class: `badge ${version.badge}` }, version.badge), h('span', { class: 'detail' }, version.about)],
    version.withdrawn && h('p', { class: 'notice quiet' }, version.withdrawn),
    version.comparison.length > 0 &&
      h(
        'table',
        { class: 'figures small' },
        h('thead', {}, h('tr', {}, h('td', {}), h('th', { scope: 'col' }, version.comparedWith), h('th', { scope: 'col' }, version.version))),
        h('tbody', {}, ...version.comparison.map(figureRow)),
      ),
    version.learned.length > 0 && listed('What it learned', version.learned),
    version.reasons.length > 0 && listed('Why the gate let it pass', version.reasons),
    ...version.presses.map(press => pressed(press, version.key, use, calls)),
  );
}

/** A button that first asks, in its own place. */
function pressed(press: Press, key: string, use: Use, calls: Calls): HTMLElement {
  const name = `${key}/${press.kind}`;
  if (use.asking !== name) return h('p', { class: 'buttons' }, button(name, press.label, () => calls.ask(name), use.busy));
  return h(
    'p',
    { class: 'buttons asking', role: 'group', 'aria-label': press.question },
    h('span', {}, press.question),
    h('button', { type: 'button', class: 'main', 'data-key': `${name}/yes`, 'data-back': name, 'data-focus': true, disabled: use.busy, onclick: () => calls.act(press) }, press.yes),
    button(name, 'Cancel', () => calls.ask(''), use.busy),
  );
}

export function beforeAndAfter(use: Use, calls: Calls): Child[] {
  const { samples, now } = use;
  if (!now.live?.adapter) return [];
  const about = h('p', { class: 'detail' }, `At four places that are not yours, what the base model writes and what ${now.live.adapter} ${now.live.version} writes. What you see is written now and kept nowhere.`);
  if (!samples || samples === 'loading') {
    return [about, h('p', { class: 'buttons' }, button('write', samples ? 'Writing…' : 'Write them now', () => calls.write(), samples === 'loading'))];
  }
  return [
    about,
    ...samples.samples.map(each =>
      h(
        'section',
        { class: 'sample', 'aria-label': each.title },
        h('h3', {}, each.title),
        h('div', { class: 'pair' }, code('base model', each.prefix, each.before, each.suffix), code(samples.version ?? 'version', each.prefix, each.after ?? '(the version did not answer)', each.suffix)),
      ),
    ),
    h('p', { class: 'buttons' }, button('write', 'Write them again', () => calls.write())),
  ];
}

function code(name: string, prefix: string, written: string, suffix: string): HTMLElement {
  return h('figure', {}, h('figcaption', {}, name), h('pre', { tabindex: 0, 'aria-label': name }, h('span', { class: 'around' }, prefix), h('mark', {}, shortened(written)), h('span', { class: 'around' }, suffix.replace(/\n+$/, ''))));
}

export function training(use: Use, calls: Calls): Child[] {
  const found = runs(use.now), going = use.now.live?.training;
  const progress = going && [
    h('p', {}, h('strong', {}, 'A run goes on'), `: ${phase(going.phase)}`),
    h('div', { class: 'row' }, h('progress', { max: 1, value: going.progress, 'aria-label': 'Training' }), h('span', {}, percent(going.progress))),
  ];
  if (!found.length && !progress) return [h('p', { class: 'empty' }, ...prose('No training run yet. `penchant up` starts one when there are enough signals.'))];
  const past = found.map(run =>
    fold(use, calls, `run/${run.key}`, false, [h('span', { class: `dot ${run.mood}`, 'aria-hidden': 'true' }), h('strong', {}, run.title), h('span', { class: 'detail' }, run.about)], run.reasons.length ? listed('Reasons', run.reasons) : h('p', { class: 'detail' }, 'No reason was written down.')),
  );
  return [...(progress ?? []), ...past];
}

export function privacy(use: Use, calls: Calls): Child[] {
  const { local, editor } = use.now;
  const erase = editor ? 'penchant signals erase --workspace .' : 'penchant signals erase --all';
  return [
    editor &&
      h(
        'div',
        {},
        h('p', {}, 'In ', editor.folder ? h('strong', {}, editor.folder) : 'this window', `: ${editor.consent}. ${local.words[editor.consent] ?? ''}`),
        h('p', { class: 'buttons' }, button('consent', 'Choose what is recorded…', () => calls.run('consent')), button('erase', 'Erase what was recorded here…', () => calls.run('erase'))),
      ),
    h(
      'p',
      {},
      local.logExists
        ? `${counted(local.statistics.signals, 'signal')} on this machine, kept for ${counted(local.retentionDays, 'day')}: code around the cursor, what was suggested, and what became of it.`
        : 'Nothing is stored on this machine.',
    ),
    local.logExists && h('p', { class: 'detail path' }, local.signalLog),
    decisions(use, calls),
    h('dl', { class: 'commands' }, ...commands(erase).flatMap(([what, line]) => [h('dt', {}, what), h('dd', {}, h('code', {}, line), copier(line, calls))])),
  ];
}

function commands(erase: string): [string, string][] {
  return [
    ['See what is stored', 'penchant signals show --last 20'],
    ['Take it with you', 'penchant signals export mine.jsonl'],
    ['Record nothing any more, in this folder', 'penchant consent withdraw'],
    ['Erase it, and what was learned from it', erase],
    ['Check every part', 'penchant doctor'],
  ];
}

function decisions(use: Use, calls: Calls): Child {
  const { decisions: found, words } = use.now.local;
  if (!found.length) return h('p', { class: 'detail' }, 'No workspace was decided about yet; without a yes nothing is recorded.');
  const here = use.now.editor?.workspace;
  const rows = found.map(each =>
    h('tr', {}, h('th', { scope: 'row' }, h('code', {}, each.workspace.slice(0, 8)), here === each.workspace && ' (here)'), h('td', { title: words[each.level] ?? '' }, each.level), h('td', {}, moment(each.at))),
  );
  return fold(use, calls, 'decisions', false, [`Decisions for ${counted(found.length, 'workspace')}`], h('p', { class: 'detail' }, 'A workspace is known by a hash of its path.'), h('table', {}, h('tbody', {}, ...rows)));
}

function fold(use: Use, calls: Calls, key: string, openAtFirst: boolean, summary: Child[], ...body: Child[]): HTMLElement {
  const open = use.open.get(key) ?? openAtFirst;
  const toggled = ({ currentTarget }: Event): void => {
    const now = (currentTarget as HTMLDetailsElement).open;
    if (now !== open || use.open.has(key)) calls.unfold(key, now); // it also tells of being drawn open
  };
  return h('details', { class: 'card', open, ontoggle: toggled }, h('summary', { 'data-key': `fold/${key}` }, ...summary), ...body);
}

function listed(title: string, texts: string[]): HTMLElement {
  return h('div', {}, h('h4', {}, title), h('ul', {}, ...texts.map(text => h('li', {}, text))));
}

function button(key: string, label: string, press: () => void, disabled = false): HTMLElement {
  return h('button', { type: 'button', 'data-key': key, disabled, onclick: press }, label);
}

function copier(line: string, calls: Calls): HTMLElement {
  return h('button', { type: 'button', class: 'quiet', 'data-key': `copy/${line}`, 'aria-label': `Copy: ${line}`, onclick: () => calls.copy(line) }, 'Copy');
}

