#!/usr/bin/env bash
# Back up the database, and the attachments if MEDIA_ROOT is set, into BACKUP_DIR: `backup.sh`, or `backup.sh --nightly`
# to stay and do so every night at 02:00. A backup that is not whole never gets its final name, and old ones (KEEP_DAYS,
# 30) are deleted only after a new one is whole. The keys of identities are not in it: keep them apart.
set -euo pipefail
umask 077
: "${DATABASE_URL:?harus diisi}" "${BACKUP_DIR:?harus diisi}"

back_up() {
  local name whole
  name=pengaduan-$(date +%Y%m%d-%H%M%S)
  whole=$BACKUP_DIR/$name
  mkdir -p "$BACKUP_DIR"
  rm -rf "$BACKUP_DIR"/*.part
  mkdir "$whole.part"
  pg_dump --format=custom --no-owner --no-privileges --dbname="$DATABASE_URL" --file="$whole.part/database.dump"
  pg_restore --list "$whole.part/database.dump" >/dev/null
  if [ -n "${MEDIA_ROOT:-}" ]; then tar -C "$MEDIA_ROOT" -cf "$whole.part/media.tar" .; fi
  (cd "$whole.part" && sha256sum -- * >SHA256SUMS)
  sync
  mv "$whole.part" "$whole"
  find "$BACKUP_DIR" -mindepth 1 -maxdepth 1 -name 'pengaduan-*' -mtime "+${KEEP_DAYS:-30}" -exec rm -rf {} +
  echo "Cadangan lengkap: $whole"
}

if [ "${1:-}" != --nightly ]; then
  back_up
  exit
fi
while :; do
  sleep $(($(date -d 'tomorrow 02:00' +%s) - $(date +%s))) &
  wait $! # a signal must not wait for the night
  back_up || echo "Cadangan malam ini GAGAL." >&2
done
