"""The numbers of allocations that are held."""

import json

from .environment import ROOT

PINS = ROOT / "Benchmarks" / "allocations" / "pinned.json"


def settle(measured, tolerance, pin, unit):
    """Prints what was measured beside what is pinned; ends the program where something has grown, or pins it all."""
    pins = json.loads(PINS.read_text()) if PINS.exists() else {}
    grown = []
    for case, value in measured.items():
        held = pins.get(case)
        print(f"{case:<8} {value:7.2f} allocations/{unit}, pinned {held if held is not None else 'nowhere'}")
        if held is None or value > held + tolerance:
            grown.append(case)
        elif value < held - tolerance:
            print(f"{case:<8} needs less than is pinned: ARGS=--pin accepts it")
    if pin:
        PINS.write_text(json.dumps(pins | measured, indent=2) + "\n")
    elif grown:
        raise SystemExit(f"allocations: grown: {', '.join(grown)}")
