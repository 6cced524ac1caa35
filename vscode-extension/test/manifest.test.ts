import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { commandId, type ServerCommand } from '../src/contract';

const root = path.resolve(__dirname, '../..');
const text = (name: string): string => readFileSync(path.join(root, name), 'utf8');
const manifest = JSON.parse(text('package.json')) as {
  contributes: {
    commands: { command: string }[];
    keybindings: { command: string; when: string }[];
    configuration: { properties: Record<string, { scope: string }> };
    walkthroughs: { steps: { description: string; media: { markdown: string } }[] }[];
  };
};
const contributed = manifest.contributes.commands.map(each => each.command);
const sources = readdirSync(path.join(root, 'src')).map(name => text(`src/${name}`)).join('\n');

test('every contributed command is registered', () => {
  for (const command of contributed) assert.ok(sources.includes(`'${command}'`), command);
});

test('no contributed command can be taken for one of the server', () => {
  const names: ServerCommand[] = ['accepted', 'status', 'pause', 'consent', 'rate', 'prefer', 'question', 'dashboard', 'adapter', 'samples'];
  for (const name of names) {
    assert.ok(!contributed.includes(commandId(name, '')), name);
    assert.equal(commandId(name, '.1f'), `penchant.${name}.1f`);
  }
});

test('keys are bound only while a suggestion is visible and only if wanted', () => {
  for (const { command, when } of manifest.contributes.keybindings) {
    assert.match(when, /inlineSuggestionVisible/, command);
    assert.match(when, /config\.penchant\.reportKeys/, command);
  }
});

test('no workspace can say what program is run', () => {
  const { properties } = manifest.contributes.configuration;
  assert.equal(properties['penchant.command']?.scope, 'machine');
  assert.equal(properties['penchant.pythonPath']?.scope, 'machine');
});

test('the pages of the walkthrough exist, and its links run contributed commands', () => {
  for (const { description, media } of manifest.contributes.walkthroughs.flatMap(each => each.steps)) {
    assert.ok(existsSync(path.join(root, media.markdown)), media.markdown);
    for (const [, command] of description.matchAll(/command:(penchant\.\w+)/g)) assert.ok(contributed.includes(command ?? ''), command);
  }
});

test('the lock file names no registry', () => {
  assert.doesNotMatch(text('package-lock.json'), /"resolved"/);
});

test('every setting is described in the README', () => {
  const readme = text('README.md');
  for (const name of Object.keys(manifest.contributes.configuration.properties)) assert.ok(readme.includes(`\`${name}\``), name);
});
