#!/usr/bin/env bash
# Installs the Debian packages that a task needs: Scripts/setup.sh [run] [test] [fuzz] [bench] [conformance]
#
# Does nothing, and needs no network, where everything is installed. Needs root or sudo otherwise.
set -euo pipefail

wanted=()
for task in "$@"; do
    case "$task" in
        run) wanted+=(ca-certificates git libpcre2-dev libsqlite3-dev libyaml-dev openssl pkg-config zlib1g-dev) ;;
        test) wanted+=(chromium chromium-driver curl gcc haproxy libc6-dev libnss3-tools python3 python3-venv) ;;
        fuzz) wanted+=(lld) ;;
        conformance) wanted+=(curl haproxy nghttp2-client nginx python3 python3-venv slowhttptest) ;;
        bench) wanted+=(curl gcc haproxy libc6-dev linux-perf nghttp2-client nginx python3 python3-venv util-linux wrk) ;;
        *)
            echo "setup: no such task: $task" >&2
            exit 2
            ;;
    esac
done

if ! command -v swift >/dev/null; then
    echo "setup: there is no swift on the PATH; install Swift 6.2 or later: https://www.swift.org/install/linux/" >&2
    exit 1
fi

if ! command -v dpkg-query >/dev/null; then
    echo "setup: not a Debian system; the names of the needed packages there are: ${wanted[*]}" >&2
    exit 0
fi

missing=()
for package in "${wanted[@]}"; do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [[ $status == installed ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

elevate=()
if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
        echo "setup: these packages are missing, install them as root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    elevate=(sudo)
fi

echo "setup: installing ${missing[*]}"
"${elevate[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update --quiet
"${elevate[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends "${missing[@]}"
