/**
 * Keeps the page as it should be: asks, draws what has changed, does what is pressed, says it aloud.
 *
 * Parts are drawn again only when what they show is different, so that nothing jumps and the focus stays.
 */
import { parseDashboard, parseSamples, type Dashboard } from './contract';
import { h, prose, replace, type Child } from './dom';
import type { Answer, Host } from './host';
import { trainingSpoken, type Press } from './model';
import * as sections from './sections';
import type { Calls, Use } from './sections';

const POLL_MS = 5000;
const TRAINING_POLL_MS = 2000;
const SPOKEN_MS = 6000;

interface Place {
  holder: HTMLElement;
  drawn: string;
}

type Draw = (use: Use, calls: Calls) => Child[];

/** The parts in their order: a title, or none where the part brings its own or needs none. */
const PARTS: { id: string; title: string; draw: Draw }[] = [
  { id: 'top', title: '', draw: sections.top },
  { id: 'suggestions', title: 'Suggestions', draw: sections.suggestions },
  { id: 'versions', title: 'Versions', draw: sections.versions },
  { id: 'samples', title: 'Before and after', draw: sections.beforeAndAfter },
  { id: 'training', title: 'Training', draw: sections.training },
  { id: 'privacy', title: 'Privacy', draw: sections.privacy },
];

/** How wide the chart's column is, in steps: it takes three fifths of a wide page. */
function chartWidth(root: HTMLElement): number {
  const whole = Math.min(1080, root.clientWidth || 300);
  const column = whole >= 736 ? whole * 0.57 : whole - 30;
  return Math.max(220, Math.round(column / 20) * 20);
}

export class App {
  private readonly use: Omit<Use, 'now'> & { now?: Dashboard; open: Map<string, boolean> };
  private readonly holders = new Map<string, Place>();
  private readonly speech = h('p', { class: 'speech', role: 'status', 'aria-live': 'polite' });
  private readonly trouble = h('p', { class: 'notice bad', role: 'alert', hidden: true });
  private readonly main = h('main', { 'aria-busy': 'true' });
  private spoken = '';
  private complaint = '';
  private timer = 0;
  private silence = 0;

  constructor(
    private readonly host: Host,
    root: HTMLElement,
  ) {
    this.use = { metric: 'suggestions', open: new Map(), asking: '', busy: false, samples: undefined, inEditor: host.inEditor, width: chartWidth(root) };
    const heading = host.inEditor ? null : h('header', {}, h('h1', {}, 'Penchant'));
    replace(root, [heading, this.trouble, this.main, this.speech]);
    replace(this.main, [h('p', { class: 'loading' }, 'Looking…')]);
  }

  start(): void {
    document.addEventListener('visibilitychange', () => this.refresh());
    window.addEventListener('resize', () => this.resize());
    document.addEventListener('keydown', event => {
      if (event.key === 'Escape' && this.use.asking) this.ask('');
    });
    void this.refresh();
  }

  private async refresh(): Promise<void> {
    window.clearTimeout(this.timer);
    if (document.visibilityState === 'hidden') return;
    this.take(await this.host.load());
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.refresh(), this.use.now?.live?.training ? TRAINING_POLL_MS : POLL_MS);
  }

  private take(answer: Answer): void {
    const found = answer.ok ? parseDashboard(answer.value) : undefined;
    if (found) {
      if (this.use.samples !== 'loading' && found.live?.version !== this.use.now?.live?.version) this.use.samples = undefined;
      this.use.now = found;
      this.complain('');
      this.main.removeAttribute('aria-busy');
    } else {
      this.complain(answer.ok ? 'What came is no dashboard. Restart `penchant up`, and load this page again.' : answer.why);
      if (!this.use.now) replace(this.main, []);
      this.main.removeAttribute('aria-busy');
    }
    this.draw();
    this.speakTraining();
  }

  /** What was last known stays in view, paler, while there is no answer. */
  private complain(words: string): void {
    this.main.classList.toggle('stale', words !== '');
    if (this.complaint === words) return;
    this.complaint = words;
    replace(this.trouble, prose(words));
    this.trouble.hidden = words === '';
  }

  private draw(): void {
    this.each((place, fresh, written) => {
      if (written === place.drawn) return;
      place.drawn = written;
      replace(place.holder, fresh);
    });
  }

  /** Takes what somebody unfolded as drawn: it is in view already. */
  private unfolded(key: string, open: boolean): void {
    this.use.open.set(key, open);
    this.each((place, _, written) => (place.drawn = written));
  }

  private each(take: (place: Place, fresh: Child[], written: string) => void): void {
    const { now } = this.use;
    if (!now) return;
    if (!this.holders.size) this.lay();
    const use: Use = { ...this.use, now };
    for (const { id, draw } of PARTS) {
      const place = this.holders.get(id);
      if (!place) continue;
      const fresh = draw(use, this.calls);
      // The same elements and texts, compared as they would be written down.
      take(place, fresh, fresh.map(each => (each instanceof Element ? each.outerHTML : String(each))).join(''));
    }
  }

  private lay(): void {
    const parts = PARTS.map(({ id, title }) => {
      const holder = h('div', {});
      this.holders.set(id, { holder, drawn: '' });
      if (!title) return h('div', { id, class: 'part' }, holder);
      return h('section', { id, class: 'part', 'aria-labelledby': `${id}-title` }, h('h2', { id: `${id}-title` }, title), holder);
    });
    replace(this.main, parts);
  }

  private readonly calls: Calls = {
    choose: metric => this.change({ metric }),
    unfold: (key, open) => this.unfolded(key, open),
    ask: key => this.ask(key),
    act: press => void this.act(press),
    write: () => void this.write(),
    run: command => {
      this.host.run(command);
      window.setTimeout(() => void this.refresh(), 500);
    },
    copy: text => void this.copy(text),
  };

  private resize(): void {
    const width = chartWidth(this.main);
    if (width !== this.use.width) this.change({ width });
  }

  private ask(key: string): void {
    this.change({ asking: key });
  }

  private change(news: Partial<typeof this.use>): void {
    Object.assign(this.use, news);
    this.draw();
  }

  private async act(press: Press): Promise<void> {
    if (this.use.busy) return;
    this.change({ busy: true });
    this.say(press.kind === 'promote' ? `Loading ${press.version}…` : 'Going back…');
    const answer = await this.host.act({ kind: press.kind, owner: press.owner, version: press.version });
    this.change({ busy: false, asking: '' });
    this.say(answer.ok ? 'Done.' : `Nothing was changed: ${answer.why}`);
    if (answer.ok) await this.refresh();
    else this.complain(`Nothing was changed: ${answer.why}`);
  }

  private async write(): Promise<void> {
    this.change({ samples: 'loading' });
    const answer = await this.host.samples();
    const found = answer.ok ? parseSamples(answer.value) : undefined;
    this.change({ samples: found });
    if (found) this.say('Written.');
    else this.complain(answer.ok ? 'No samples came.' : answer.why);
  }

  private async copy(text: string): Promise<void> {
    const done = await navigator.clipboard.writeText(text).then(() => true, () => false);
    this.say(done ? 'Copied.' : 'It could not be copied; select it and copy it yourself.');
  }

  private speakTraining(): void {
    const words = trainingSpoken(this.use.now?.live ?? null);
    const over = this.spoken !== '' && words === '';
    if (words !== this.spoken) this.say(over ? 'The training run is over.' : words);
    this.spoken = words;
  }

  /** Says it to a screen reader, and shows it at the foot for who looks. */
  private say(words: string): void {
    this.speech.textContent = words.replaceAll('`', '');
    window.clearTimeout(this.silence);
    this.silence = window.setTimeout(() => (this.speech.textContent = ''), SPOKEN_MS);
  }
}
