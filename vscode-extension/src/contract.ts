/**
 * What the extension and the language server say to each other beyond plain LSP.
 *
 * Holds the types, the method names and the one parser for what arrives. Knows nothing of VS Code.
 * A server that is older or newer than this extension may leave fields out: they get quiet defaults.
 */

export const CONSENT_LEVELS = ['off', 'local', 'personal', 'team'] as const;
export type ConsentLevel = (typeof CONSENT_LEVELS)[number];

export interface CompletionRef {
  completionId: string;
  index: number;
}

export interface Training {
  phase: string;
  /** 0 to 1. */
  progress: number;
  /** Why it waits; null while it goes on. */
  waiting: string | null;
}

export interface Status {
  gateway: 'ok' | 'down' | 'unknown';
  /** For example `dev/alice`; null while the base model answers. */
  adapter: string | null;
  /** For example `v0003`. */
  version: string | null;
  model: string;
  paused: boolean;
  consent: ConsentLevel;
  consentAsked: boolean;
  shown: number;
  accepted: number;
  recorded: number;
  dropped: number;
  lastError: string | null;
  lastCompletion: CompletionRef | null;
  training: Training | null;
  /** A comparison waits for an answer. */
  question: boolean;
}

export interface QuestionCandidate {
  index: number;
  text: string;
}

/** Two candidates of one completion; which of them is better? */
export interface Question {
  completionId: string;
  path: string;
  language: string;
  before: string;
  after: string;
  candidates: [QuestionCandidate, QuestionCandidate];
}

export interface ServerSettings {
  enabled: boolean;
  languages: Record<string, boolean>;
  debounceMs?: number;
}

export interface InitializationOptions {
  client: 'vscode';
  workspaceTrusted: boolean;
  settings: ServerSettings;
}

export interface ConsentAnswer {
  level: ConsentLevel;
  asked: boolean;
  workspace: string;
  grantedAt?: string | null;
  textVersion: string | number;
  sample?: unknown;
}

export interface RateAnswer {
  stored: boolean;
  why?: string | null;
}

/** Identifies an item in the notifications below, in the shape Copilot's language server made customary. */
export interface ItemReference {
  insertText: string;
  range: { start: { line: number; character: number }; end: { line: number; character: number } };
  command: { title: string; command: string; arguments: [string, number] };
}

export const METHODS = {
  status: 'penchant/status',
  didShow: 'textDocument/didShowCompletion',
  didPartiallyAccept: 'textDocument/didPartiallyAcceptCompletion',
  didDismiss: 'penchant/didDismissCompletion',
  didChangeReason: 'penchant/didChangeReason',
  didChangePresence: 'penchant/didChangePresence',
} as const;

export type ServerCommand = 'accepted' | 'status' | 'pause' | 'consent' | 'rate' | 'prefer' | 'question' | 'dashboard' | 'adapter' | 'samples';

/** The id under which this instance's server advertises a command. */
export function commandId(name: ServerCommand, suffix: string): string {
  return `penchant.${name}${suffix}`;
}

/** Reads a status from the wire; undefined when it is not even an object. */
export function parseStatus(value: unknown): Status | undefined {
  const raw = record(value);
  if (!raw) return undefined;
  return {
    gateway: raw['gateway'] === 'ok' || raw['gateway'] === 'down' ? raw['gateway'] : 'unknown',
    adapter: text(raw['adapter']),
    version: text(raw['version']),
    model: text(raw['model']) ?? '',
    paused: raw['paused'] === true,
    consent: consentLevel(raw['consent']),
    // A server that does not say must not make us ask on every start.
    consentAsked: raw['consentAsked'] !== false,
    shown: count(raw['shown']),
    accepted: count(raw['accepted']),
    recorded: count(raw['recorded']),
    dropped: count(raw['dropped']),
    lastError: text(raw['lastError']),
    lastCompletion: completionRef(raw['lastCompletion']),
    training: training(raw['training']),
    question: raw['question'] === true,
  };
}

/** Reads the `{question}` of the server; undefined when there is none. */
export function parseQuestion(value: unknown): Question | undefined {
  const raw = record(record(value)?.['question']);
  const listed = Array.isArray(raw?.['candidates']) ? raw['candidates'] : [];
  const [one, other] = listed.map(candidate);
  const completionId = text(raw?.['completionId']);
  if (!raw || !completionId || !one || !other || listed.length !== 2) return undefined;
  const said = (name: string): string => text(raw[name]) ?? '';
  return { completionId, path: said('path'), language: said('language'), before: said('before'), after: said('after'), candidates: [one, other] };
}

function candidate(value: unknown): QuestionCandidate | undefined {
  const raw = record(value);
  if (!raw || typeof raw['index'] !== 'number' || typeof raw['text'] !== 'string') return undefined;
  return { index: raw['index'], text: raw['text'] };
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;
}

function consentLevel(value: unknown): ConsentLevel {
  return CONSENT_LEVELS.find(level => level === value) ?? 'off';
}

/** Reads the `[completionId, candidateIndex]` of a reference; null when it is not one. */
export function completionRef(value: unknown): CompletionRef | null {
  const raw = record(value);
  if (!raw || typeof raw['completionId'] !== 'string' || typeof raw['index'] !== 'number') return null;
  return { completionId: raw['completionId'], index: raw['index'] };
}

function training(value: unknown): Training | null {
  const raw = record(value);
  const phase = text(raw?.['phase']);
  if (!raw || !phase) return null;
  const progress = typeof raw['progress'] === 'number' ? raw['progress'] : 0;
  return { phase, progress: Math.min(1, Math.max(0, progress)), waiting: text(raw['waiting']) };
}
