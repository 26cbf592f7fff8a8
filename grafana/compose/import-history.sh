#!/bin/sh
# Imports history files into the data folder of a Prometheus, each once:
#
#   import-history.sh /data/history /prometheus
#
# takes /data/history.om, /data/history-ben.om and so on. A file that was written again
# since is imported again; what Prometheus has of it already is not doubled.
set -eu
umask 002 # Prometheus is another user of the same group, and deletes blocks

begin="$1" tsdb="$2"
mkdir -p "$tsdb/imported"
for file in "$begin"*.om; do
  [ -e "$file" ] || continue
  done="$tsdb/imported/$(basename "$file")"
  sum=$(cksum <"$file")
  if [ -e "$done" ] && [ "$(cat "$done")" = "$sum" ]; then
    echo "$file is in Prometheus already"
    continue
  fi
  echo "importing $file into Prometheus"
  rm -rf "$tsdb/import" # what an interruption left
  promtool tsdb create-blocks-from openmetrics --quiet --max-block-duration=744h "$file" "$tsdb/import"
  for block in "$tsdb/import"/*; do
    if [ -d "$block" ]; then mv "$block" "$tsdb"; fi
  done
  rm -rf "$tsdb/import"
  echo "$sum" >"$done"
done
