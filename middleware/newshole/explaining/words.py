"""Reasons, places and fates in words, as every teller has them: commands, the console, marks on the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from newshole.explaining.fates import Fate
from newshole.explaining.sentences import rule_in_words, sentence
from newshole.page.outline import Outline
from newshole.plan.naming import where
from newshole.plan.spots import Spot, spots_of
from newshole.types import Decision, Reason


def in_words(reason: Reason) -> str:
    """A reason with its rule: "Ads keep 900 px between them; here 120 px to ad (layout: ads apart)"."""
    return f"{sentence(reason)} ({rule_in_words(reason.bound)})" if reason.bound else sentence(reason)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A fate in words: a line, and where several reasons decided, a line for each."""

    fate: Fate
    line: str
    reasons: tuple[str, ...] = ()


class Places:
    """The places of one page, by the outline that its decisions are about."""

    def __init__(self, outline: Outline | None) -> None:
        self.outline = outline
        self.spots: tuple[Spot, ...] = () if outline is None else spots_of(outline)

    def of(self, decision: Decision) -> str:
        """A place for people, and the number of its gap."""
        if decision.gap is None or self.outline is None:
            return "no gap"
        spot = self.spots[decision.gap]
        return f"{where(spot, self.outline)} (gap {spot.index})"

    def standing(self, decision: Decision) -> str:
        """Where a copy is placed, and whether that is where it was asked for."""
        found = decision.reasons[0].found
        return self.of(decision) + ("" if found == "there" else f", {found}")

    def verdict(self, fate: Fate) -> Verdict:
        """What became of a block."""
        return self._placed(fate) if fate.placed else self._missing(fate)

    def verdicts(self, fates: tuple[Fate, ...]) -> Iterator[Verdict]:
        """What became of each block, in order."""
        return map(self.verdict, fates)

    def _placed(self, fate: Fate) -> Verdict:
        count = len(fate.placed)
        fewer = f"{count} of {fate.asked} copies: " if count < fate.asked else ""
        return Verdict(fate, fewer + "; ".join(map(self.standing, fate.placed)))

    def _missing(self, fate: Fate) -> Verdict:
        """A block with its nearest miss."""
        reasons = tuple(in_words(each) for each in fate.miss.reasons) if fate.miss else ()
        near = f"closest: {self.of(fate.miss)}" if fate.miss and fate.miss.gap is not None else ""
        if len(reasons) == 1:
            return Verdict(fate, ": ".join(filter(None, (near, reasons[0]))))
        return Verdict(fate, near, reasons)
