/**
 * Where the page is: in a browser at the gateway's address, or in an editor's side view.
 *
 * In the browser it asks the gateway itself, with the token that the gateway gave; in the editor it asks the
 * extension by messages and never the network.
 */

export type Answer = { ok: true; value: unknown } | { ok: false; why: string };

export interface Action {
  kind: 'promote' | 'rollback';
  owner: string;
  version: string;
}

/** What an editor can do for the page; a browser can do none of it. */
export type EditorCommand = 'consent' | 'pause' | 'output' | 'browser' | 'walkthrough' | 'erase';

export interface Host {
  readonly inEditor: boolean;
  load(): Promise<Answer>;
  act(action: Action): Promise<Answer>;
  samples(): Promise<Answer>;
  run(command: EditorCommand): void;
}

interface EditorApi {
  postMessage(message: unknown): void;
}

declare function acquireVsCodeApi(): EditorApi;

export function findHost(): Host {
  return typeof acquireVsCodeApi === 'function' ? editorHost(acquireVsCodeApi()) : webHost();
}

const TOKEN = 'x-penchant-token';
const DOWN = 'The gateway does not answer. Start it with `penchant up`; this page goes on by itself.';

function webHost(): Host {
  let token = '';
  const ask = async (path: string, method: 'GET' | 'POST'): Promise<Answer> => {
    try {
      const answer = await fetch(path, { method, headers: method === 'POST' ? { [TOKEN]: token } : {}, cache: 'no-store', redirect: 'error' });
      token = answer.headers.get(TOKEN) ?? token;
      const value: unknown = await answer.json().catch(() => undefined);
      return answer.ok ? { ok: true, value } : { ok: false, why: refusal(value) ?? `The gateway answered ${answer.status}.` };
    } catch {
      return { ok: false, why: DOWN };
    }
  };
  return {
    inEditor: false,
    load: () => ask('/v1/dashboard', 'GET'),
    act: ({ kind, owner, version }) => ask(kind === 'rollback' ? `/v1/adapters/${owner}/rollback` : `/v1/adapters/${owner}/${version}/promote`, 'POST'),
    samples: () => ask('/v1/dashboard/samples', 'POST'),
    run: () => undefined,
  };
}

function refusal(value: unknown): string | undefined {
  const error = (value as { error?: { message?: unknown } } | undefined)?.error;
  return typeof error?.message === 'string' ? error.message : undefined;
}

function editorHost(api: EditorApi): Host {
  let last = 0;
  const waiting = new Map<number, (answer: Answer) => void>();
  window.addEventListener('message', ({ data }: MessageEvent<{ id?: unknown; answer?: Answer }>) => {
    if (typeof data?.id !== 'number' || !data.answer) return;
    waiting.get(data.id)?.(data.answer);
    waiting.delete(data.id);
  });
  const ask = (request: object): Promise<Answer> =>
    new Promise(resolve => {
      last += 1;
      waiting.set(last, resolve);
      api.postMessage({ ...request, id: last });
    });
  return {
    inEditor: true,
    load: () => ask({ kind: 'load' }),
    act: action => ask({ kind: 'act', action }),
    samples: () => ask({ kind: 'samples' }),
    run: command => api.postMessage({ kind: 'run', command }),
  };
}
