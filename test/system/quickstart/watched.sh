#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Stands in the PATH under the name of many a program: writes its arguments down as any user of the machine could
# read them in /proc, and becomes the program.
printf '%s\n' "$0 $*" >>"${WATCH_LOG:?}"
name=${0##*/}
IFS=: read -r -a places <<<"${WATCH_PLACES:?}"
for place in "${places[@]}"; do
  [ -x "$place/$name" ] && exec "$place/$name" "$@"
done
printf '%s: not found\n' "$name" >&2
exit 127
