#!/usr/bin/env bash
# Runs the end-to-end suite: Tests/EndToEnd/run.sh [pytest arguments]
#
# POSTERN_BINARY names the binary; by default it is the newest of .build/debug/postern and .build/release/postern.
# Needs Python 3.11, a C compiler, chromium, chromedriver, curl, and certutil (Debian: libnss3-tools).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
python=$("$root/Scripts/python-venv.sh" e2e "$here/requirements.txt")

cd "$here"
export PYTHONDONTWRITEBYTECODE=1
exec "$python" -m pytest -p no:cacheprovider "$@"
