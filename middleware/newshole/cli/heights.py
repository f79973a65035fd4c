"""The tables that `newshole measure` prints, and the lines to put into the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from newshole.cli.terminal import printable
from newshole.page.screen import Screen

if TYPE_CHECKING:
    from newshole.cli.measure import Measured


def show(measured: Sequence[Measured], screens: Mapping[str, Screen | None]) -> None:
    """Print every page's units, and what to write as `screen`."""
    console = Console(highlight=False)
    for each in measured:
        console.print(_table(each))
    console.print(Text("\n".join(screen_lines(screens))))


def screen_lines(screens: Mapping[str, Screen | None]) -> list[str]:
    """The lines of rules that set these screens; a comment for a device that cannot be told."""
    lines = ["screen:"]
    for device, screen in screens.items():
        if screen is None:
            lines.append(f"  # {device}: too few paragraphs of several lines to tell; give more pages")
        else:
            lines.append(f"  {device}: {{{written(screen)}}}")
    return lines if any(screens.values()) else ["# screen", *lines[1:]]


def written(screen: Screen) -> str:
    """A screen as rules say it."""
    return (
        f"viewport: {screen.width}x{screen.height}, column: {screen.column:g} px, font: {screen.font:g} px, "
        f"line: {screen.line:g} px, letter: {screen.letter:g} em, margin: {screen.margin:g} px"
    )


def _table(measured: Measured) -> Table:
    table = Table(
        title=f"{printable(measured.page.source)}, {measured.device}",
        title_justify="left",
        box=SIMPLE_HEAD,
        show_footer=True,
    )
    estimates = measured.estimates
    table.add_column("unit", "body")
    table.add_column("words", str(measured.outline.words), justify="right")
    table.add_column("estimated, px", str(sum(estimates)), justify="right")
    table.add_column("measured, px", f"{measured.body:.0f}", justify="right")
    for unit, estimate, real in zip(measured.outline.units, estimates, measured.tall, strict=True):
        table.add_row(unit.kind, str(unit.words), str(estimate), f"{real:.0f}")
    return table
