/**
 * How long to wait before a dead language server is started again.
 *
 * Doubles from one second to one minute, and starts over once a server has lived for a minute.
 * Pure: time comes in as a number of milliseconds.
 */
const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
const HEALTHY_MS = 60_000;

export class Backoff {
  private failures = 0;
  private startedAt: number | undefined;

  /** The server has started to answer. */
  started(nowMs: number): void {
    this.startedAt = nowMs;
  }

  /** The server has died or would not start; returns the milliseconds to wait. */
  failed(nowMs: number): number {
    if (this.startedAt !== undefined && nowMs - this.startedAt >= HEALTHY_MS) this.failures = 0;
    this.startedAt = undefined;
    const delayMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.failures);
    this.failures += 1;
    return delayMs;
  }

  /** A person asked for a new start: forget the past. */
  reset(): void {
    this.failures = 0;
    this.startedAt = undefined;
  }
}
