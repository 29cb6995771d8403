#!/usr/bin/env bash
# Runs every command of the documentation's articles, the lines "$ qap …" of blocks marked `console`, and of
# the README, indented lines that begin with "$ ".
#
#     Scripts/docs/commands.sh QAP
#
# QAP is the binary. Commands run in a folder of their own with `Instances` in it, in the order of each
# article, so that one can read what another has written. Each must end with status 0.
set -euo pipefail
qap=$(readlink -f "${1:?usage: commands.sh QAP}")
cd "$(dirname "$0")/../.."
root=$PWD
failed=0
count=0
while IFS= read -r article; do
  folder=$(mktemp -d)
  ln -s "$root/Instances" "$folder/Instances"
  while IFS= read -r command; do
    count=$((count + 1))
    if ! (cd "$folder" && PATH="$(dirname "$qap"):$PATH" timeout 120 bash -c "$command" \
      >"$folder/log" 2>&1 </dev/null); then
      failed=$((failed + 1))
      echo "${article##*/}: $command"
      tail -3 "$folder/log"
    fi
  done < <(awk '/^```/ { inside = ($0 == "```console"); next } inside && /^\$ qap / { print substr($0, 3) }' "$article")
  rm -rf "$folder"
done < <(find Sources/QAPKit/QAPKit.docc -name '*.md' | sort)
# The README's commands may change the folder, within a block, and continue after a backslash.
folder=$(mktemp -d)
cp -r Instances "$folder/Instances"
awk '
  /^    \$ / {
    if (!inside) print "cd \"$ROOT\""
    inside = 1
    line = substr($0, 7)
    while (line ~ /\\$/) { sub(/\\$/, "", line); getline; line = line $0 }
    print line
    next
  }
  /^[^ ]/ { inside = 0 }' README.md >"$folder/commands"
count=$((count + $(grep -c '^ *qap' "$folder/commands")))
if ! ROOT=$folder PATH="$(dirname "$qap"):$PATH" timeout 300 bash -ex "$folder/commands" \
  >"$folder/log" 2>&1 </dev/null; then
  failed=$((failed + 1))
  echo "README.md:"
  tail -5 "$folder/log"
fi
rm -rf "$folder"
echo "$count commands of the documentation, $failed failed"
[ "$count" -gt 20 ] && [ "$failed" -eq 0 ]
