#!/bin/sh
# Imports history files into the data folder of a Prometheus, each once:
#
#   import-history.sh /data/history /prometheus
#
# takes /data/history.om, /data/history-ben.om and so on. To import a file again,
# give it another name that begins so.
set -eu
umask 002 # Prometheus is another user of the same group, and deletes blocks

begin="$1" tsdb="$2"
mkdir -p "$tsdb/imported"
for file in "$begin"*.om; do
  [ -e "$file" ] || continue
  done="$tsdb/imported/$(basename "$file")"
  if [ -e "$done" ]; then
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
  : >"$done"
done
