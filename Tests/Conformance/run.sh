#!/usr/bin/env bash
# Runs the conformance suite: Tests/Conformance/run.sh [pytest arguments]; -m "not slow" for the quick part.
#
# POSTERN_BINARY names the binary; by default it is the newest of .build/debug/postern and .build/release/postern.
# Needs Python 3.11, nginx, haproxy, slowhttptest, h2load (Debian: nghttp2-client); CPython 2.7 (pyenv install 2.7.18) for the Autobahn suite,
# which is skipped without it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
venv="$root/.build-conformance/venv"
wanted="$venv/requirements.txt"

if ! cmp -s "$here/requirements.txt" "$wanted" 2>/dev/null; then
    mkdir -p "$(dirname "$venv")"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$wanted"
fi

cd "$here"
export PYTHONDONTWRITEBYTECODE=1
exec "$venv/bin/python" -m pytest -p no:cacheprovider "$@"
