#!/usr/bin/env bash
# Runs the soak: Tests/Soak/run.sh [--websockets 1000 --tunnels 100 --reloads 50 --upgrades 5 --interval 4]; --short is what `make test` runs.
#
# POSTERN_BINARY names the binary; by default it is the newest of .build/debug/postern and .build/release/postern. Needs Python 3.11.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
venv="$root/.build-soak/venv"
wanted="$venv/requirements.txt"

if ! cmp -s "$here/requirements.txt" "$wanted" 2>/dev/null; then
    mkdir -p "$(dirname "$venv")"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$wanted"
fi

cd "$here"
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$here:$root/Tests/EndToEnd"
exec "$venv/bin/python" -m soak "$@"
