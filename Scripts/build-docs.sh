#!/usr/bin/env bash
# Builds the DocC documentation of every library target, warnings being errors: Scripts/build-docs.sh [TARGET...]
#
# Works on the modules of a debug build, so it compiles nothing: POSTERN_BUILD (default .build/debug) is where they are.
# The archives come to POSTERN_DOCS (default .build/documentation); a link in a comment can only lead to a symbol of the same target.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=${POSTERN_BUILD:-.build/debug}
scratch=$(dirname "$build")
output=${POSTERN_DOCS:-.build/documentation}
graphs=$output/symbol-graphs
docc=$(dirname "$(readlink -f "$(command -v swift)")")/docc
[[ -x $docc ]] || docc=docc

if (($#)); then
    targets=("$@")
else
    targets=()
    for folder in Sources/*/; do
        target=$(basename "$folder")
        # What is no library of ours: the executable, and modules of the system's C libraries.
        [[ $target == postern || -f $folder/module.modulemap ]] || targets+=("$target")
    done
fi

# The C modules that the packages we depend on bring along, written by hand or by the build.
flags=(-I "$build/Modules" -target "$(swift -print-target-info | sed -n 's/.*"unversionedTriple" *: *"\([^"]*\)".*/\1/p' | head -n 1)")
while IFS= read -r -d '' map; do flags+=(-Xcc "-fmodule-map-file=$map"); done < <(
    find "$scratch/checkouts" -path '*/Sources/*' -name module.modulemap -print0 2>/dev/null
    find "$build/" -maxdepth 2 -name module.modulemap -print0 2>/dev/null
)
for folder in Sources/*/; do [[ ! -f $folder/module.modulemap ]] || flags+=(-I "$folder"); done

rm -rf "$output"
status=0
for target in "${targets[@]}"; do
    mkdir -p "$graphs/$target"
    log=$graphs/$target.log
    if swift symbolgraph-extract -module-name "$target" "${flags[@]}" -minimum-access-level public -output-dir "$graphs/$target" >"$log" 2>&1 \
        && "$docc" convert --fallback-display-name "$target" --fallback-bundle-identifier "postern.$target" --warnings-as-errors \
            --additional-symbol-graph-dir "$graphs/$target" --output-path "$output/$target.doccarchive" >>"$log" 2>&1; then
        echo "documented $target"
    else
        echo "build-docs: $target" >&2
        cat "$log" >&2
        status=1
    fi
done
rm -rf "$graphs"
exit "$status"
