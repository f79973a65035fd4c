"""What `newshole diff` prints: the figures of all pages, and then the pages that lose most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from newshole.cli.tables import Screen
from newshole.plan.survey import counted
from newshole.review.changes import PageChange, Side, Totals, in_words

_SIGNS: Final = {"gained": "+", "lost": "-", "moved": "~"}
_STYLES: Final = {"gained": "green", "lost": "red", "moved": "yellow"}


def show_differences(
    old: str, new: str, device: str, totals: Totals, changed: Sequence[PageChange], most: int
) -> None:
    """Print the totals, and of the pages that change, the first `most`."""
    screen = Screen()
    screen.say(f"{old} → {new}, {device}", style="bold")
    screen.say(f"changed: {totals.changed} of {counted(totals.pages, 'page')}")
    screen.say()
    screen.table(("", "before>", "after>"), _figures(totals))
    screen.say()
    screen.say(f"gained {totals.gained}, lost {totals.lost}, moved {totals.moved}")
    if totals.redone:
        screen.say(f"other content in {', '.join(totals.redone)}")
    for page in changed[:most]:
        _show_page(screen, page)
    if len(changed) > most:
        screen.say()
        screen.say(f"and {counted(len(changed) - most, 'more page')}: --show {len(changed)} shows all")


def _figures(totals: Totals) -> list[tuple[str, str, str]]:
    pages = totals.pages
    rows = [
        ("slots", f"{totals.before}", f"{totals.after}"),
        ("slots a page", f"{totals.before / pages:.2f}", f"{totals.after / pages:.2f}"),
    ]
    if totals.density_before is not None and totals.density_after is not None:
        rows.append(("density", f"{totals.density_before:.1%}", f"{totals.density_after:.1%}"))
    return rows


def _show_page(screen: Screen, page: PageChange) -> None:
    screen.say()
    screen.say(page.source, style="bold")
    screen.say(f"{_side(page.before)} → {_side(page.after)}", indent=2)
    for change in page.changes:
        screen.say(f"{_SIGNS[change.what]} {in_words(change)}", style=_STYLES[change.what], indent=4)


def _side(side: Side) -> str:
    if side.untouched is not None:
        return f"left untouched ({side.untouched})"
    density = "" if side.density is None else f", density {side.density:.1%}"
    return counted(len(side.slots), "slot") + density
