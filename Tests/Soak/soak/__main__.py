"""Tests/Soak/run.sh"""

import argparse
import sys
from dataclasses import fields

from .plan import SHORT, Plan, run

parser = argparse.ArgumentParser(prog="soak", description="Long-lived connections and steady requests through reloads and upgrades; fails if one is cut.")
parser.add_argument("--short", action="store_true", help="what `make test` runs")
for each in fields(Plan):
    parser.add_argument(f"--{each.name}", type=type(each.default), default=None)
arguments = vars(parser.parse_args())
plan = SHORT if arguments.pop("short") else Plan()
for name, value in arguments.items():
    if value is not None:
        setattr(plan, name, value)
result = run(plan, tell=lambda line: print(line, flush=True))
for complaint in result.complaints[:50]:
    print(f"soak: {complaint}", file=sys.stderr)
if len(result.complaints) > 50:
    print(f"soak: and {len(result.complaints) - 50} more", file=sys.stderr)
sys.exit(1 if result.complaints else 0)
