#!/usr/bin/env bash
# Runs the benchmark suite: Benchmarks/run.sh [options] [peers]; --help lists both.
#
# POSTERN_BINARY names the binary, .build/release/postern by default. Needs wrk, h2load (Debian: nghttp2-client), nginx, haproxy, Python 3.11.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/.." && pwd)
python=$("$root/Scripts/python-venv.sh" bench "$here/requirements.txt")

export POSTERN_BINARY=${POSTERN_BINARY:-$root/.build/release/postern}
export PYTHONDONTWRITEBYTECODE=1
cd "$here"
exec "$python" -m "${BENCH_MODULE:-bench}" "$@"
