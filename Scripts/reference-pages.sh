#!/usr/bin/env bash
# Writes docs/reference from the catalogs in the code, or checks that it is up to date: Scripts/reference-pages.sh write|check
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

postern=.build/debug/postern
pages=docs/reference

case "${1:-}" in
    write) "$postern" docs "$pages" ;;
    check)
        fresh=$(mktemp -d)
        trap 'rm -rf "$fresh"' EXIT
        "$postern" docs "$fresh" >/dev/null
        diff -ru "$pages" "$fresh" || {
            echo "reference-pages: $pages differs from the code; run: make docs" >&2
            exit 1
        }
        ;;
    *)
        echo "usage: Scripts/reference-pages.sh write|check" >&2
        exit 2
        ;;
esac
