/**
 * Says in the status bar how Penchant is doing.
 *
 * A situation comes in, words leave: text, tooltip (markdown), accessible name. Only a missing server
 * is a warning; a gateway that is off is a normal state and stays plain. Pure.
 */
import type { Status, Training } from './contract';

export type Phase =
  | { kind: 'starting' }
  | { kind: 'running'; serverVersion: string }
  | { kind: 'waiting'; delayMs: number }
  | { kind: 'missing' };

export interface Situation {
  phase: Phase;
  status: Status | undefined;
  enabled: boolean;
  trusted: boolean;
}

export interface Badge {
  text: string;
  /** Markdown; may hold command links of this extension. */
  tooltip: string;
  accessibleName: string;
  warning: boolean;
}

/** The hint that a comparison waits. */
export const questionHint = {
  text: '$(comment-discussion) Which is better?',
  tooltip: "Penchant would like to know which of two candidates is better.\n\n[Don't ask again](command:penchant.stopAsking)",
  accessibleName: 'Penchant asks which of two candidates is better. Press to see them.',
};

export function badge(situation: Situation): Badge {
  const { icon, words } = headline(situation);
  return {
    text: `$(${icon}) Penchant${words ? `: ${words}` : ''}`,
    tooltip: tooltip(situation),
    accessibleName: `Penchant${words ? `: ${words}` : ''}. Press to open the menu.`,
    warning: situation.phase.kind === 'missing',
  };
}

function headline({ phase, status, enabled }: Situation): { icon: string; words: string } {
  if (phase.kind === 'missing') return { icon: 'warning', words: 'server not found' };
  if (phase.kind === 'starting') return { icon: 'sync~spin', words: 'starting' };
  if (phase.kind === 'waiting') return { icon: 'sync', words: 'restarting' };
  if (!enabled) return { icon: 'circle-slash', words: 'off' };
  if (!status) return { icon: 'sparkle', words: '' };
  if (status.paused) return { icon: 'debug-pause', words: 'paused' };
  if (status.gateway === 'down') return { icon: 'circle-slash', words: 'gateway off' };
  const training = status.training ? ` (training ${brief(status.training)})` : '';
  return { icon: 'sparkle', words: adapterName(status) + training };
}

export function adapterName(status: Status): string {
  return status.adapter ? [status.adapter, status.version].filter(Boolean).join(' ') : 'base';
}

function tooltip({ phase, status, enabled, trusted }: Situation): string {
  if (phase.kind === 'missing') {
    return paragraphs(
      "**Penchant's language server was not found.**",
      'Install it with `pip install penchant`, or set `penchant.command` to where it is.',
      '[How to mend this](command:penchant.mend) · [Output](command:penchant.showOutput)',
    );
  }
  if (phase.kind === 'waiting') return paragraphs('The language server ended.', `It is started again in ${Math.ceil(phase.delayMs / 1000)} s.`);
  if (phase.kind === 'starting') return 'The language server is starting.';
  if (!status) return 'The language server runs.';
  return paragraphs('**Penchant**', rows(status, enabled, trusted).join('  \n'));
}

function rows(status: Status, enabled: boolean, trusted: boolean): string[] {
  const rows = [
    enabled ? undefined : 'Suggestions: switched off in the settings',
    `Gateway: ${{ ok: 'answers', down: 'does not answer (start it with `penchant up`)', unknown: 'not asked yet' }[status.gateway]}`,
    `Adapter: ${status.adapter ? escape(adapterName(status)) : 'none, the base model answers'}`,
    status.model ? `Model: ${escape(status.model)}` : undefined,
    `Consent: ${status.consent}${status.consent === 'off' ? ', nothing is recorded' : ''}`,
    `Suggestions: ${status.shown} shown, ${status.accepted} accepted`,
    `Signals: ${status.recorded} recorded, ${status.dropped} dropped`,
    status.training ? `Training: ${escape(inWords(status.training))}` : undefined,
    trusted ? undefined : 'Folder: not trusted, nothing is recorded',
    status.lastError ? `Last error: ${escape(status.lastError)}` : undefined,
  ];
  return rows.filter(row => row !== undefined);
}

/** The phases of a run as the trainer names them; what is not here is shown by its name. */
const phases: Record<string, string> = {
  due: 'not begun',
  collect: 'reading your signals',
  split: 'holding out the newest',
  train_sft: 'learning what you wrote',
  judge_pairs: 'asking the judge',
  train_dpo: 'learning what you prefer',
  train_kto: 'learning what you kept and what you refused',
  train_reward: 'learning to judge as you do',
  train_grpo: 'practising in groups',
  train_ppo: 'practising with a critic',
  evaluate: 'trying it on held-out code',
  gate: 'deciding',
  publish: 'publishing',
};

/** A run that waits keeps its share in view, unless it has not begun. */
function brief({ phase, progress, waiting }: Training): string {
  if (phase === 'due') return 'waits';
  return waiting ? `${percent(progress)}, waits` : percent(progress);
}

function inWords({ phase, progress, waiting }: Training): string {
  const words = `${Object.hasOwn(phases, phase) ? phases[phase] : phase}, ${percent(progress)}`;
  return waiting ? `${words}; waiting: ${waiting}` : words;
}

function percent(progress: number): string {
  return `${Math.round(progress * 100)} %`;
}

function paragraphs(...parts: string[]): string {
  return parts.join('\n\n');
}

/** Text from elsewhere must not become markup, nor a command link. */
function escape(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!<>|~$]/g, '\\$&').replace(/\s+/g, ' ');
}
