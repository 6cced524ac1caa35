// code-server lets every extension use every proposed API, so that an extension that needs one would pass
// its tests and fail on the desktop. This puts VS Code's own rule back: none, unless the window was opened
// for it. Usage: node strict-api.mjs FOLDER_OF_VS (run once, by install.sh)
import fs from 'node:fs';
import path from 'node:path';

const folder = process.argv[2];

// isProposedApiEnabled(extension, proposal) { return !0 }, known by the check that follows it
const ALWAYS = /(function ([\w$]+)\(([\w$]+),([\w$]+)\)\{)return!0(\}function [\w$]+\(([\w$]+),([\w$]+)\)\{if\(!\2\(\6,\7\)\)throw new Error\(`Extension .{1,40} CANNOT use API proposal)/;
const DECLARED = '$1return!!$3.enabledApiProposals&&$3.enabledApiProposals.includes($4)$5';

// the window's own switch: everything is allowed, where it should be nothing but what was asked for
const WINDOW = /(new Set\(\(([\w$]+)\.extensionEnabledProposedApi\?\?\[\]\)\.map\(.{1,80}?\)\),this\.[\w$]+=)!0,/;
const ASKED = '$1Array.isArray($2.extensionEnabledProposedApi)&&!$2.extensionEnabledProposedApi.length,';

function swap(name, pattern, replacement) {
  const file = path.join(folder, name);
  const before = fs.readFileSync(file, 'utf8');
  const after = before.replace(pattern, replacement);
  if (after === before) throw new Error(`${file}: nothing fits ${pattern}`);
  fs.writeFileSync(file, after);
}

const WORKBENCH = 'code/browser/workbench/workbench.js';
for (const name of ['workbench/api/node/extensionHostProcess.js', 'workbench/api/worker/extensionHostWorkerMain.js', WORKBENCH]) {
  swap(name, ALWAYS, DECLARED);
}
swap(WORKBENCH, WINDOW, ASKED);
