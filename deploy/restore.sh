#!/usr/bin/env bash
# Restore a backup into an empty database, and its attachments into MEDIA_ROOT if that is set: `restore.sh FOLDER`.
# Afterwards: manage.py migrate, then manage.py verify_events.
set -euo pipefail
umask 027
: "${DATABASE_URL:?harus diisi}"
folder=${1:?Sebutkan folder cadangan}

(cd "$folder" && sha256sum --check --quiet SHA256SUMS)
tables=$(psql -XtA --dbname="$DATABASE_URL" -c "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
if [ "$tables" != 0 ]; then
  echo "Basis data tujuan berisi $tables tabel. Pulihkan hanya ke basis data kosong." >&2
  exit 1
fi
if [ -n "${MEDIA_ROOT:-}" ] && [ -n "$(ls -A "$MEDIA_ROOT" 2>/dev/null)" ]; then
  echo "$MEDIA_ROOT tidak kosong. Pulihkan lampiran hanya ke folder kosong." >&2
  exit 1
fi
pg_restore --single-transaction --exit-on-error --no-owner --dbname="$DATABASE_URL" "$folder/database.dump"
psql -Xq --dbname="$DATABASE_URL" -c ANALYZE
if [ -n "${MEDIA_ROOT:-}" ]; then mkdir -p "$MEDIA_ROOT" && tar -C "$MEDIA_ROOT" -xf "$folder/media.tar"; fi
echo "Pulih dari $folder."
