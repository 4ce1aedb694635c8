#!/usr/bin/env bash
# Lets somebody in for some seconds: Examples/just-in-time/grant.sh EMAIL SECONDS [CONFIG]
#
# Writes who and until when into the policy, checks the result with its tests, and puts it in the place of the old file, which a
# running server notices. POSTERN is the binary to check with.
set -euo pipefail

(($# == 2 || $# == 3)) || { echo "usage: $0 EMAIL SECONDS [CONFIG]" >&2; exit 2; }
email=$1 seconds=$2 config=${3:-$(dirname "${BASH_SOURCE[0]}")/config.yaml}
[[ $email =~ ^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+$ ]] || { echo "grant: not an e-mail address: $email" >&2; exit 2; }
[[ $seconds =~ ^[0-9]{1,6}$ ]] || { echo "grant: not a number of seconds: $seconds" >&2; exit 2; }

until=$(date -u -d "@$(($(date +%s) + seconds))" +%Y-%m-%dT%H:%M:%SZ)
new=${config%.yaml}.new.yaml
trap 'rm -f "$new"' EXIT
sed -e "s|\(- email: \).*\(  # grant: who\)|\1$email\2|" -e "s|\(before: \).*\(  # grant: until\)|\1$until\2|" "$config" >"$new"
"${POSTERN:-postern}" check "$new"
mv "$new" "$config"
echo "$email may enter until $until"
