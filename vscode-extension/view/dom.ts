/**
 * Builds elements. Text goes in as text, never as markup; nothing is styled inline.
 *
 * `null`, `undefined`, `false` and '' among the children or attributes are left out.
 */

type Attribute = string | number | boolean | null | undefined | ((event: Event) => void);
export type Child = Node | string | null | undefined | false;

/** An HTML element; an attribute that begins with "on" is a listener. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, Attribute> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  dress(element, attributes);
  append(element, children);
  return element;
}

/** The same for SVG. */
export function s<K extends keyof SVGElementTagNameMap>(tag: K, attributes: Record<string, Attribute> = {}, ...children: Child[]): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  dress(element, attributes);
  append(element, children);
  return element;
}

/** Text in which what stands between back-ticks is code, as messages of Penchant have it. */
export function prose(text: string): Child[] {
  return text.split(/`([^`]+)`/).map((part, place) => (place % 2 ? h('code', {}, part) : part));
}

function dress(element: Element, attributes: Record<string, Attribute>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
}

function append(element: Element, children: Child[]): void {
  for (const child of children) if (child !== null && child !== undefined && child !== false && child !== '') element.append(child);
}

/**
 * Puts `fresh` in the place of what `holder` holds. The focus goes to what asks for it by `data-focus`; else it stays
 * on the element with the same `data-key`, or goes back to the one that the lost one named by `data-back`.
 */
export function replace(holder: Element, fresh: Child[]): void {
  const active = document.activeElement;
  const inside = active instanceof HTMLElement && holder.contains(active);
  const keys = inside ? [active.dataset['key'], active.dataset['back']] : [];
  holder.replaceChildren();
  append(holder, fresh);
  if (!inside) return;
  const all = [...holder.querySelectorAll<HTMLElement>('[data-key]')];
  const kept = keys.map(key => key && all.find(each => each.dataset['key'] === key)).find(Boolean);
  const wanted = holder.querySelector<HTMLElement>('[data-focus]') ?? (kept || holder.querySelector<HTMLElement>('button, summary, input'));
  wanted?.focus({ preventScroll: true });
}
