/**
 * What the dashboard is told, and the one reader of what arrives.
 *
 * The gateway (`GET /v1/dashboard`) and the language server (`penchant.dashboard`) answer alike; an older
 * one may leave fields out, which get quiet defaults. Pure; knows nothing of pages.
 */

export interface Figures {
  shown: number;
  accepted: number;
  rejected: number;
  retainedChars: number;
  keystrokesSaved: number;
}

export interface Day extends Figures {
  /** Local, `2026-11-21`. */
  day: string;
}

export interface VersionFigures {
  /** `dev/ada/v0001`, or `base`. */
  name: string;
  shown: number;
  accepted: number;
  retainedChars: number;
}

export interface Statistics {
  today: Figures;
  month: Figures;
  /** Oldest first, without gaps. */
  days: Day[];
  versions: VersionFigures[];
  signals: number;
  problem: string | null;
}

export interface Run {
  id: string;
  status: string;
  phase: string;
  /** Epoch seconds, as all times here. */
  started: number;
  updated: number;
  version: string;
  reasons: string[];
}

export interface Decision {
  workspace: string;
  level: string;
  at: number;
  via: string;
}

export interface Local {
  at: number;
  developer: string;
  statistics: Statistics;
  runs: Run[];
  rebuild: { at: number; reason: string } | null;
  words: Record<string, string>;
  decisions: Decision[];
  signalLog: string;
  logExists: boolean;
  retentionDays: number;
}

export interface Measured {
  n: number;
  similarity: number | null;
  retainedChars: number | null;
  parses: number | null;
  perplexity: number | null;
}

export interface Version {
  version: string;
  createdAt: number;
  method: string;
  parent: string | null;
  signals: number;
  trainedOn: number;
  before: Measured | null;
  after: Measured | null;
  reasons: string[];
  sentences: string[];
  withdrawn: { at: number; reason: string } | null;
}

export interface Owner {
  owner: string;
  live: string | null;
  since: number;
  why: string;
  refused: string | null;
  canRollBack: boolean;
  /** Null: the base model. */
  back: string | null;
  /** Newest first. */
  versions: Version[];
}

export interface Training {
  phase: string;
  /** 0 to 1. */
  progress: number;
}

export interface Live {
  engine: { kind: string; state: string; reason: string | null };
  baseModel: string;
  adapter: string | null;
  version: string | null;
  fallback: string | null;
  training: Training | null;
  adapters: Owner[];
}

/** What only an editor knows. */
export interface Editor {
  workspace: string;
  folder: string;
  trusted: boolean;
  consent: string;
  paused: boolean;
  lastError: string | null;
  dropped: number;
}

export interface Dashboard {
  local: Local;
  live: Live | null;
  liveProblem: string | null;
  editor: Editor | null;
}

export interface Sample {
  title: string;
  prefix: string;
  suffix: string;
  before: string;
  after: string | null;
}

export interface Samples {
  adapter: string | null;
  version: string | null;
  samples: Sample[];
}

/** Reads a dashboard; undefined when it is not one. */
export function parseDashboard(value: unknown): Dashboard | undefined {
  const raw = record(value);
  if (!raw || !record(raw['local'])) return undefined;
  return {
    local: local(object(raw['local'])),
    live: record(raw['live']) ? live(object(raw['live'])) : null,
    liveProblem: text(raw['liveProblem']),
    editor: record(raw['editor']) ? editor(object(raw['editor'])) : null,
  };
}

/** Reads samples; undefined when they are none. */
export function parseSamples(value: unknown): Samples | undefined {
  const raw = record(value);
  if (!raw || !Array.isArray(raw['samples'])) return undefined;
  return { adapter: text(raw['adapter']), version: text(raw['version']), samples: list(raw['samples']).map(sample) };
}

type Raw = Record<string, unknown>;

function local(raw: Raw): Local {
  const consent = object(raw['consent']), storage = object(raw['storage']), rebuild = record(raw['rebuild']);
  return {
    at: number(raw['at']),
    developer: said(raw['developer']),
    statistics: statistics(object(raw['statistics'])),
    runs: list(raw['runs']).map(run),
    rebuild: rebuild ? { at: number(rebuild['at']), reason: said(rebuild['reason']) } : null,
    words: Object.fromEntries(Object.entries(object(consent['words'])).map(([level, words]) => [level, said(words)])),
    decisions: list(consent['workspaces']).map(decision),
    signalLog: said(storage['signal_log']),
    logExists: storage['exists'] === true,
    retentionDays: number(storage['retention_days']),
  };
}

function statistics(raw: Raw): Statistics {
  return {
    today: figures(object(raw['today'])),
    month: figures(object(raw['month'])),
    days: list(raw['days']).map(day => ({ ...figures(day), day: said(day['day']) })),
    versions: list(raw['versions']).map(each => ({ ...figures(each), name: said(each['name']) })),
    signals: number(raw['signals']),
    problem: text(raw['problem']),
  };
}

function figures(raw: Raw): Figures {
  return {
    shown: number(raw['shown']),
    accepted: number(raw['accepted']),
    rejected: number(raw['rejected']),
    retainedChars: number(raw['retained_chars']),
    keystrokesSaved: number(raw['keystrokes_saved']),
  };
}

function run(raw: Raw): Run {
  return {
    id: said(raw['id']),
    status: said(raw['status']),
    phase: said(raw['phase']),
    started: number(raw['started']),
    updated: number(raw['updated']),
    version: said(raw['version']),
    reasons: texts(raw['reasons']),
  };
}

function decision(raw: Raw): Decision {
  return { workspace: said(raw['workspace']), level: said(raw['level']), at: number(raw['at']), via: said(raw['via']) };
}

function live(raw: Raw): Live {
  const engine = object(raw['engine']), serving = object(raw['serving']), training = record(raw['training']);
  return {
    engine: { kind: said(engine['kind']), state: said(engine['state']), reason: text(engine['reason']) },
    baseModel: said(raw['base_model']),
    adapter: text(serving['adapter']),
    version: text(serving['version']),
    fallback: text(serving['fallback']),
    training: training && said(training['phase']) ? { phase: said(training['phase']), progress: Math.min(1, number(training['progress'])) } : null,
    adapters: list(raw['adapters']).map(owner),
  };
}

function owner(raw: Raw): Owner {
  return {
    owner: said(raw['owner']),
    live: text(raw['live']),
    since: number(raw['since']),
    why: said(raw['why']),
    refused: text(raw['refused']),
    canRollBack: raw['can_roll_back'] === true,
    back: text(raw['back']),
    versions: list(raw['versions']).map(version),
  };
}

function version(raw: Raw): Version {
  const withdrawn = record(raw['withdrawn']);
  return {
    version: said(raw['version']),
    createdAt: number(raw['created_at']),
    method: said(raw['method']),
    parent: text(raw['parent']),
    signals: number(raw['signals']),
    trainedOn: number(object(raw['data'])['train']),
    before: measured(raw['before']),
    after: measured(raw['after']),
    reasons: texts(raw['reasons']),
    sentences: texts(raw['sentences']),
    withdrawn: withdrawn ? { at: number(withdrawn['at']), reason: said(withdrawn['reason']) } : null,
  };
}

function measured(value: unknown): Measured | null {
  const raw = record(value);
  if (!raw) return null;
  return {
    n: number(raw['n']),
    similarity: known(raw['similarity']),
    retainedChars: known(raw['retained_chars']),
    parses: known(raw['parses']),
    perplexity: known(raw['perplexity']),
  };
}

function editor(raw: Raw): Editor {
  return {
    workspace: said(raw['workspace']),
    folder: said(raw['folder']),
    trusted: raw['trusted'] !== false,
    consent: said(raw['consent']) || 'off',
    paused: raw['paused'] === true,
    lastError: text(raw['lastError']),
    dropped: number(raw['dropped']),
  };
}

function sample(raw: Raw): Sample {
  return { title: said(raw['title']), prefix: said(raw['prefix']), suffix: said(raw['suffix']), before: said(raw['before']), after: typeof raw['after'] === 'string' ? raw['after'] : null };
}

function record(value: unknown): Raw | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : undefined;
}

const object = (value: unknown): Raw => record(value) ?? {};
const list = (value: unknown): Raw[] => (Array.isArray(value) ? value.map(object) : []);
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter(each => typeof each === 'string') : []);
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const said = (value: unknown): string => text(value) ?? '';
const known = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);
const number = (value: unknown): number => Math.max(0, known(value) ?? 0);
