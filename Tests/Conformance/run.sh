#!/usr/bin/env bash
# Runs the conformance suite: Tests/Conformance/run.sh [pytest arguments]; -m "not slow" for the quick part.
#
# POSTERN_BINARY names the binary; by default it is the newest of .build/debug/postern and .build/release/postern.
# Needs Python 3.11, nginx, haproxy, slowhttptest, h2load (Debian: nghttp2-client); CPython 2.7 (pyenv install 2.7.18) for the Autobahn suite,
# which is skipped without it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
python=$("$root/Scripts/python-venv.sh" conformance "$here/requirements.txt")

cd "$here"
export PYTHONDONTWRITEBYTECODE=1
exec "$python" -m pytest -p no:cacheprovider "$@"
