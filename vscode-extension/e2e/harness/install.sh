#!/usr/bin/env bash
# Installs what the browser tests need: VS Code 1.100 (as code-server), playwright-core and Chromium.
# Needs Debian on x86_64, node 20, npm, and the package servers of both. Safe to run again.
#
#   ./install.sh [CACHE_DIR]   # default: $VSCODE_HARNESS_CACHE, then ~/.cache/vscode-harness
set -euo pipefail

recipe=1 # raise it to have every part installed again
code_server=4.100.3
code_server_sha512=q/Fh2DOxCRNhC/WiG/6sAhSKnj7ZACTVBaeeZ+rWjol//0FCbl/qg1ln5ecZ99jYcfqMxZZAyWcN+YBIo0DgpA==
playwright=1.65.1
playwright_sha512=hqPpz7blSMPxWVdoeE1yiBSzXsKiVOd2k+kjCvmUywD2GPO2Dd9HfcWnq9NN0GHbNZDFgZ9JfBFr+X5/BLo0qw==

here=$(cd "$(dirname "$0")" && pwd)
die() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }
[ "$(uname -sm)" = "Linux x86_64" ] || die "only Linux on x86_64 is supported"
command -v npm >/dev/null || die "npm must be on the PATH"
[ "$(node -p 'process.versions.node.split(".")[0]')" = 20 ] || die "VS Code 1.100 needs node 20, this is $(node -v)"

cache=${1:-${VSCODE_HARNESS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vscode-harness}}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
exec 9>"$cache/.lock"
flock -w 1800 9 || die "another install.sh holds $cache/.lock"
rm -rf "$cache"/.work.*
log=$cache/install.log
: >"$log"

part=start work=
finish() {
  local rc=$?
  [ -z "$work" ] || rm -rf "$work"
  [ "$rc" = 0 ] || { printf 'install.sh: FAILED at "%s"; the end of %s:\n' "$part" "$log" >&2; tail -n 25 "$log" >&2; }
}
trap finish EXIT
step() { part=$1; printf '[%4ds] %s\n' "$SECONDS" "$1"; printf '\n== %s\n' "$1" >>"$log"; }
quiet() { printf '+ %s\n' "$*" >>"$log"; "$@" >>"$log" 2>&1 9>&-; }

# ---- Debian packages: only those whose program is missing

wanted=()
has() { command -v "$1" >/dev/null 2>&1; }
has chromium || has chromium-browser || has google-chrome || wanted+=(chromium)
has rg || wanted+=(ripgrep)
has python3 || wanted+=(python3)
has make || wanted+=(make)
has g++ || wanted+=(g++)
if [ ${#wanted[@]} -gt 0 ]; then
  step "Debian packages: ${wanted[*]}"
  sudo=()
  [ "$(id -u)" = 0 ] || { has sudo && sudo=(sudo); } || die "not root and no sudo; install first: ${wanted[*]}"
  quiet "${sudo[@]}" apt-get -q update || printf 'apt-get update failed; trying the lists at hand\n' >>"$log"
  quiet "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qy --no-install-recommends install "${wanted[@]}"
fi

# ---- npm packages

export npm_config_loglevel=error npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false
export npm_config_prefer_offline=true npm_config_fetch_retries=3
work=$(mktemp -d "$cache/.work.XXXXXX")

installed() { [ "$(cat "$cache/$1/.installed" 2>/dev/null)" = "recipe $recipe" ]; }

unpack() { # unpack NAME VERSION SHA512: a published package, its digest checked, into $work/NAME
  local archive=$work/archives/$1-$2.tgz
  mkdir -p "$work/archives" "$work/$1"
  quiet npm pack --ignore-scripts --pack-destination "$work/archives" "$1@$2"
  printf '%s  %s\n' "$(printf %s "$3" | base64 -d | od -An -v -tx1 | tr -d ' \n')" "$archive" | quiet sha512sum -c -
  tar xzf "$archive" -C "$work/$1" --strip-components=1 --no-same-owner
  rm "$archive"
}

move_in() { # move_in NAME DESTINATION: a finished part enters the cache in one step
  printf 'recipe %s\n' "$recipe" >"$work/$1/.installed"
  rm -rf "${cache:?}/$2"
  mv "$work/$1" "$cache/$2"
}

if ! installed "playwright-core-$playwright"; then
  step "playwright-core $playwright"
  unpack playwright-core $playwright $playwright_sha512
  move_in playwright-core "playwright-core-$playwright"
fi

build_native_modules() { # in the folder of VS Code
  local headers
  headers=$(dirname "$(dirname "$(node -p 'process.execPath')")")
  [ -f "$headers/include/node/node.h" ] && export npm_config_nodedir=$headers
  export npm_config_build_from_source=true
  (cd ../.. && quiet npm rebuild --foreground-scripts argon2)
  # node-pty's last step only writes a file for editors, by way of npx
  (cd node_modules/node-pty && quiet npm pkg delete scripts.postinstall)
  quiet npm rebuild --foreground-scripts @vscode/spdlog native-watchdog node-pty
  unset npm_config_nodedir npm_config_build_from_source
}

if ! installed "code-server-$code_server"; then
  step "VS Code: download"
  unpack code-server $code_server $code_server_sha512
  root=$work/code-server
  vscode=$root/lib/vscode

  step "VS Code: dependencies"
  # Without their scripts, which fetch binaries from hosts that may be out of reach; the few that are
  # needed are built below. legacy-peer-deps: the shrinkwrap leaves out one open-ended peer.
  for folder in "$root" "$vscode" "$vscode/extensions"; do
    (cd "$folder" && quiet npm ci --ignore-scripts --omit=dev --legacy-peer-deps)
  done
  (cd "$vscode/extensions" && quiet node postinstall.mjs)
  ln -sfn code-linux.sh "$vscode/bin/remote-cli/code-server"
  ln -sfn browser-linux.sh "$vscode/bin/helpers/browser.sh"
  ln -sfn node_modules "$vscode/node_modules.asar"

  step "VS Code: native modules (about a minute)"
  (cd "$vscode" && build_native_modules)
  mkdir -p "$vscode/node_modules/@vscode/ripgrep/bin"
  cp -L "$(command -v rg)" "$vscode/node_modules/@vscode/ripgrep/bin/rg"
  find "$root" -name '*.map' -type f -delete
  find "$root" -type d -path '*/build/Release/*' \( -name obj.target -o -name .deps \) -prune -exec rm -rf {} +

  step "VS Code: the desktop's rule for proposed API"
  quiet node "$here/strict-api.mjs" "$vscode/out/vs"

  step "VS Code: check"
  (
    cd "$root" && quiet node -e 'require("argon2")'
    cd lib/vscode
    for module in @vscode/spdlog node-pty @parcel/watcher; do quiet node -e "require('$module')"; done
    quiet node ../../out/node/entry.js --config /dev/null --version
  )
  node -p 'process.versions.modules' >"$root/.abi"
  move_in code-server "code-server-$code_server"
fi

printf 'Ready after %s s: VS Code 1.100 in %s (%s)\n' "$SECONDS" "$cache" "$(du -sh "$cache" | cut -f1)"
