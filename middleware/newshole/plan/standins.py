"""Stand-ins: the blocks that are planned, those that stand in for others among them.

A block that may not come, or has nothing to show, leaves its place to its `fallback`: that block then asks
for what the other one did, with the other's priority and bounds, beside what it asks for itself.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
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
        other = _stand_in(block, by_id, refused)
        if other is not None:
            yield rank, _in_place_of(block, other)


def _stand_in(block: Block, by_id: Mapping[str, Block], refused: Container[str]) -> Block | None:
    """The first of the block's fallbacks that may come. Two overrides can make a circle of them together."""
    other, seen = block, {block.id}
    while other.id in refused:
        if other.fallback is None or other.fallback in seen:
            return None
        other = by_id[other.fallback]
        seen.add(other.id)
    return other


def _in_place_of(block: Block, other: Block) -> Block:
    """The other block where the first one asks to stand."""
    limits = [each.own.most for each in (other, block) if each.own.most is not None]
    own = replace(
        block.own,
        needs=other.own.needs,
        excludes=other.own.excludes,
        group=other.own.group,
        most=min(limits, key=lambda each: each.most, default=None),
    )
    return replace(
        other,
        prefer=block.prefer,
        repeat=block.repeat,
        priority=block.priority,
        exact=block.exact,
        required=block.required,
        own=own,
    )
