/**
 * Draws the bars by day, with a table of the same figures for who cannot see them.
 *
 * The picture has one name that says it all; its bars say theirs when pointed at.
 */
import { h, s } from './dom';
import type { Chart } from './model';
import { oneDigit } from './words';

const HEIGHT = 150, LEFT = 34, TOP = 8, BOTTOM = 20, GAP = 0.25;

/** `width` is that of the page's column in pixels, so that letters are as large as elsewhere. */
export function chartView(chart: Chart, width: number, tableOpen: boolean, onTable: (open: boolean) => void): HTMLElement {
  return h(
    'figure',
    {},
    h('figcaption', {}, `${chart.title}: ${chart.summary}`),
    picture(chart, width),
    h(
      'details',
      { open: tableOpen, ontoggle: event => onTable((event.currentTarget as HTMLDetailsElement).open) },
      h('summary', { 'data-key': 'chart-table' }, 'As a table'),
      table(chart),
    ),
  );
}

function picture({ bars, most, title, summary, unit }: Chart, whole: number): SVGElement {
  const height = HEIGHT - TOP - BOTTOM, step = (whole - LEFT) / Math.max(1, bars.length);
  const y = (value: number): number => TOP + height * (1 - value / most);
  const lines = [0, most / 2, most].map(value =>
    s(
      'g',
      { class: value ? 'grid' : 'grid zero' },
      s('line', { x1: LEFT, x2: whole, y1: y(value), y2: y(value) }),
      s('text', { x: LEFT - 5, y: y(value) + 3.5, 'text-anchor': 'end' }, tick(value)),
    ),
  );
  const drawn = bars.map((bar, place) => {
    const x = LEFT + place * step + (step * GAP) / 2, width = step * (1 - GAP);
    const part = (value: number, kind: string): SVGElement | false =>
      value > 0 && s('rect', { class: kind, x: x.toFixed(2), width: width.toFixed(2), y: y(value).toFixed(2), height: (TOP + height - y(value)).toFixed(2), rx: 1 });
    // The whole column answers to the pointer, so that small bars can be read.
    return s(
      'g',
      { class: 'bar' },
      s('title', {}, `${bar.label}: ${bar.words}`),
      s('rect', { class: 'reach', x: LEFT + place * step, width: step, y: TOP, height }),
      part(bar.value, 'all'),
      part(bar.strong, 'strong'),
    );
  });
  const named = [0, Math.floor(bars.length / 2), bars.length - 1].filter(place => bars[place]);
  const days = named.map((place, index) =>
    s('text', { class: 'day', x: index === 2 ? whole : LEFT + (place + 0.5) * step, y: HEIGHT - 4, 'text-anchor': index === 2 ? 'end' : index ? 'middle' : 'start' }, bars[place]?.label ?? ''),
  );
  return s('svg', { viewBox: `0 0 ${whole} ${HEIGHT}`, role: 'img', 'aria-label': `${title}. ${summary}. The axis ends at ${tick(most)} ${unit}.`, class: 'chart' }, ...lines, ...drawn, ...days);
}

function tick(value: number): string {
  if (value >= 10_000) return `${Math.round(value / 1000)}k`;
  return Number.isInteger(value) ? String(value) : oneDigit(value);
}

function table({ bars, title }: Chart): HTMLElement {
  const rows = [...bars].reverse().map(bar => h('tr', {}, h('th', { scope: 'row' }, bar.label), h('td', {}, bar.words)));
  return h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': title }, h('table', {}, h('tbody', {}, ...rows)));
}
