"""Light stories and solemn ones, kept apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable


def go_together(levels: tuple[str, str], tags: Iterable[str], others: Collection[str]) -> bool:
    """Whether stories of two levels of sensitivity may stand beside each other.

    A solemn one and one that is not sensitive at all do where they are of one topic: where a tag of the one
    is among the `others`.
    """
    return set(levels) != {"none", "solemn"} or any(tag in others for tag in tags)
