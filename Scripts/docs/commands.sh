#!/usr/bin/env bash
# Runs the commands of the README and of the documentation's articles: the lines "$ …" of blocks marked
# `console`, which may continue after a backslash.
#
#     Scripts/docs/commands.sh QAP
#
# QAP is the binary. The commands of a page run in a folder of their own that holds `Instances`, in their
# order, so that one can read what another has written. Each must end with status 0. Where a block shows
# output below a command, the command must print exactly that; a line "…" stands for any lines left out.
set -euo pipefail
qap=$(readlink -f "${1:?usage: commands.sh QAP}")
cd "$(dirname "$0")/../.."
root=$PWD
PATH="$(dirname "$qap"):$PATH"
failed=0
count=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# matches EXPECTED PRINTED
matches() {
  grep -qx '…' "$1" || { diff "$1" "$2" >"$work/difference"; return; }
  grep -vx '…' "$1" | while IFS= read -r line; do
    grep -qxF -e "$line" "$2" || { echo "missing: $line" >"$work/difference"; return 1; }
  done
}

while IFS= read -r page; do
  rm -rf "${work:?}"/*
  mkdir "$work/folder" "$work/commands"
  ln -s "$root/Instances" "$work/folder/Instances"
  awk -v folder="$work/commands" '
    /^```/ { inside = ($0 == "```console"); next }
    !inside { next }
    /^\$ / || continued {
      if (!continued) { number = sprintf("%04d", ++n); sub(/^\$ /, "") }
      continued = sub(/\\$/, "")
      printf "%s%s", $0, continued ? " " : "\n" > (folder "/" number ".sh")
      next
    }
    { print > (folder "/" number ".out") }' "$page"
  for command in "$work"/commands/*.sh; do
    [ -e "$command" ] || continue
    count=$((count + 1))
    fault=""
    (cd "$work/folder" && timeout 120 bash "$command" >"$work/log" 2>&1 </dev/null) \
      || fault=$(tail -3 "$work/log")
    if [ -z "$fault" ] && [ -e "${command%.sh}.out" ]; then
      matches "${command%.sh}.out" "$work/log" || fault=$(cat "$work/difference")
    fi
    if [ -n "$fault" ]; then
      failed=$((failed + 1))
      printf '%s: %s%s\n' "${page##*/}" "$(cat "$command")" $'\n'"$fault"
    fi
  done
done < <(echo README.md; find Sources/QAPKit/QAPKit.docc -name '*.md' | sort)
echo "$count commands of the documentation, $failed failed"
[ "$count" -gt 20 ] && [ "$failed" -eq 0 ]
