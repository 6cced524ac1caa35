/**
 * Remembers the ghost text offered last, so that a key press can be told apart from its effect.
 *
 * VS Code's stable API says neither which candidate is in view nor how much of it was taken; both
 * are worked out here from the text between the item's start and the cursor. Lengths are UTF-16
 * units from the start of the item's text. Pure: knows nothing of VS Code.
 */
import type { CompletionRef } from './contract';

export interface Position {
  line: number;
  character: number;
}

export interface OfferedItem {
  insertText: string;
  start: Position;
  end: Position;
  ref: CompletionRef;
}

export interface Offer {
  uri: string;
  /** A person asked for it; more candidates than one may be in it. */
  explicit: boolean;
  items: OfferedItem[];
}

/** Line ends as the server counts them. */
export function withLf(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

/**
 * The item of an offer that the text between its start and the cursor has not left.
 *
 * With several candidates that fit, the one that was cycled to, else the first.
 */
export function itemInView(
  offer: Offer | undefined,
  uri: string,
  textUpToCursor: (item: OfferedItem) => string,
  cycledTo?: OfferedItem,
): OfferedItem | undefined {
  if (offer?.uri !== uri) return undefined;
  const ordered = cycledTo && offer.items.includes(cycledTo) ? [cycledTo, ...offer.items] : offer.items;
  return ordered.find(item => withLf(item.insertText).startsWith(withLf(textUpToCursor(item))));
}

export interface PartialAcceptance {
  item: OfferedItem;
  acceptedLength: number;
}

/**
 * What an accept-next-word took, from the text before and after it.
 *
 * Undefined when nothing was taken, when the text left the offer, or when the whole was taken: VS Code
 * then runs the item's own command, which reports the acceptance.
 */
export function partialAcceptance(
  offer: Offer | undefined,
  before: (item: OfferedItem) => string,
  after: (item: OfferedItem) => string,
): PartialAcceptance | undefined {
  for (const item of offer?.items ?? []) {
    const whole = withLf(item.insertText);
    const taken = withLf(after(item));
    if (!whole.startsWith(taken)) continue;
    if (taken.length <= withLf(before(item)).length || taken.length === whole.length) return undefined;
    return { item, acceptedLength: taken.length };
  }
  return undefined;
}
