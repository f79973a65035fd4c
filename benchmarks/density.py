"""How well density is estimated: the ads' heights over the body's, against the body's height in Chromium.

    python -m benchmarks.density [--pages N] [--wrong]

Pages of the corpora get the ads that the pack `newspaper` puts into their story, at the heights it reserves;
density is the sum of those over the height of the story without them. Both times the ads are the same, so
what is compared is the height of the body: estimated, and as Chromium lays it out at 360 and at 1366 px.

Nothing is fetched and no script runs, so what Chromium sees is not what readers saw: pages have what style
they hold themselves, and pictures are empty boxes of the shape that the page says, else 16:9. Two ways:

`dressed`: pages get a style sheet such as news sites have, a column of 328 and 640 px in letters of 18 px,
beneath what style they hold themselves. Estimated with the metrics that serve where rules have no `screen`.

`plain`: pages as they are. Those that Chromium sets all alike, for they have lost their style sheets (text as
wide as the window, letters of 16 px), are taken for one site: `screen` is fitted, as `newshole measure` does
it, on one half of them, told by a hash of their names, and the other half is measured. At 1366 px their text
is far wider and stories far lower than on any news site, and so densities, and their errors, are far higher.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from newshole import Site
from newshole.blocks.room import ad_room
from newshole.cli.calibration import Sample, fit, flow, samples
from newshole.cli.chromium import STANDING, Box, boxes, chromium
from newshole.composing import Run
from newshole.page.outline import Outline
from newshole.page.screen import Metrics, Screen
from newshole.rules.kinds.ad import Ad
from newshole.types import DEVICES, Facts, Reader

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CORPUS: Final = Path(__file__).resolve().parents[2] / "shared" / "corpus"
POINTS: Final = 5.0
"""The error of a density, in points of a hundred, that we allow."""

_SITE: Final = Site.load("newspaper")
_DRESS: Final = (
    ":where(body){{font:18px/{screen.line}px serif;max-width:{screen.column}px;margin:16px auto}}"
    ":where(p){{margin:{screen.margin}px 0}}"
)
_BARE: Final = 16
"""The margins of a page without style, left and right together, and the size of its letters."""


@dataclass(frozen=True, slots=True)
class Story:
    """A page with ads in its story: what they measure together on each device."""

    name: str
    page: bytes
    ads: tuple[int, int]

    def outline(self, metrics: Metrics) -> Outline:
        """The page's outline with estimated heights."""
        rules = replace(_SITE.rules[0], metrics=metrics, reads_heights=True)
        return Run(rules, self.page, "", Reader(), Facts()).read("text/html")[2]

    @property
    def is_even(self) -> bool:
        """The half of the page, by a hash of its name."""
        return hashlib.sha256(self.name.encode()).digest()[1] % 2 == 0


@dataclass(frozen=True, slots=True)
class Density:
    """The densities of one page on one device, in points."""

    name: str
    device: str
    estimated: float
    real: float

    @property
    def error(self) -> float:
        return abs(self.estimated - self.real)


def stories() -> Iterator[Story]:
    """The pages of the corpora with an ad inside the story, in an order that a hash of their names gives."""
    files = [*CORPUS.glob("news/*.html"), *CORPUS.glob("readability/*/source.html")]
    named = {str(file.relative_to(CORPUS)): file for file in files}
    for name in sorted(named, key=lambda each: hashlib.sha256(each.encode()).digest()):
        page = named[name].read_bytes()
        ads = _ads(page)
        if all(ads):
            yield Story(name, page, ads)


def _ads(page: bytes) -> tuple[int, int]:
    """What the ads inside the story measure on mobile and on desktop."""
    composition = _SITE.compose(page)
    if composition.outline is None:
        return 0, 0
    start, end = composition.outline.body
    inside = {each.offset: each.block for each in composition.insertions if start < each.offset < end}
    blocks = {each.id: each.options for each in _SITE.rules[0].blocks}
    rooms = [ad_room(options) for each in inside.values() if isinstance(options := blocks[each], Ad)]
    return sum(room.mobile for room in rooms), sum(room.desktop for room in rooms)


def dressed(browser: Browser, count: int) -> list[Density]:
    """Densities of `count` pages that are dressed as news sites are."""
    metrics = Metrics()
    found: list[Density] = []
    for story in stories():
        if len(found) == 2 * count:
            break
        outlined = story.outline(metrics)
        for device, screen in zip(DEVICES, (metrics.mobile, metrics.desktop), strict=True):
            style = STANDING + _DRESS.format(screen=screen)
            found += _density(story, outlined, device, _boxes(browser, story, outlined, screen, style))
    return found


def plain(browser: Browser, count: int) -> list[Density]:
    """Densities of `count` pages without style, by a screen that was fitted on as many others."""
    usual = Metrics()
    learned: dict[str, list[Sample]] = {device: [] for device in DEVICES}
    held: list[tuple[Story, dict[str, list[Box | None]]]] = []
    learnt = 0
    for story in stories():
        if (story.is_even and learnt == count) or (not story.is_even and len(held) == count):
            continue
        outlined = story.outline(usual)
        on = {
            device: _boxes(browser, story, outlined, screen, STANDING)
            for device, screen in zip(DEVICES, (usual.mobile, usual.desktop), strict=True)
        }
        own = {device: samples(story.page, outlined, on[device]) for device in DEVICES}
        if not all(_is_bare(own[device], screen) for device, screen in _screens(usual)):
            continue
        if not story.is_even:
            held.append((story, on))
            continue
        learnt += 1
        for device in DEVICES:
            learned[device] += own[device]
    fitted = [
        fit(learned[device], (screen.width, screen.height), screen) for device, screen in _screens(usual)
    ]
    assert fitted[0] is not None
    assert fitted[1] is not None
    metrics = replace(usual, mobile=fitted[0], desktop=fitted[1])
    return [
        density
        for story, on in held
        for outlined in [story.outline(metrics)]
        for device in DEVICES
        for density in _density(story, outlined, device, on[device])
    ]


def _screens(metrics: Metrics) -> tuple[tuple[str, Screen], ...]:
    return tuple(zip(DEVICES, (metrics.mobile, metrics.desktop), strict=True))


def _is_bare(found: Sequence[Sample], screen: Screen) -> bool:
    """Whether most paragraphs stand as on a page that has no style."""
    if not found:
        return False
    column = statistics.median(each.box.column for each in found)
    font = statistics.median(each.box.font for each in found)
    return column == screen.width - _BARE and font == _BARE


def _boxes(browser: Browser, story: Story, outlined: Outline, screen: Screen, style: str) -> list[Box | None]:
    spans = [(unit.start, unit.end) for unit in outlined.units]
    return boxes(browser, story.page, spans, (screen.width, screen.height), style=style)


def _density(story: Story, outlined: Outline, device: str, found: Sequence[Box | None]) -> Iterator[Density]:
    """The page's density, unless the browser shows nothing of the story."""
    rank = DEVICES.index(device)
    _, real = flow(found)
    estimated = sum(unit.heights[rank] for unit in outlined.units)
    if real and estimated:
        ads = 100 * story.ads[rank]
        yield Density(story.name, device, ads / estimated, ads / real)


WAYS: Final[dict[str, Callable[[Browser, int], list[Density]]]] = {"dressed": dressed, "plain": plain}


def told(way: str, device: str, found: Sequence[Density]) -> str:
    """One line of figures."""
    errors = sorted(each.error for each in found)
    within = sum(error <= POINTS for error in errors)
    real = statistics.median(each.real for each in found)
    return (
        f"{way:8} {device:8} {len(errors):3} pages  within {POINTS:g} points {within:3}  "
        f"error: mean {statistics.fmean(errors):.1f}, median {statistics.median(errors):.1f}, "
        f"largest {errors[-1]:.1f}  density: median {real:.0f}%"
    )


def main() -> None:
    """Measure both ways and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pages", type=int, default=50, metavar="N", help="how many pages (50)")
    parser.add_argument("--wrong", action="store_true", help="name the pages whose error is larger")
    options = parser.parse_args()
    for way, measure in WAYS.items():
        with chromium() as browser:
            found = measure(browser, options.pages)
        for device in DEVICES:
            here = [each for each in found if each.device == device]
            print(told(way, device, here))
            for each in here if options.wrong else ():
                if each.error > POINTS:
                    print(f"  {each.name}: estimated {each.estimated:.1f}, real {each.real:.1f}")


if __name__ == "__main__":
    main()
