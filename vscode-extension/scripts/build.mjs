// Bundles the extension into out/extension.js; with --tests the unit tests into out/test/ instead;
// with --watch stays and rebuilds.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const shared = { absWorkingDir: root, bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'warning' };

const extension = {
  ...shared,
  entryPoints: ['src/extension.ts'],
  outfile: 'out/extension.js',
  external: ['vscode'],
  minify: true,
  keepNames: true,
  legalComments: 'eof',
};

const tests = {
  ...shared,
  // No `vscode` here: a test that pulls it in fails to load, which keeps the tested parts pure.
  entryPoints: fs.readdirSync(path.join(root, 'test')).filter(name => name.endsWith('.test.ts')).map(name => `test/${name}`),
  outdir: 'out/test',
  sourcemap: 'inline',
};

if (process.argv.includes('--watch')) {
  await (await esbuild.context(extension)).watch();
} else if (process.argv.includes('--tests')) {
  fs.rmSync(path.join(root, 'out/test'), { recursive: true, force: true });
  await esbuild.build(tests);
} else {
  await esbuild.build(extension);
}
