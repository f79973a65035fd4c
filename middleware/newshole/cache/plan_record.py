"""What is kept of a page that was planned: enough to compose it again without reading it, in few bytes.

A value is a JSON document, compressed, under the seal of `store/seal`. With a secret, whoever can write to a
store can make pages be read anew, and nothing else; without one they can also make a value of their own,
which may leave a page alone or put its blocks at other tags of it. Nothing of a value is ever executed or
shown.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Final, NamedTuple

from pydantic import TypeAdapter, ValidationError

from newshole.store.seal import sealed, unsealed
from newshole.types import Story

MOST_BYTES: Final = 2048
"""The largest value that is made or read."""

MOST_PLANS: Final = 8
"""Plans of one page that are kept, for as many sets of blocks that have something to show."""

_PLACE: Final = b"plans 3:"
_MOST_JSON: Final = 64 * 1024


class Placed(NamedTuple):
    """One copy of a block: its rank in the rules, which copy it is, and its offset in the stable bytes."""

    rank: int
    ordinal: int
    offset: int


class Tried(NamedTuple):
    """A copy that was rendered on the way to a plan, and the digest of its shape in hex."""

    rank: int
    ordinal: int
    shape: str


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """One plan of a page: it holds where exactly the overrides of `active` (numbers) are active, exactly the
    blocks of `refused` (ranks) have nothing to show here, and every copy that was `tried` has its shape.
    `untouched` says why nothing is placed, None where something is."""

    refused: tuple[int, ...]
    untouched: str | None = None
    placed: tuple[Placed, ...] = ()
    tried: tuple[Tried, ...] = ()
    active: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptPage:
    """What is known of a page: what blocks read of its story, and its plans, the newest last.

    `untouched` is why it is left alone whatever the blocks show, None where that depends on them. All of it
    holds while the page meets this `entry` of the rules (see `rendering.entry_met`).
    """

    story: Story
    untouched: str | None = None
    plans: tuple[KeptPlan, ...] = ()
    entry: int | None = -1

    def with_plan(self, plan: KeptPlan) -> KeptPage:
        """The page with one more plan, in the place of another for the same blocks and overrides."""
        holds_for = (plan.refused, plan.active)
        others = tuple(each for each in self.plans if (each.refused, each.active) != holds_for)
        return replace(self, plans=(*others, plan)[-MOST_PLANS:])


def told_to_blocks(story: Story, *, authors: bool = False) -> Story:
    """A story without the texts that no block shows, which pages may make as long as they like.

    Its `authors` are kept only where a condition looks at them.
    """
    kept = story.authors if authors else ()
    return replace(story, description="", image="", site="", authors=kept, modified=None)


@cache
def _page() -> TypeAdapter[KeptPage]:
    """Made when it is first needed, which is after the start."""
    return TypeAdapter(KeptPage)


def encode(page: KeptPage, key: bytes, secret: bytes = b"") -> bytes | None:
    """The value for a key; None where it would be larger than `MOST_BYTES`."""
    document = zlib.compress(_page().dump_json(page, exclude_defaults=True), 6)
    value = sealed(document, _PLACE + key, secret)
    return value if len(value) <= MOST_BYTES else None


def decode(value: bytes, key: bytes, secret: bytes = b"") -> KeptPage | None:
    """The page of a value that `encode` made for this very key and secret; None for all else."""
    document = unsealed(value, _PLACE + key, secret) if len(value) <= MOST_BYTES else None
    if document is None:
        return None
    try:
        inflate = zlib.decompressobj()
        text = inflate.decompress(document, _MOST_JSON)
        return _page().validate_json(text, strict=True) if inflate.eof and not inflate.unused_data else None
    except (zlib.error, ValidationError):
        return None


def fits(plan: KeptPlan, page: bytes, offsets: tuple[int, ...], blocks: int, overrides: int = 0) -> bool:
    """Whether a plan can be one of this page: its `offsets` in the page rise from tag edge to tag edge, and
    the rules have so many `blocks` and `overrides`."""
    return (
        all(0 <= each < overrides for each in plan.active)
        and all(_are_sound(plan, blocks))
        and all(_stand_at_edges(page, offsets))
    )


def _are_sound(plan: KeptPlan, blocks: int) -> Iterator[bool]:
    yield bool(plan.placed) == (plan.untouched is None)
    yield all(0 <= rank < blocks for rank in plan.refused)
    yield all(0 <= each.rank < blocks and each.rank not in plan.refused for each in plan.placed)
    yield all(0 <= each.rank < blocks and each.rank not in plan.refused for each in plan.tried)
    yield {each[:2] for each in plan.placed} <= {each[:2] for each in plan.tried}


def _stand_at_edges(page: bytes, offsets: tuple[int, ...]) -> Iterator[bool]:
    yield all(earlier <= later for earlier, later in pairwise((0, *offsets, len(page))))
    yield all(page[at - 1 : at] == b">" or page[at : at + 1] == b"<" for at in offsets)
