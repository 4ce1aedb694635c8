#!/usr/bin/env bash
# Fuzzes the parsers, one after the other: Scripts/fuzz.sh SECONDS [TARGET...]
#
# The targets are the folders Fuzz/Sources/Fuzz*; those that compare with parsers of other packages take part with POSTERN_FUZZ_PEERS=1.
# Starts from Fuzz/Corpus; what is found in addition stays in .build-fuzz/corpus, an input that breaks something in .build-fuzz/findings.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:?seconds for each target}
shift
targets=("$@")
if ((!${#targets[@]})); then
    for folder in Fuzz/Sources/Fuzz*/; do
        target=$(basename "$folder")
        [[ $target == FuzzPeer* && -z ${POSTERN_FUZZ_PEERS:-} ]] || targets+=("$target")
    done
fi

scratch=$PWD/.build-fuzz
mkdir -p "$scratch/findings"
# A finding is reported by the fuzzer; the backtrace of the runtime would only come in between.
export SWIFT_BACKTRACE=enable=no
status=0
for target in "${targets[@]}"; do
    name=${target#Fuzz}
    mkdir -p "$scratch/corpus/$name"
    corpora=("$scratch/corpus/$name")
    [[ ! -d Fuzz/Corpus/$name ]] || corpora+=("Fuzz/Corpus/$name")
    flags=(--package-path Fuzz --scratch-path "$scratch" -c release --sanitize fuzzer -Xswiftc -use-ld=lld)
    if ! swift build "${flags[@]}" --product "$target"; then
        status=1
        continue
    fi
    echo "fuzzing $target for $seconds seconds"
    "$(swift build "${flags[@]}" --show-bin-path)/$target" -max_total_time="$seconds" -print_final_stats=1 \
        -artifact_prefix="$scratch/findings/$name-" "${corpora[@]}" || {
        echo "fuzz: $target found an input, see $scratch/findings" >&2
        status=1
    }
done
exit "$status"
