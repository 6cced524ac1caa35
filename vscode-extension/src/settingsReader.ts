/**
 * Reads Penchant's settings from VS Code. The rules about them are in `settings.ts`.
 */
import * as vscode from 'vscode';
import type { ServerSettings } from './contract';
import { effectiveSettings, type Layers } from './settings';

export const SECTION = 'penchant';

function layers(name: string): Layers<unknown> {
  const found = vscode.workspace.getConfiguration(SECTION).inspect<unknown>(name);
  return {
    byUser: found?.globalValue,
    byWorkspace: found?.workspaceFolderValue ?? found?.workspaceValue,
  };
}

export function readServerSettings(): ServerSettings {
  return effectiveSettings({
    enabled: layers('enabled'),
    languages: layers('languages'),
    // Application scope: VS Code itself ignores what a workspace says.
    debounceMs: vscode.workspace.getConfiguration(SECTION).get('debounceMs'),
  });
}

/** A path setting of machine scope, trimmed; undefined when empty. */
export function readPath(name: 'command' | 'pythonPath'): string | undefined {
  const value = vscode.workspace.getConfiguration(SECTION).get<unknown>(name);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
