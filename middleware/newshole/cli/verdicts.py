"""What `newshole explain` says below its picture: each block, where it stands, or how near it came."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from newshole.cli.fates import Fate
from newshole.cli.tables import Screen
from newshole.cli.terminal import printable
from newshole.page.outline import Outline
from newshole.plan.naming import where
from newshole.plan.spots import Spot, spots_of
from newshole.types import Decision, Reason


def in_words(reason: Reason, within: str = "") -> str:
    """A reason for people: "layout.gap[1] wants 120 words, found 97 words to inline-ad".

    The path of a rule is told from `within` on, such as "blocks.inline-ad.".
    """
    bound = f"{reason.bound.removeprefix(within)} " if reason.bound else ""
    return f"{bound}wants {reason.required}, found {reason.found}"


def show_verdicts(screen: Screen, told: Sequence[Fate], outline: Outline | None) -> None:
    """A list of the blocks that are placed, and one of those that are not."""
    verdicts = _Verdicts(screen, told, outline)
    if placed := [fate for fate in told if fate.placed]:
        screen.print("\nPlaced", style="bold")
    for fate in placed:
        verdicts.show_placed(fate)
    if missing := [fate for fate in told if not fate.placed]:
        screen.print("\nNot placed", style="bold")
    for fate in missing:
        verdicts.show_missing(fate)


class _Verdicts:
    def __init__(self, screen: Screen, told: Sequence[Fate], outline: Outline | None) -> None:
        self.screen, self.outline = screen, outline
        self.spots: tuple[Spot, ...] = () if outline is None else spots_of(outline)
        self.room = max((cell_len(fate.block) for fate in told), default=0)

    def show_placed(self, fate: Fate) -> None:
        count = len(fate.placed)
        fewer = f"{count} of {fate.asked} copies: " if count < fate.asked else ""
        self.row(fate, fewer + "; ".join(map(self.standing, fate.placed)))

    def show_missing(self, fate: Fate) -> None:
        """A block with its nearest miss; several reasons have lines of their own."""
        reasons = [in_words(each) for each in fate.miss.reasons] if fate.miss else []
        near = fate.miss is not None and fate.miss.gap is not None
        place = f"closest: {self.where(fate.miss)}" if near and fate.miss else ""
        if len(reasons) == 1:
            self.row(fate, ": ".join(filter(None, (place, reasons[0]))))
            return
        self.row(fate, place)
        for reason in reasons:
            self.screen.say(reason, indent=4)

    def row(self, fate: Fate, rest: str) -> None:
        style = "bold green" if fate.placed else "bold"
        block = Text.assemble((f"{fate.block:<{self.room}}", style), f"  {fate.kind:<8}  ", printable(rest))
        self.screen.say(block, indent=2)

    def standing(self, decision: Decision) -> str:
        """Where a copy is placed, and whether that is where it was asked for."""
        found = decision.reasons[0].found
        return self.where(decision) + ("" if found == "there" else f", {found}")

    def where(self, decision: Decision) -> str:
        """A place for people, and the number of its gap."""
        if decision.gap is None or self.outline is None:
            return "no gap"
        spot = self.spots[decision.gap]
        return f"{where(spot, self.outline)} (gap {spot.index})"
