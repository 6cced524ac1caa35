// Bundles the extension into out/extension.js, and the side view into out/view/ and into the server, which serves
// it as the dashboard; with --tests the unit tests into out/test/ instead; with --watch stays and rebuilds.
import { createHash } from 'node:crypto';
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

const VIEW = path.join(root, 'view'), PAGE = path.join(root, '../server/penchant_server/page');

/** A digest of the view's sources, which the built files name: whoever reads them can tell whether they are current. */
function sourcesOfView() {
  const digest = createHash('sha256');
  const names = fs.readdirSync(VIEW, { recursive: true }).map(name => name.split(path.sep).join('/'));
  for (const name of names.sort((a, b) => (a < b ? -1 : 1))) {
    const file = path.join(VIEW, name);
    if (fs.statSync(file).isFile()) digest.update(`${name}\n`).update(fs.readFileSync(file)).update('\n');
  }
  return digest.digest('hex');
}

// Not minified: whoever wonders what the page does can read it.
const about = `Built from vscode-extension/view by npm run build; sources ${sourcesOfView()}`;
const view = {
  absWorkingDir: root,
  bundle: true,
  platform: 'browser',
  format: 'iife',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  entryPoints: { dashboard: 'view/main.ts' },
  outdir: 'out/view',
  banner: { js: `// ${about}`, css: `/* ${about} */` },
};

async function buildView() {
  await esbuild.build(view);
  fs.mkdirSync(PAGE, { recursive: true });
  for (const name of ['dashboard.js', 'dashboard.css']) fs.copyFileSync(path.join(root, 'out/view', name), path.join(PAGE, name));
  for (const name of ['index.html', 'icon.svg']) fs.copyFileSync(path.join(VIEW, name), path.join(PAGE, name));
}

if (process.argv.includes('--watch')) {
  await (await esbuild.context(view)).watch();
  await (await esbuild.context(extension)).watch();
} else if (process.argv.includes('--tests')) {
  fs.rmSync(path.join(root, 'out/test'), { recursive: true, force: true });
  await esbuild.build(tests);
} else {
  await esbuild.build(extension);
  await buildView();
}
