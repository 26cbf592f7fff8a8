#!/bin/sh
# After the files are there, at an installation and at an upgrade. The service is
# not started: it has nothing to do before it is configured.
set -e
user=withings-exporter
state=/var/lib/withings-exporter
secret=/etc/withings-exporter/client-secret
case ${1:-} in
  abort-*) exit 0 ;; # of dpkg: everything is as it was
esac

# Of no package: what is in them stays when the package is removed.
if [ ! -d "$state" ]; then
  mkdir -m 0700 "$state"
  chown "$user:$user" "$state"
fi
if [ ! -e "$secret" ]; then
  (umask 077 && : >"$secret")
fi

if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || true
  systemctl try-restart withings-exporter.service || true
fi
if [ ! -s "$secret" ] && ! grep -q '^[^#]*client.secret' /etc/withings-exporter/withings.yaml; then
  echo "withings-exporter: write the client secret into $secret and the client id and names of people into"
  echo "withings-exporter: /etc/withings-exporter/withings.yaml; then run: sudo withings-exporter-service auth NAME --paste"
fi
