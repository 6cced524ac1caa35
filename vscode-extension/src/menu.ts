/**
 * What a click on the status bar offers, and the commands behind it.
 */
import * as vscode from 'vscode';
import type { Status } from './contract';
import type { LanguageServer } from './languageServer';
import type { Situation } from './statusText';

interface Entry extends vscode.QuickPickItem {
  run?: string;
  arguments?: unknown[];
}

export async function showMenu(situation: Situation): Promise<void> {
  const picked = await vscode.window.showQuickPick(entries(situation), { title: 'Penchant', placeHolder: 'What would you like to do?' });
  if (picked?.run) await vscode.commands.executeCommand(picked.run, ...(picked.arguments ?? []));
}

function entries({ phase, status }: Situation): Entry[] {
  const line = { label: '', kind: vscode.QuickPickItemKind.Separator };
  const running = phase.kind === 'running';
  return [
    ...(phase.kind === 'missing' ? [{ label: '$(tools) How to mend this', description: 'the language server was not found', run: 'penchant.mend' }] : []),
    ...(running && status ? serverEntries(status) : []),
    line,
    { label: '$(graph) Show statistics and versions', run: 'penchant.showDashboard' },
    { label: '$(output) Show output', run: 'penchant.showOutput' },
    { label: running ? '$(debug-restart) Restart the language server' : '$(debug-restart) Start the language server', run: 'penchant.restart' },
    { label: '$(gear) Open settings', run: 'workbench.action.openSettings', arguments: ['@ext:penchant.penchant'] },
    { label: '$(book) Open the walkthrough', run: 'penchant.mend' },
  ];
}

function serverEntries(status: Status): Entry[] {
  const rating = status.lastCompletion
    ? [
        { label: '$(thumbsup) The last suggestion was good', run: 'penchant.rateUp' },
        { label: '$(thumbsdown) The last suggestion was bad', run: 'penchant.rateDown' },
        { label: '$(comment) The last suggestion was bad, because…', run: 'penchant.rateDownWithReason' },
      ]
    : [];
  const compare = status.consent === 'off' ? [] : [{ label: '$(split-horizontal) Compare two candidates', run: 'penchant.compare' }];
  const waiting = status.question ? [{ label: "$(bell-slash) Don't ask which is better again", run: 'penchant.stopAsking' }] : [];
  return [
    status.paused ? { label: '$(debug-start) Resume suggestions', run: 'penchant.togglePause' } : { label: '$(debug-pause) Pause suggestions', run: 'penchant.togglePause' },
    { label: '$(law) Choose what is recorded…', description: `now: ${status.consent}`, run: 'penchant.chooseConsent' },
    ...rating,
    ...compare,
    ...waiting,
  ];
}

export async function togglePause(server: LanguageServer, status: Status | undefined): Promise<void> {
  server.take(await server.command('pause', { paused: !status?.paused }));
}
