#!/bin/sh
# Before the files are there: their owner must be.
set -e
user=withings-exporter
if ! getent group "$user" >/dev/null; then
  groupadd --system "$user"
fi
if ! getent passwd "$user" >/dev/null; then
  useradd --system --gid "$user" --home-dir /var/lib/withings-exporter --no-create-home \
    --shell /usr/sbin/nologin --comment "Withings exporter" "$user"
fi
