#!/usr/bin/env bash
# Checks every configuration under Examples with the binary that `make build` built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

status=0
for file in Examples/*/config.yaml; do
    # Settings come from the file alone: every variable of the environment that spells a key would count as one.
    env -i PATH="$PATH" HOME="${HOME:-/}" .build/debug/postern check "$file" || status=1
done
exit "$status"
