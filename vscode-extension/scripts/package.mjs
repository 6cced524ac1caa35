// Builds the extension and packs it into penchant-<version>.vsix: what .vscodeignore does not name.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { vsix } from './vsix.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const read = name => fs.readFileSync(path.join(root, name));

function ignored(name) {
  const rules = read('.vscodeignore').toString().split('\n').filter(line => line && !line.startsWith('#'));
  return rules.some(rule => {
    if (rule.endsWith('/')) return name.startsWith(rule);
    return rule.startsWith('*.') ? name.endsWith(rule.slice(1)) : name === rule;
  });
}

/** What is worth shipping of package.json: nothing about how the extension is built. */
function shippedManifest(manifest) {
  const { devDependencies, scripts, allowScripts, private: _, ...shipped } = manifest;
  return shipped;
}

function files(folder = '') {
  return fs.readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const name = path.posix.join(folder, entry.name);
    if (entry.isSymbolicLink() || ignored(entry.isDirectory() ? `${name}/` : name)) return [];
    return entry.isDirectory() ? files(name) : [name];
  }).sort();
}

execFileSync(process.execPath, [path.join(root, 'scripts/build.mjs')], { stdio: 'inherit' });
const manifest = shippedManifest(JSON.parse(read('package.json')));
const contents = files().map(name => [name, name === 'package.json' ? Buffer.from(JSON.stringify(manifest, null, 2)) : read(name)]);
const out = path.join(root, `${manifest.name}-${manifest.version}.vsix`);
fs.writeFileSync(out, vsix(manifest, contents));
console.log(`${path.basename(out)}: ${contents.length} files, ${Math.round(fs.statSync(out).size / 1024)} KB`);
for (const [name] of contents) console.log(`  ${name}`);
