/**
 * Knows which candidate of an offer is in view, and which were, while a person cycles through them.
 *
 * VS Code's stable API tells neither, so its own rules are followed here: the first press of "next" asks
 * for candidates afresh and moves once they are there, later presses move at once; a candidate that a
 * newer offer still holds stays in view. Pure: knows nothing of VS Code.
 */
import type { CompletionRef } from './contract';
import type { Offer, OfferedItem } from './offer';

export class Cycle {
  private offer: Offer | undefined;
  private position = 0;
  private pending = 0;
  private completionId: string | undefined;
  private readonly indices = new Set<number>();

  /** The candidate in view; undefined when nothing is offered. */
  get inView(): OfferedItem | undefined {
    return this.offer?.items[this.position];
  }

  /** A new answer of the server; `explicit` when a person asked for it. Returns what is in view now. */
  offered(offer: Offer | undefined, explicit: boolean): OfferedItem | undefined {
    const before = this.inView;
    this.offer = offer;
    this.position = Math.max(0, offer?.items.findIndex(item => before !== undefined && sameText(item, before)) ?? 0);
    if (before && this.inView && sameText(this.inView, before)) this.see(); // under its new name, if it has one
    if (explicit || !offer) this.applyPending();
    return this.see();
  }

  /** "Next" (1) or "previous" (-1) was pressed. Returns what is in view now, undefined while that is not known. */
  moved(delta: 1 | -1, explicit: boolean): OfferedItem | undefined {
    this.pending += delta;
    if (!explicit) return undefined;
    this.applyPending();
    return this.see();
  }

  /** The other candidates of a completion that were in view. */
  othersSeen(ref: CompletionRef): number[] {
    return ref.completionId === this.completionId ? [...this.indices].filter(index => index !== ref.index).sort((a, b) => a - b) : [];
  }

  private applyPending(): void {
    const count = this.offer?.items.length ?? 0;
    if (count > 0) this.position = (((this.position + this.pending) % count) + count) % count;
    this.pending = 0;
  }

  private see(): OfferedItem | undefined {
    const item = this.inView;
    if (!item) return undefined;
    if (item.ref.completionId !== this.completionId) this.indices.clear();
    this.completionId = item.ref.completionId;
    this.indices.add(item.ref.index);
    return item;
  }
}

function sameText(one: OfferedItem, other: OfferedItem): boolean {
  return one.insertText === other.insertText && one.start.line === other.start.line && one.start.character === other.start.character;
}
