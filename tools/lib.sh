# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What tools/quickstart, tools/test and tools/dev have in common. Sourced, not run.

: "${root:?the caller sets it: the top of the tree}"
say() { printf '%s\n' "$*"; }
complain() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
fail() { complain "$*"; exit 1; }

# packages_of SET...: the names in tools/packages that belong to one of the sets.
packages_of() {
  awk -v sets=" $* " '$1 !~ /^#/ && NF { if (index(sets, " " $2 " ")) print $1 }' "$root/tools/packages"
}

# missing_packages SET...: those of them that are neither installed nor provided by what is installed.
missing_packages() {
  local package known
  # shellcheck disable=SC2016
  known=$(dpkg-query -W -f='${db:Status-Status} ${Package}, ${Provides}\n' | sed -n 's/^installed //p' |
    tr ',' '\n' | sed 's/(.*//; s/ //g')
  for package in $(packages_of "$@"); do
    grep -qxF "$package" <<<"$known" || printf '%s\n' "$package"
  done
}

# need_packages SET...: installs what is missing (root), or says what to install (anybody else).
need_packages() {
  local missing
  command -v dpkg-query >/dev/null || { complain "not a Debian system: the packages of tools/packages are taken as installed"; return 0; }
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    complain "these Debian packages are missing: $missing"
    fail "install them as root: apt-get install --no-install-recommends $missing"
  fi
  say "installing: $missing"
  # shellcheck disable=SC2086
  install_packages $missing || fail "apt-get could not install: $missing"
}

install_packages() {
  local log
  log=$(mktemp)
  if apt_install "$@" >"$log" 2>&1 || { apt-get update >>"$log" 2>&1 </dev/null && apt_install "$@" >>"$log" 2>&1; }; then
    rm -f "$log"
    return 0
  fi
  tail -n 30 "$log" >&2
  rm -f "$log"
  return 1
}

apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

# use_ccache: the same objects for every clone of the tree, wherever it lies.
use_ccache() {
  command -v ccache >/dev/null || return 0
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache
  export CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=1
}

jobs_default() { getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2; }
