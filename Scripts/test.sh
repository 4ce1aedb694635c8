#!/usr/bin/env bash
# Runs tests of what `make build` built: Scripts/test.sh unit|e2e|conformance... [-- ARGUMENTS]
#
# A failing part does not keep the others from running. With several, the output ends with the summary lines of the test runners and their sum.
# What fails gets one second try, which the output names: a machine that stood still for a moment is no defect, a test that fails twice is.
# Logs and the summary stay in .build/test-logs.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

parts=()
while (($#)) && [[ $1 != -- ]]; do
    parts+=("$1")
    shift
done
(($#)) && shift

logs=.build/test-logs
rm -rf "$logs"
mkdir -p "$logs"
status=0

# A test that hangs must not use up the time of everything behind it. One after the other: tests with real sockets and processes would
# take one another's time on a small machine, and those about time would fail.
run_units() {
    timeout --foreground --signal=INT --kill-after=30 1200 \
        swift test --skip-build --disable-xctest --no-parallel --explicit-target-dependency-import-check error "$@"
}

for part in "${parts[@]}"; do
    case "$part" in
        unit)
            run_units "$@" 2>&1 | tee "$logs/unit.log" || {
                mv "$logs/unit.log" "$logs/unit.first.log"
                echo "test: the unit tests failed; a second run tells whether it was the machine's moment" | tee "$logs/second-tries"
                run_units "$@" 2>&1 | tee "$logs/unit.log"
            }
            ;;
        e2e) POSTERN_BINARY=${POSTERN_BINARY:-$PWD/.build/debug/postern} Tests/EndToEnd/run.sh "$@" 2>&1 | tee "$logs/e2e.log" ;;
        # `make conformance` runs the slow part too.
        conformance)
            POSTERN_BINARY=${POSTERN_BINARY:-$PWD/.build/debug/postern} Tests/Conformance/run.sh -m "not slow" "$@" 2>&1 | tee "$logs/conformance.log"
            ;;
        *)
            echo "test: no such part: $part" >&2
            exit 2
            ;;
    esac || status=1
done

# Repeats the last line of each runner, and adds up what the runners counted. A runner that did not come to its end counts as one failure.
summarize() {
    awk '
        /^[^ ]+ Test run with [0-9]+ tests? / { last[FILENAME] = $0; total[FILENAME] = $5; next }
        /^[^ ]+ Test .+ failed after / { failed[FILENAME]++ }
        /^[^ ]+ Test .+ skipped/ { skipped[FILENAME]++ }
        /^=+ .*[0-9]+ (passed|failed|error|errors|skipped|deselected).* in [0-9.]+s.*=+$/ {
            last[FILENAME] = $0
            total[FILENAME] = failed[FILENAME] = skipped[FILENAME] = 0
            for (i = 2; i < NF; i++) {
                if ($(i + 1) ~ /^passed/) total[FILENAME] += $i
                if ($(i + 1) ~ /^(failed|error)/) { total[FILENAME] += $i; failed[FILENAME] += $i }
            }
        }
        END {
            for (i = 1; i < ARGC; i++) {
                file = ARGV[i]
                if (last[file] == "") { print file ": the test runner did not come to its end"; sumFailed++; continue }
                print last[file]
                sumFailed += failed[file]
                sumPassed += total[file] - failed[file] - skipped[file]
            }
            print sumPassed + 0 " passed, " sumFailed + 0 " failed"
        }' "$@" >"$logs/summary"
}
runs=("${parts[@]/#/$logs/}")
summarize "${runs[@]/%/.log}"
if ((${#parts[@]} > 1)); then
    echo
    [[ ! -f $logs/second-tries ]] || cat "$logs/second-tries"
    cat "$logs/summary"
fi
exit "$status"
