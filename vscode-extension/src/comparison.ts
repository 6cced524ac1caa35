/**
 * The page that shows two candidates side by side. A question comes in, HTML leaves.
 *
 * Nothing in it is loaded from anywhere; style and script run by a nonce only; code is text, never
 * markup. Colours are the theme's. Keys: 1, 2, s, Escape. Pure.
 */
import type { Question } from './contract';

/** What the page may say to the extension. */
export type Reply = { kind: 'prefer'; choice: 0 | 1 } | { kind: 'skip' | 'never' | 'another' | 'close' };

export function parseReply(value: unknown): Reply | undefined {
  const { kind, choice } = (value ?? {}) as { kind?: unknown; choice?: unknown };
  if (kind === 'prefer') return choice === 0 || choice === 1 ? { kind, choice } : undefined;
  return kind === 'skip' || kind === 'never' || kind === 'another' || kind === 'close' ? { kind } : undefined;
}

export function questionPage(question: Question, nonce: string): string {
  // The cursor's own line stands in both candidates, so that they read as they would in the file.
  const [above, head] = split(question.before, question.before.lastIndexOf('\n'));
  const end = question.after.indexOf('\n');
  const [tail, below] = end < 0 ? [question.after, ''] : split(question.after, end);
  const candidates = question.candidates.map(
    ({ text }, place) => `
    <section aria-labelledby="name-${place}">
      <h2 id="name-${place}">${place + 1}</h2>
      <pre tabindex="0" aria-label="Candidate ${place + 1}"><i>${escape(head)}</i>${escape(text)}<i>${escape(tail)}</i></pre>
      <button id="prefer-${place}" aria-label="Prefer candidate ${place + 1}">Prefer ${place + 1}</button>
    </section>`,
  );
  return page(
    nonce,
    `
  <h1>Which is better?</h1>
  <p>${escape(question.path || 'A file without a name')}, ${escape(question.language)}. Your answer goes into your own signal log.</p>
  <pre class="around" aria-label="Code before">${escape(above)}</pre>
  <div class="pair">${candidates.join('')}
  </div>
  <pre class="around" aria-label="Code after">${escape(below)}</pre>
  <p class="row">
    <button id="skip" class="quiet">Skip</button>
    <button id="never" class="quiet">Don't ask again</button>
  </p>
  <p class="hint">Keys: 1 or 2 prefers, s skips, Escape closes.</p>`,
  );
}

/** The text before and after the newline at `place`; all of it after where there is none. */
function split(text: string, place: number): [string, string] {
  return place < 0 ? ['', text] : [text.slice(0, place), text.slice(place + 1)];
}

/** After an answer, or where there is no question. */
export function messagePage(message: string, nonce: string, another: boolean): string {
  const more = another ? '<button id="another">Another one</button>' : '';
  return page(
    nonce,
    `
  <h1 role="status">${escape(message)}</h1>
  <p class="row">${more} <button id="close" class="quiet">Close</button></p>`,
  );
}

function page(nonce: string, body: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
  <title>Penchant: which is better?</title>
  <style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<main>${body}
</main>
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>`;
}

const STYLE = `
  body { padding: 0 1.5em 1.5em; color: var(--vscode-foreground); background: var(--vscode-editor-background); font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); }
  h1 { font-size: 1.4em; font-weight: 600; }
  h2 { font-size: 1em; margin: 0; }
  pre { margin: 0.5em 0; padding: 0.75em; overflow-x: auto; tab-size: 4; font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); }
  .around { color: var(--vscode-descriptionForeground); padding: 0 0.75em; }
  pre i { font-style: normal; color: var(--vscode-descriptionForeground); }
  .around:empty { display: none; }
  .pair { display: flex; flex-wrap: wrap; gap: 1em; }
  section { flex: 1 1 20em; min-width: 0; padding: 0.75em; border: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, currentColor)); border-radius: 4px; }
  section pre { background: var(--vscode-textCodeBlock-background); color: var(--vscode-editor-foreground); white-space: pre; }
  button { padding: 0.4em 1em; border: 1px solid var(--vscode-button-border, transparent); border-radius: 2px; font: inherit; cursor: pointer; color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
  button:hover { background: var(--vscode-button-hoverBackground); }
  button.quiet { color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); }
  button.quiet:hover { background: var(--vscode-button-secondaryHoverBackground); }
  :focus-visible { outline: 2px solid var(--vscode-focusBorder); outline-offset: 2px; }
  .row { display: flex; gap: 0.75em; margin: 1em 0; }
  .hint { color: var(--vscode-descriptionForeground); }
`;

const SCRIPT = `
  const vscode = acquireVsCodeApi();
  const replies = {
    'prefer-0': { kind: 'prefer', choice: 0 }, 'prefer-1': { kind: 'prefer', choice: 1 },
    skip: { kind: 'skip' }, never: { kind: 'never' }, another: { kind: 'another' }, close: { kind: 'close' },
  };
  const keys = { 1: 'prefer-0', 2: 'prefer-1', s: 'skip' };
  for (const [id, reply] of Object.entries(replies)) {
    document.getElementById(id)?.addEventListener('click', () => vscode.postMessage(reply));
  }
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'Escape') vscode.postMessage({ kind: 'close' });
    else if (keys[event.key]) document.getElementById(keys[event.key])?.click();
  });
  (document.getElementById('another') ?? document.getElementById('close') ?? document.getElementById('prefer-0')).focus();
`;

/** Code is shown as it is: nothing in it becomes markup. */
function escape(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}
