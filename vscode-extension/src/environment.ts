/**
 * Finds the program that serves, and makes sure that it does.
 *
 * Places are tried in order: the setting `penchant.command`, the setting `penchant.pythonPath`,
 * `penchant` on the PATH, the interpreter selected in the Python extension. Each is asked
 * `lsp --check`; the first that answers wins. Knows nothing of VS Code.
 */
import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import * as path from 'node:path';

const CHECK_TIMEOUT_MS = 10_000;
const LONGEST_ANSWER_BYTES = 64 * 1024;

export interface Program {
  command: string;
  /** Up to and including what makes it the language server; options are appended. */
  args: string[];
  /** Where it was found, in words for the output channel. */
  origin: string;
}

export interface Places {
  command: string | undefined;
  pythonPath: string | undefined;
  searchPath: string;
  /** The Python extension's interpreter; not asked in an untrusted workspace. */
  interpreter(): Promise<string | undefined>;
  platform?: NodeJS.Platform;
}

export interface Found {
  program: Program;
  version: string;
}

export interface Search {
  found: Found | undefined;
  /** One line per place that did not do, without anything from the workspace in it. */
  failures: string[];
}

/** Tries every place in turn. `cwd` must be a folder that no workspace can write to. */
export async function findServer(places: Places, cwd: string, timeoutMs = CHECK_TIMEOUT_MS): Promise<Search> {
  const failures: string[] = [];
  for await (const program of candidates(places, failures)) {
    const answer = await check(program, cwd, timeoutMs);
    if ('version' in answer) return { found: { program, version: answer.version }, failures };
    failures.push(`${program.origin} (${program.command}): ${answer.problem}`);
  }
  return { found: undefined, failures };
}

async function* candidates(places: Places, failures: string[]): AsyncGenerator<Program> {
  if (places.command) yield* absolute('setting penchant.command', places.command, asProgram, failures);
  if (places.pythonPath) yield* absolute('setting penchant.pythonPath', places.pythonPath, asModule, failures);
  const onPath = findOnPath('penchant', places.searchPath, places.platform);
  if (onPath) yield asProgram(onPath, 'penchant on the PATH');
  else failures.push('penchant is not on the PATH');
  const interpreter = await places.interpreter();
  if (interpreter) yield* absolute('interpreter of the Python extension', interpreter, asModule, failures);
}

function* absolute(origin: string, file: string, make: (file: string, origin: string) => Program, failures: string[]): Generator<Program> {
  // A relative path would be looked up from some folder that the user did not mean.
  if (path.isAbsolute(file)) yield make(file, origin);
  else failures.push(`${origin} (${file}): is not an absolute path`);
}

function asProgram(command: string, origin: string): Program {
  return { command, args: ['lsp'], origin };
}

function asModule(command: string, origin: string): Program {
  return { command, args: ['-m', 'penchant_lsp'], origin };
}

/** The first executable of that name in the absolute folders of a PATH; never in the current one. */
export function findOnPath(name: string, searchPath: string, platform: NodeJS.Platform = process.platform): string | undefined {
  const names = platform === 'win32' ? [`${name}.exe`] : [name];
  const folders = searchPath.split(platform === 'win32' ? ';' : ':').filter(folder => path.isAbsolute(folder));
  return folders.flatMap(folder => names.map(each => path.join(folder, each))).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

type Answer = { version: string } | { problem: string };

function check(program: Program, cwd: string, timeoutMs: number): Promise<Answer> {
  const options = { cwd, timeout: timeoutMs, maxBuffer: LONGEST_ANSWER_BYTES, windowsHide: true, killSignal: 'SIGKILL' as const };
  return new Promise(resolve => {
    execFile(program.command, [...program.args, '--check'], options, (error, stdout, stderr) => {
      const version = error ? undefined : versionIn(stdout);
      if (version !== undefined) resolve({ version });
      else resolve({ problem: problemOf(error, stderr, timeoutMs) });
    });
  });
}

/** The `version` in the last line of output that is a JSON object with one. */
export function versionIn(stdout: string): string | undefined {
  for (const line of stdout.split('\n').reverse()) {
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value === 'object' && value !== null && 'version' in value && typeof value.version === 'string') return value.version;
    } catch {
      // Not JSON: a greeting or a warning of the interpreter.
    }
  }
  return undefined;
}

function problemOf(error: import('node:child_process').ExecFileException | null, stderr: string, timeoutMs: number): string {
  if (!error) return '--check did not print a version';
  if (error.killed) return `--check did not answer within ${timeoutMs / 1000} s`;
  if (error.code === 'ENOENT') return 'there is no such file';
  if (error.code === 'EACCES') return 'it may not be run';
  const lastLine = stderr.trim().split('\n').at(-1)?.slice(0, 200);
  return `--check failed (${error.code ?? error.signal})${lastLine ? `: ${lastLine}` : ''}`;
}
