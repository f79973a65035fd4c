"""What blocks say of one another: `needs`, `excludes`, `group` and `fallback`, checked over all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from newshole.rules.written import Conflict, meant, nearest

WAYS: Final = ("place", "prefer", "repeat")
"""The keys that say where a block stands; one without any only stands in for another."""

Blocks: TypeAlias = Mapping[str, Mapping[str, Any]]


def relations(blocks: Blocks, keys: Mapping[str, Sequence[str]]) -> Iterator[Conflict]:
    """Every mistake in them; the blocks may have other ones. `keys` are those that each kind has."""
    stand_ins = {str(each.get("fallback")) for each in blocks.values()}
    for name, block in blocks.items():
        if name not in stand_ins and not _has_a_way(block, keys.get(str(block.get("kind")), ())):
            yield Conflict('needs "place", "prefer" or "repeat"', ("blocks", name), lacks=WAYS)
        for key in ("needs", "excludes"):
            yield from _named(name, key, block, blocks)
        yield from _contradicting(name, block)
        yield from _fallback(name, blocks)


def _has_a_way(block: Mapping[str, Any], keys: Sequence[str]) -> bool:
    """Whether a block says where it stands, or tried to: a misspelt key is told already."""
    meant = (nearest(key, [*keys]) for key in block if key not in keys)
    return any(way in block for way in WAYS) or any(each in WAYS for each in meant)


def _named(name: str, key: str, block: Mapping[str, Any], blocks: Blocks) -> Iterator[Conflict]:
    """Names that are neither a block nor the kind of one."""
    known = [*blocks, *dict.fromkeys(str(each.get("kind")) for each in blocks.values())]
    for at, other in _listed(key, block):
        if other == name:
            yield Conflict(f'"{name}" is this block itself', ("blocks", name, *at))
        elif other not in known:
            sentence = f'no block and no kind of one is named "{other}"{meant(other, known)}'
            yield Conflict(sentence, ("blocks", name, *at), lacks=("blocks",))


def _contradicting(name: str, block: Mapping[str, Any]) -> Iterator[Conflict]:
    needed = {other for _, other in _listed("needs", block)}
    for at, other in _listed("excludes", block):
        if other in needed:
            yield Conflict(f'never shown: "needs" has "{other}" too', ("blocks", name, *at))


def _fallback(name: str, blocks: Blocks) -> Iterator[Conflict]:
    at, seen = ("blocks", name, "fallback"), [name]
    other = blocks[name].get("fallback")
    if isinstance(other, str) and other not in blocks:
        yield Conflict(f'no block is named "{other}"{meant(other, [*blocks])}', at, lacks=("blocks",))
    while isinstance(other, str) and other in blocks:
        if other == name:
            yield Conflict(f"a circle: {' -> '.join([*seen, name])}", at)
        if other in seen:
            return
        seen.append(other)
        other = blocks[other].get("fallback")


def _listed(key: str, block: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The names under a key, each with where it stands."""
    written = block.get(key)
    if isinstance(written, str):
        yield (key,), written
    elif isinstance(written, (list, tuple)):
        yield from (((key, n), each) for n, each in enumerate(written) if isinstance(each, str))
