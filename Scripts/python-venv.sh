#!/usr/bin/env bash
# Prints the Python of a virtual environment that has what a file of requirements names: Scripts/python-venv.sh NAME REQUIREMENTS
#
# It stands in .build-NAME, and is brought up to date where the file has changed. Needs Python 3.11.
set -euo pipefail
venv="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.build-$1/venv"
requirements=$2
wanted="$venv/requirements.txt"

if ! cmp -s "$requirements" "$wanted" 2>/dev/null; then
    mkdir -p "$(dirname "$venv")"
    {
        python3 -m venv "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
    } >&2
    cp "$requirements" "$wanted"
fi
echo "$venv/bin/python"
