#!/bin/sh
# Before the files go. dpkg gives "remove", rpm the number of versions that stay.
set -e
case ${1:-} in
  remove | 0)
    if [ -d /run/systemd/system ]; then
      systemctl disable --now withings-exporter.socket withings-exporter.service || true
    fi
    ;;
esac
