// What every end-to-end test needs: a workspace that is thrown away, the packed extension, a place for pictures,
// and a line per step that says how long it took.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
export const root = path.dirname(here);
export const artefacts = path.resolve(process.env.PENCHANT_ARTEFACTS ?? path.join(here, 'artefacts'));

/** Packs the extension as it is now and returns the path of the .vsix. */
export function packExtension() {
  execFileSync(process.execPath, [path.join(root, 'scripts/package.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
  const { name, version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  return path.join(root, `${name}-${version}.vsix`);
}

/** A new temporary folder with `files` (name to text); `remove()` takes it away. */
export function temporaryFolder(files = {}) {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'penchant-e2e-')));
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
  return { folder, remove: () => fs.rmSync(folder, { recursive: true, force: true }) };
}

/** Runs one step and prints its name and time; a failing step says which it was. */
export async function step(name, run) {
  const started = Date.now();
  try {
    const result = await run();
    console.log(`ok    ${name} (${Date.now() - started} ms)`);
    return result;
  } catch (error) {
    console.log(`FAIL  ${name} (${Date.now() - started} ms)`);
    throw error;
  }
}

/** Keeps what helps to understand a failure: the picture, the editor's two logs, and Penchant's own if its home is given. */
export async function keepEvidence(vs, name, home) {
  fs.mkdirSync(artefacts, { recursive: true });
  const logs = home && path.join(home, 'state', 'logs');
  if (logs && fs.existsSync(logs)) fs.cpSync(logs, path.join(artefacts, `${name}-logs`), { recursive: true });
  await vs.screenshot(path.join(artefacts, `${name}-failed.png`)).catch(() => {});
  fs.writeFileSync(path.join(artefacts, `${name}-output.log`), vs.outputChannel('Penchant'));
  fs.writeFileSync(path.join(artefacts, `${name}-extension-host.log`), vs.extensionHostLog());
}
