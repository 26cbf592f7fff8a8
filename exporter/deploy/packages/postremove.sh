#!/bin/sh
# After the files are gone. Tokens, readings and the secret stay, until the package is
# purged, which only dpkg knows. The user stays, so that nobody else gets its number.
set -e
if [ "${1:-}" = purge ]; then
  rm -rf /var/lib/withings-exporter /etc/withings-exporter
fi
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || true
fi
