"""What a staged version does beside the one in service, and which workers have it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from newshole.live.entries import Staged
from newshole.live.ledger import Beat, figures_of
from newshole.live.staging.figures import Figures, total

NAMES: Final = (
    "Pages",
    "Of these left by a fault of newshole",
    "Composed",
    "Pages with ads",
    "Ads a page",
    "Ads of a page's height",
    "Ads that readers were shown",
    "Of these became viewable",
    "Ads that a server was asked for",
    "Of these were filled",
)
"""What is told of a version."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A staged version: `took` are the workers that serve its share, `others` those that do not yet. Each
    of `rows` is the name of a figure, the staged version's, and that of the one in service. The next step of
    its ramp is due at `next_at`, None where there is none, or it is held."""

    staged: Staged
    took: tuple[Beat, ...]
    others: tuple[Beat, ...]
    rows: tuple[tuple[str, str, str], ...]
    next_at: float | None


def watch(staged: Staged, workers: Iterable[Beat]) -> Watch:
    """A staged version as workers tell of it."""
    following = [each for each in workers if each.follows]
    took = [each for each in following if (each.staged, each.share) == (staged.digest, staged.share)]
    pairs = figures_of(staged.digest, following)
    stable, candidate = total(one for one, _ in pairs), total(other for _, other in pairs)
    rows = tuple(zip(NAMES, _told(candidate), _told(stable), strict=True))
    next_at = staged.at + staged.ramp[0].after if staged.ramp and not staged.is_held else None
    others = tuple(each for each in following if each not in took)
    return Watch(staged, tuple(took), others, rows, next_at)


def _told(figures: Figures) -> tuple[str, ...]:
    return (
        f"{figures.pages:,}",
        f"{figures.faults:,}",
        _share(figures.composed, figures.pages),
        _share(figures.with_ads, figures.composed),
        f"{figures.slots / figures.composed:.2f}" if figures.composed else "–",
        f"{100 * figures.density / figures.measured:.1f}%" if figures.measured else "–",
        f"{figures.shown:,}",
        _share(figures.viewable, figures.shown),
        f"{figures.asked:,}",
        _share(figures.asked - figures.unfilled, figures.asked),
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "–"
