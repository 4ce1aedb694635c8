"""The benchmark suite: every round asks every peer for every case in turn, so that what disturbs the machine disturbs all of them."""

import argparse
import functools
import json
import signal
import sys
import time
from pathlib import Path

from . import environment, idle, loads, profile, table
from .fleet import PEERS, Fleet

SATURATED = [("cpu_us", "CPU µs/request", 1), ("per_second", "requests/s", 0), ("busy", "core busy", 2)]
LATENCY = [("p50", "p50 ms", 2), ("p99", "p99 ms", 2)]

#: Name → title, function, TLS, columns, key of the ratios, share of --seconds.
CASES = {
    "http1": ("HTTP/1.1, 1 KiB, 64 connections", loads.http1, False, SATURATED, "cpu_us", 1),
    "tls": ("HTTP/1.1 over TLS, 1 KiB, 64 connections", loads.http1, True, SATURATED, "cpu_us", 1),
    "h2": ("HTTP/2 over TLS, 1 KiB, 8 connections of 8 streams", loads.http2, True, SATURATED, "cpu_us", 1),
    "latency": ("Latency, HTTP/1.1 over TLS, 1,000 requests/s", loads.latency, True, LATENCY, "p99", 1),
    "latency-h2": ("Latency, HTTP/2, 1,000 requests/s", functools.partial(loads.latency, http2=True), True, LATENCY, "p99", 1),
    "handshake": ("New TLS connection with one request, ECDSA P-256", loads.handshakes, True, [("cpu_us", "CPU µs/connection", 0)], "cpu_us", 0.5),
    "bodies": ("Downloads of 16 MiB, HTTP/1.1", loads.bodies, False, [("cpu_per_gib", "CPU s/GiB", 3), ("mib_per_second", "MiB/s", 0)], "cpu_per_gib", 0.5),
    "bodies-tls": (
        "Downloads of 16 MiB, HTTP/1.1 over TLS", loads.bodies, True, [("cpu_per_gib", "CPU s/GiB", 3), ("mib_per_second", "MiB/s", 0)], "cpu_per_gib", 0.5,
    ),
    "idle": ("Memory of an idle connection", None, False, [("bytes", "bytes", 0)], "bytes", 0),
    "idle-tls": ("Memory of an idle connection, TLS", None, True, [("bytes", "bytes", 0)], "bytes", 0),
}


def parse():
    parser = argparse.ArgumentParser(prog="Benchmarks/run.sh", description=__doc__)
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"of {', '.join(PEERS)}; all by default")
    parser.add_argument("--seconds", type=int, default=10, help="length of one measurement (default 10)")
    parser.add_argument("--rounds", type=int, default=5, help="(default 5)")
    parser.add_argument("--only", default="", help=f"cases, separated by commas, of {', '.join(CASES)}")
    parser.add_argument("--connections", type=int, default=10_000, help="idle connections (default 10,000, or what the limit of open files allows)")
    parser.add_argument("--profile", action="store_true", help="also run perf on Postern and print the functions that cost most")
    options = parser.parse_args()
    unknown = [name for name in options.peers if name not in PEERS] + [name for name in options.only.split(",") if name and name not in CASES]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}")
    options.peers = [name for name in PEERS if not options.peers or name in options.peers]
    options.cases = [name for name in CASES if not options.only or name in options.only.split(",")]
    return options


def main():
    options = parse()
    if not environment.BINARY.exists():
        raise SystemExit(f"bench: there is no {environment.BINARY}; build it with: make bench")
    # A run that is ended leaves no servers behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    files = environment.raise_file_limit()
    # A proxy keeps a file for the application beside that of each client; the rest is for listeners and logs.
    options.connections = min(options.connections, (files - 2000) // 2)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    directory = environment.RESULTS / stamp
    directory.mkdir(parents=True)
    description = environment.description()
    print("\n".join(description), flush=True)
    fleet = Fleet(directory / "run", options.peers, files)
    try:
        results = measure(fleet, options)
        report = [*description, "", f"{options.rounds} rounds of {options.seconds} s; medians, in brackets the least and the most"]
        for case, peers in results.items():
            title, _, _, columns, key, _ = CASES[case]
            if case.startswith("idle"):
                title += f", {options.connections:,} of them"
            report.append(table.render(title, peers, columns, key))
        if options.profile and "postern" in options.peers:
            report += profiles(fleet, options, directory)
    finally:
        fleet.close()
    text = "\n".join(report) + "\n"
    (directory / "report.txt").write_text(text)
    (directory / "results.json").write_text(json.dumps({"description": description, "results": results}, indent=1))
    print("\n".join(report[len(description):]))
    print(f"\nkept in {directory.relative_to(environment.ROOT)}")


def measure(fleet, options):
    results = {case: {name: [] for name in options.peers} for case in options.cases}
    timed = [case for case in options.cases if not case.startswith("idle")]
    peers = [fleet.start(name) for name in options.peers] if timed else []
    fields = fleet.fields()
    http2 = {peer.name: loads.speaks_http2(peer) for peer in peers}
    for peer in peers:
        for tls in (False, True):
            loads.probe(peer, fields, tls)
    for number in range(options.rounds if timed else 0):
        for case in timed:
            _, function, tls, _, key, share = CASES[case]
            for peer in peers:
                if case.endswith("h2") and not http2[peer.name]:
                    result = {"note": "not measured: does not negotiate h2"}
                else:
                    result = once(function, peer, fields, tls, max(1, round(options.seconds * share)))
                results[case][peer.name].append(result)
                print(f"round {number + 1}  {case:<11} {peer.name:<21} {result.get('note') or f'{key} {result[key]:.3f}'}", flush=True)
    for peer in peers:
        fleet.stop(peer)
    for case in (case for case in options.cases if case.startswith("idle")):
        for name in options.peers:
            try:
                result = idle.measure(fleet, name, CASES[case][2], options.connections)
            except (RuntimeError, OSError) as error:
                result = {"note": f"failed: {error}"}
            results[case][name].append(result)
            print(f"{case:<11} {name:<21} {result.get('note') or result['bytes']}", flush=True)
    return results


def once(function, peer, fields, tls, seconds):
    """One measurement. What fails is said in the table instead of a figure."""
    try:
        return function(peer, fields, tls, seconds)
    except loads.Failed as error:
        return {"note": f"failed: {error}"}


def profiles(fleet, options, directory: Path):
    peer = fleet.start("postern")
    lines = []
    kinds = [("HTTP/1.1", False, False), ("HTTP/1.1 over TLS", True, False)] + ([("HTTP/2", True, True)] if loads.speaks_http2(peer) else [])
    for title, tls, http2 in kinds:
        found = profile.run(peer, fleet.fields(), tls, options.seconds, directory, http2)
        lines += ["", f"Where Postern's time goes, {title}: samples in the function itself", "", *found]
    return lines


main()
