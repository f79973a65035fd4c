"""Stand-ins: the blocks that are planned, those that stand in for others among them.

A block that may not come, or has nothing to show, leaves its place to its `fallback`: that block then asks
for what the other one did, with the other's priority and bounds, beside what it asks for itself.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace

from newshole.rules.ruleset import Block, Rules


def planned(rules: Rules, refused: Container[str]) -> Iterator[tuple[int, Block]]:
    """The blocks to plan, each with its rank in the rules; a stand-in has that of the block it is for."""
    by_id = {block.id: block for block in rules.blocks}
    for rank, block in enumerate(rules.blocks):
        if block.id not in refused:
            if block.prefer or block.repeat is not None:
                yield rank, block
            continue
        other: Block | None = block
        while other is not None and other.id in refused:
            other = None if other.fallback is None else by_id[other.fallback]
        if other is not None:
            yield rank, _in_place_of(block, other)


def _in_place_of(block: Block, other: Block) -> Block:
    """The other block where the first one asks to stand."""
    own = replace(block.own, needs=other.own.needs, excludes=other.own.excludes, group=other.own.group)
    return replace(
        other,
        prefer=block.prefer,
        repeat=block.repeat,
        priority=block.priority,
        exact=block.exact,
        required=block.required,
        own=own,
    )
