"""How many event loops there are."""

import os
from pathlib import Path

import pytest

from support import configuration


def event_loops(server):
    names = [(task / "comm").read_text().strip() for task in Path(f"/proc/{server.pid}/task").iterdir()]
    # The names of threads are cut off after fifteen characters: group and number of the loop fit.
    return len([name for name in names if name.startswith("NIO-ELT-")])


def test_a_process_has_one_event_loop_for_each_processor_it_may_use(start_server, upstream):
    processors = os.sched_getaffinity(0)
    if len(processors) < 2:
        pytest.skip("there is but one processor")
    os.sched_setaffinity(0, {min(processors)})
    try:
        confined = start_server(configuration.standard(upstream))
    finally:
        os.sched_setaffinity(0, processors)
    free = start_server(configuration.standard(upstream))
    assert event_loops(free) > event_loops(confined) == 1
