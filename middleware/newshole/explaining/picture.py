"""The story down the page, as rows: its units, and between them the places with what stands there, or why
nothing does. Commands draw them on a terminal, the console on a screen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from newshole.explaining.page import Page
from newshole.page.document import Document
from newshole.page.encoding import page_encoding
from newshole.page.outline import Outline, Unit
from newshole.plan.decisions import kept_free
from newshole.plan.naming import where
from newshole.plan.spots import Spot, spots_of
from newshole.site import Composition
from newshole.types import Reason

MOST_LETTERS: Final = 200
"""Of a unit's text, more than any line shows."""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit, and the beginning of what a reader sees of it."""

    unit: Unit
    text: str


@dataclass(frozen=True, slots=True)
class SpotRow:
    """A place, called `where`: the ids of the `blocks` that stand there, and the `reasons` against the block
    that was asked about, or without one, against any."""

    spot: Spot
    where: str
    blocks: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()

    @property
    def is_bare(self) -> bool:
        """Whether there is nothing to say of it but that it is a gap."""
        return self.spot.stack is None and not self.blocks and not self.reasons


Row: TypeAlias = UnitRow | SpotRow


def rows_of(page: Page, composition: Composition, block: str | None = None) -> Iterator[Row]:
    """Units and places in document order; beside places stands why `block` is not there; without one, why no
    block can be; no rows where the page was left before its body was read."""
    outline = composition.outline
    if outline is None:
        return
    encoding = page_encoding(page.body, page.content_type) or "utf-8"
    spots = _spot_rows(composition, outline, block)
    units = iter([UnitRow(each, _text(page.body, each, encoding)) for each in outline.units])
    unit = next(units, None)
    for row in spots:
        while unit is not None and unit.unit.start < row.spot.offset:
            yield unit
            unit = next(units, None)
        yield row


def _spot_rows(composition: Composition, outline: Outline, block: str | None) -> Iterator[SpotRow]:
    standing: dict[int, list[str]] = defaultdict(list)
    for placement in composition.plan.placements if composition.plan else ():
        standing[placement.spot.index].append(placement.block.id)
    reasons = _reasons(composition, block)
    for spot in spots_of(outline):
        against = tuple(reasons.get(spot.index, ()))
        yield SpotRow(spot, where(spot, outline), tuple(standing.get(spot.index, ())), against)


def _text(body: bytes, unit: Unit, encoding: str) -> str:
    """The beginning of what a reader sees of a unit."""
    fragment = Document(b"<div>" + body[unit.start : unit.end] + b"</div>", encoding)
    return fragment.text(fragment.select("div")[0])[:MOST_LETTERS]


def _reasons(composition: Composition, block: str | None) -> Mapping[int, Iterable[Reason]]:
    """For each spot where a block is not, or with None, where none can be: why."""
    if composition.plan is None:
        return {}
    if block is None:
        return kept_free(composition.plan)
    refused = (each for each in composition.decisions if each.block == block and not each.placed)
    return {each.gap: each.reasons for each in refused if each.gap is not None}
