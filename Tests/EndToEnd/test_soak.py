"""A short soak (Tests/Soak): WebSockets, tunnels and steady requests through reloads and upgrades, of which none may fail."""

import pytest
from soak.plan import SHORT, run


# A second try would say that the first failure does not count.
@pytest.mark.flaky(reruns=0)
def test_nothing_is_cut_by_reloads_and_upgrades():
    result = run(SHORT)
    assert not result.complaints, "\n".join(result.lines + result.complaints[:20])
