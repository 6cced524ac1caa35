import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, test } from 'node:test';
import { findOnPath, findServer, versionIn, type Places } from '../src/environment';

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'penchant-environment-')));
const cwd = path.join(folder, 'cwd');
mkdirSync(cwd);
after(() => rmSync(folder, { recursive: true }));

/** An executable script; what it says depends on what it is asked. */
function program(name: string, body: string): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

const answering = (name: string, version: string): string => program(name, `echo '{"version": "${version}"}'`);

function places(given: Partial<Places>): Places {
  return { command: undefined, pythonPath: undefined, searchPath: '', interpreter: async () => undefined, ...given };
}

test('the setting for the program comes before everything else', async () => {
  const own = answering('own', '1.0');
  answering('first/penchant', '2.0');
  const { found } = await findServer(places({ command: own, pythonPath: answering('python', '3.0'), searchPath: path.join(folder, 'first') }), cwd);
  assert.equal(found?.version, '1.0');
  assert.deepEqual(found?.program.args, ['lsp']);
});

test('the interpreter of the settings comes before the PATH and runs the module', async () => {
  const python = program('python-with', `[ "$1 $2" = "-m penchant_lsp" ] && echo '{"version": "'$3'"}'`);
  answering('second/penchant', '2.0');
  const { found } = await findServer(places({ pythonPath: python, searchPath: path.join(folder, 'second') }), cwd);
  assert.equal(found?.version, found?.program.args.includes('lsp') ? 'lsp' : '--check');
  assert.equal(found?.program.command, python);
});

test('a place that does not work is passed over, and why is kept', async () => {
  const broken = program('broken', 'echo "No module named penchant" >&2; exit 1');
  const onPath = path.dirname(answering('third/penchant', '4.0'));
  const { found, failures } = await findServer(places({ command: broken, searchPath: onPath }), cwd);
  assert.equal(found?.version, '4.0');
  assert.match(failures[0] ?? '', /penchant\.command.*No module named penchant/);
});

test('the Python extension is asked last, and not at all when something was found before', async () => {
  let asked = 0;
  const interpreter = async () => { asked += 1; return answering('selected', '5.0'); };
  assert.equal((await findServer(places({ interpreter }), cwd)).found?.version, '5.0');
  assert.equal((await findServer(places({ interpreter, command: answering('mine', '6.0') }), cwd)).found?.version, '6.0');
  assert.equal(asked, 1);
});

test('when nothing works each place has its reason', async () => {
  const { found, failures } = await findServer(places({ command: path.join(folder, 'absent'), pythonPath: 'python3' }), cwd);
  assert.equal(found, undefined);
  assert.equal(failures.length, 3);
  assert.match(failures[0] ?? '', /no such file/);
  assert.match(failures[1] ?? '', /not an absolute path/);
  assert.match(failures[2] ?? '', /not on the PATH/);
});

test('a program that hangs is ended when the time is over', async () => {
  const hanging = program('hanging', 'exec sleep 60');
  const { found, failures } = await findServer(places({ command: hanging }), cwd, 200);
  assert.equal(found, undefined);
  assert.match(failures[0] ?? '', /did not answer within 0.2 s/);
});

test('the check runs in the folder it is given, never in a workspace', async () => {
  const where = program('where', `echo "{\\"version\\": \\"$PWD\\"}"`);
  assert.equal((await findServer(places({ command: where }), cwd)).found?.version, cwd);
});

test('relative and empty folders of a PATH are not searched', () => {
  answering('fourth/penchant', '7.0');
  const relative = path.relative(process.cwd(), path.join(folder, 'fourth'));
  assert.equal(findOnPath('penchant', `:.:${relative}`), undefined);
  assert.equal(findOnPath('penchant', path.join(folder, 'fourth')), path.join(folder, 'fourth', 'penchant'));
});

test('a folder or a file that may not be run is not a program', () => {
  mkdirSync(path.join(folder, 'fifth/penchant'), { recursive: true });
  mkdirSync(path.join(folder, 'sixth'));
  writeFileSync(path.join(folder, 'sixth/penchant'), '');
  assert.equal(findOnPath('penchant', `${folder}/fifth:${folder}/sixth`), undefined);
});

test('the version is read past greetings and warnings', () => {
  assert.equal(versionIn('hello\n{"version": "1.2", "python": "3.12"}\n'), '1.2');
  assert.equal(versionIn('{"version": 3}\n'), undefined);
  assert.equal(versionIn('null\n[]\n'), undefined);
});
