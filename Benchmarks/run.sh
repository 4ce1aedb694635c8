#!/usr/bin/env bash
# Runs the benchmark suite: Benchmarks/run.sh [options] [peers]; --help lists both.
#
# POSTERN_BINARY names the binary, .build/release/postern by default. Needs wrk, h2load (Debian: nghttp2-client), nginx, haproxy, Python 3.11.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/.." && pwd)
venv="$root/.build-bench/venv"
wanted="$venv/requirements.txt"

if ! cmp -s "$here/requirements.txt" "$wanted" 2>/dev/null; then
    mkdir -p "$(dirname "$venv")"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$wanted"
fi

export POSTERN_BINARY=${POSTERN_BINARY:-$root/.build/release/postern}
export PYTHONDONTWRITEBYTECODE=1
cd "$here"
exec "$venv/bin/python" -m "${BENCH_MODULE:-bench}" "$@"
