#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The unit as installed is one that systemd understands, and exposes little; the init script is sound shell.
# What only a running systemd shows (sandbox at work, fd store over a restart, watchdog) is not shown here.
set -u
unit=$POSTHORN_BUILD/etc/systemd/posthorn.service
init=$POSTHORN_BUILD/etc/init/posthorn
failed=0
fail() { echo "FAILED: $*"; failed=1; }

sh -n "$init" || fail "the init script does not parse"
grep -q '@' <(grep -v '@system-service\|@privileged' "$unit" "$init") && fail "a place was not filled in"
"$init" nonsense 2>/dev/null
[ $? -eq 0 ] || [ $? -eq 2 ] || fail "an unknown action of the init script"

command -v systemd-analyze >/dev/null || { echo "SKIPPED: systemd-analyze is not installed"; [ $failed = 0 ] && exit 77; exit 1; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# The programs lie where they are installed; before that, verify must find some program there.
sed -E 's#^(ExecStart|ExecStartPre)=[^ ]*/master#\1=/bin/true#' "$unit" >"$scratch/posthorn.service"
said=$(systemd-analyze verify --man=no "$scratch/posthorn.service" 2>&1)
# Other units of this machine may have words said of them; ours must not.
grep -q 'posthorn\.service' <<<"$said" && fail "systemd-analyze verify: $said"
exposure=$(systemd-analyze security --offline=true "$unit" 2>/dev/null | sed -nE 's/.*Overall exposure level[^:]*: ([0-9.]+).*/\1/p')
echo "exposure level: ${exposure:-unknown}"
awk -v e="${exposure:-99}" 'BEGIN { exit !(e <= 2.0) }' || fail "exposure level ${exposure:-unknown} is over 2.0"
exit $failed
