"""Several metrics at once: with twelve of them one is "significant" by chance in almost every second test."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values, each raised so that alpha bounds the chance of any false alarm among them (Holm 1979).

    In the order given.
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    raised = [0.0] * len(p_values)
    highest = 0.0
    for rank, at in enumerate(order):
        highest = max(highest, min((len(p_values) - rank) * p_values[at], 1.0))
        raised[at] = highest
    return raised
