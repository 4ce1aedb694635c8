#!/usr/bin/env bash
# Runs the soak: Tests/Soak/run.sh [--websockets 1000 --tunnels 100 --reloads 50 --upgrades 5 --interval 4]; --short is what `make test` runs.
#
# POSTERN_BINARY names the binary; by default it is the newest of .build/debug/postern and .build/release/postern. Needs Python 3.11.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
python=$("$root/Scripts/python-venv.sh" soak "$here/requirements.txt")

cd "$here"
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$here:$root/Tests/EndToEnd"
exec "$python" -m soak "$@"
