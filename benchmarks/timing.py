"""How long a call takes, fair to all peers about garbage.

Before each call everything unreachable is collected, and while it runs nothing is: a peer is charged for
what it allocates itself, not for the tree that another one left behind. Peers take turns within a round, so
that what else the machine does meanwhile meets all of them.
"""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

Name = TypeVar("Name")


def paired(peers: Mapping[Name, Callable[[], object]], rounds: int) -> dict[Name, list[float]]:
    """The milliseconds of each peer's call in every round, after one call each that does not count."""
    for work in peers.values():
        work()
    times: dict[Name, list[float]] = {name: [] for name in peers}
    with _only_new_garbage():
        for _ in range(rounds):
            for name, work in peers.items():
                times[name].append(milliseconds(work))
    return times


def milliseconds(work: Callable[[], object]) -> float:
    """One call, timed with the collector off."""
    gc.collect()
    gc.disable()
    try:
        started = time.perf_counter()
        work()
        return (time.perf_counter() - started) * 1000
    finally:
        gc.enable()


@contextlib.contextmanager
def _only_new_garbage() -> Iterator[None]:
    """What is alive now is not looked at by collections, which would take longer than most calls."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
