#!/usr/bin/env bash
# Refuses what must not come into the repository: large files, resolved versions, paths of one machine, marks of unfinished work.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

maximum=$((200 * 1024))
status=0
refuse() {
    echo "check-tree: $1" >&2
    status=1
}

mapfile -d '' files < <(git ls-files -z --cached --others --exclude-standard)
existing=()
for file in "${files[@]}"; do
    [[ -f $file ]] || continue
    existing+=("$file")
    case "$file" in
        Package.resolved | */Package.resolved | .build* | */.build* | *.pyc) refuse "$file: is made anew everywhere, keep it out" ;;
    esac
    size=$(stat --format=%s "$file")
    ((size <= maximum)) || refuse "$file: $size bytes are more than $maximum"
done

# The brackets keep these lines from finding themselves.
search() {
    local found
    found=$(printf '%s\0' "${existing[@]}" | xargs -0 grep --binary-files=without-match -nE "$2")
    [[ -z $found ]] || refuse "$1:"$'\n'"$found"
}
search "a path of one machine" '(^|[^[:alnum:]./_-])/(work|root)/[[:alnum:]._-]+'
search "a mark of unfinished work" '\b(TOD[O]|FIXM[E]|XX[X])\b'
search "a conflict that nobody resolved" '^(<{7}|>{7}) '

for script in Scripts/*.sh Tests/*/run.sh Benchmarks/*.sh .ci/run; do
    [[ ! -f $script ]] || bash -n "$script" || status=1
    [[ ! -f $script || -x $script ]] || refuse "$script: is not executable"
done
exit "$status"
