/**
 * The rules and the words of consent. Nothing is stored until a person says yes.
 *
 * Decides when to ask and writes the page that shows what would be stored. Pure.
 */
import { CONSENT_LEVELS, type ConsentAnswer, type ConsentLevel, type Status } from './contract';

export const QUESTION = 'Penchant can learn from what becomes of its suggestions. Nothing is stored until you say yes.';
export const SHOW = 'Show what would be stored';
export const YES = 'Yes, on this machine only';
export const NO = 'No';

/** What each level means. The same words as the language server keeps with a decision (`penchant_core.consent`). */
export const TEXT: Record<ConsentLevel, string> = {
  off: 'Nothing is recorded.',
  local: 'What becomes of suggestions is recorded and trained on this machine only.',
  personal: "As local, and your team's server may train your own adapter.",
  team: "As personal, and your preference pairs may also enter the team's adapter.",
};

export interface Moment {
  trusted: boolean;
  status: Status | undefined;
  /** Ghost text was offered since start-up: nobody is asked about what they have not seen. */
  offered: boolean;
  /** The question was put since start-up, whatever became of it. */
  askedSinceStart: boolean;
}

export function mayAsk({ trusted, status, offered, askedSinceStart }: Moment): boolean {
  if (!trusted || askedSinceStart || !status || status.consentAsked) return false;
  return offered || status.shown > 0 || status.accepted > 0;
}

export interface LevelChoice {
  level: ConsentLevel;
  label: string;
  description: string;
  detail: string;
}

export function levelChoices(current: ConsentLevel): LevelChoice[] {
  return CONSENT_LEVELS.map(level => ({
    level,
    label: `$(${level === current ? 'check' : 'blank'}) ${level}`,
    description: level === current ? 'current' : '',
    detail: `$(blank) ${TEXT[level]}`,
  }));
}

/** Markdown that explains one stored signal, with a sample of it. */
export function samplePage(answer: ConsentAnswer): string {
  return [
    '# What Penchant would store',
    '',
    'For every suggestion: the code around the cursor, what was suggested, and what became of it.',
    '',
    '- **Where:** in a database file on this machine that only you can read.',
    '- **What for:** to train an adapter, a small addition to the model, that belongs to you.',
    '- **Who sees it:** nobody else, unless you choose a team level yourself.',
    '- **Never stored:** anything before you say yes; files such as `.env` and keys; a suggestion or its',
    '  surroundings in which something looks like a secret.',
    '- **How to change your mind:** run the command *Penchant: Choose What Is Recorded*, or',
    '  `penchant signals erase` in a terminal, which deletes what was stored.',
    '',
    '| level | what it means |',
    '|---|---|',
    ...CONSENT_LEVELS.map(level => `| ${level} | ${TEXT[level]} |`),
    '',
    `In this workspace now: ${answer.level}. Version of this text: ${answer.textVersion}.`,
    '',
    'One stored signal looks like this (an invented example, not your code):',
    '',
    '```json',
    JSON.stringify(answer.sample ?? {}, null, 2),
    '```',
    '',
  ].join('\n');
}
