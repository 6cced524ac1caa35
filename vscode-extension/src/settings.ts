/**
 * Turns VS Code's layered settings into what the language server is told.
 *
 * Holds one rule: a workspace may only tighten. A cloned repository can switch suggestions off,
 * for everything or for a language, but cannot switch on what its user switched off.
 * Knows nothing of VS Code; `settingsReader.ts` brings the layers.
 */
import type { ServerSettings } from './contract';

/** One setting, as its user set it and as the workspace (or its folder) did. */
export interface Layers<T> {
  byUser: T | undefined;
  byWorkspace: T | undefined;
}

export interface LayeredSettings {
  enabled: Layers<unknown>;
  languages: Layers<unknown>;
  debounceMs: unknown;
}

export function effectiveSettings(layers: LayeredSettings): ServerSettings {
  const settings: ServerSettings = {
    enabled: layers.enabled.byUser !== false && layers.enabled.byWorkspace !== false,
    languages: tighten(switches(layers.languages.byUser), switches(layers.languages.byWorkspace)),
  };
  if (typeof layers.debounceMs === 'number' && layers.debounceMs >= 0) settings.debounceMs = layers.debounceMs;
  return settings;
}

function tighten(own: Record<string, boolean>, workspace: Record<string, boolean>): Record<string, boolean> {
  const off = Object.entries(workspace).filter(([, on]) => !on);
  return { ...own, ...Object.fromEntries(off) };
}

/** Keeps the entries that are true or false; a hand-edited settings file may hold anything. */
function switches(value: unknown): Record<string, boolean> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean'));
}
