"""What `newshole explain` says below its picture: each block, where it stands, or how near it came."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from newshole.cli.tables import Screen
from newshole.cli.terminal import printable
from newshole.explaining.fates import Fate
from newshole.explaining.words import Places, Verdict
from newshole.page.outline import Outline


def show_verdicts(screen: Screen, told: Sequence[Fate], outline: Outline | None) -> None:
    """A list of the blocks that are placed, and one of those that are not."""
    places = Places(outline)
    room = max((cell_len(fate.block) for fate in told), default=0)
    for title, is_placed in (("Placed", True), ("Not placed", False)):
        fates = tuple(fate for fate in told if bool(fate.placed) is is_placed)
        if fates:
            screen.print(f"\n{title}", style="bold")
        for verdict in places.verdicts(fates):
            _show(screen, verdict, room)


def _show(screen: Screen, verdict: Verdict, room: int) -> None:
    """A block; where several reasons decided, each has a line of its own."""
    fate = verdict.fate
    style = "bold green" if fate.placed else "bold"
    block = Text.assemble((f"{fate.block:<{room}}", style), f"  {fate.kind:<8}  ", printable(verdict.line))
    screen.say(block, indent=2)
    for reason in verdict.reasons:
        screen.say(reason, indent=4)
