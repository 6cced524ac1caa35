/**
 * What the side view may ask of the extension, and the one reader of it.
 *
 * A message comes in, a request leaves, or nothing: what is not named here does nothing. Pure.
 */

export const RUNNABLE = ['consent', 'pause', 'output', 'browser', 'walkthrough', 'erase'] as const;
export type Runnable = (typeof RUNNABLE)[number];

export type Request =
  | { kind: 'load'; id: number }
  | { kind: 'samples'; id: number }
  | { kind: 'act'; id: number; action: { action: 'promote' | 'rollback'; owner: string; version: string } }
  | { kind: 'run'; command: Runnable };

/** What goes back, with the id of what was asked. */
export type Answer = { ok: true; value: unknown } | { ok: false; why: string };

const OWNER = /^(dev|team)\/[a-z0-9-]{1,40}$/;
const VERSION = /^v[0-9]{4,9}$/;

export function parseRequest(message: unknown): Request | undefined {
  const { kind, id, action, command } = (message ?? {}) as Record<string, unknown>;
  if (kind === 'run') {
    const known = RUNNABLE.find(each => each === command);
    return known && { kind, command: known };
  }
  if (typeof id !== 'number') return undefined;
  if (kind === 'load' || kind === 'samples') return { kind, id };
  if (kind !== 'act') return undefined;
  const asked = (action ?? {}) as Record<string, unknown>;
  const { kind: what, owner, version } = asked;
  if ((what !== 'promote' && what !== 'rollback') || typeof owner !== 'string' || typeof version !== 'string') return undefined;
  return OWNER.test(owner) && VERSION.test(version) ? { kind, id, action: { action: what, owner, version } } : undefined;
}

/** The address of the gateway's page if it is on this machine; a gateway elsewhere is not opened from here. */
export function dashboardAddress(answer: unknown): string | undefined {
  const editor = (answer as { editor?: { address?: unknown } } | undefined)?.editor;
  const address = editor?.address;
  return typeof address === 'string' && /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/.test(address) ? `${address}/` : undefined;
}

/** The page around the view's script: nothing else runs in it and nothing is loaded from elsewhere. */
export function dashboardPage(script: string, style: string, source: string, nonce: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${source}; script-src 'nonce-${nonce}'">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Penchant</title>
  <link rel="stylesheet" href="${style}">
</head>
<body>
  <div id="app"></div>
  <script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
