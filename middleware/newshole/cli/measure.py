"""`newshole measure`: how tall a page's units are in a real browser, beside what is estimated."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any

import typer

from newshole.cli.calibration import Sample, fit, flow, samples
from newshole.cli.chromium import boxes, chromium
from newshole.cli.options.pages import NEWSPAPER, RulesOption, UrlOption, known_device
from newshole.cli.page import read_page
from newshole.composing import Run, Untouched
from newshole.errors import UsageError
from newshole.explaining.page import Page
from newshole.explaining.untouched import left_untouched
from newshole.page.outline import Outline
from newshole.page.screen import Metrics, Screen
from newshole.site import Site
from newshole.types import DEVICES, Facts, Reader


@dataclass(frozen=True, slots=True)
class Measured:
    """A page on one device: its outline, the height of each unit in the browser, and of the body."""

    page: Page
    device: str
    outline: Outline
    tall: list[float]
    body: float
    found: list[Sample]

    @property
    def estimates(self) -> list[int]:
        """The estimated heights of the units."""
        return [unit.heights[DEVICES.index(self.device)] for unit in self.outline.units]


def measure(
    pages: Annotated[list[str], typer.Argument(metavar="PAGES", hidden=True)],
    rules: RulesOption = NEWSPAPER,
    url: UrlOption = None,
    device: Annotated[
        str | None,
        typer.Option(
            "--device",
            metavar="|".join(DEVICES),
            help="Only this device.  [default: both]",
            callback=known_device,
            show_default=False,
        ),
    ] = None,
    is_network_asked: Annotated[
        bool, typer.Option("--network", help="Fetch style sheets, fonts, pictures and frames.")
    ] = False,
    is_json_asked: Annotated[bool, typer.Option("--json", help="Everything, as one JSON document.")] = False,
) -> None:
    """Measure a story's units in Chromium, and how the site is set.

    PAGES are HTML files, http(s) addresses, or - for standard input. For each device there is a table of the
    units with their heights in CSS pixels, estimated and measured, and of the whole body; below stands what
    to write as "screen" into the rules, fitted to all pages together. Scripts of the page never run. It needs
    Chromium, and Playwright: pip install 'newshole[measure]'.

    \b
      newshole measure https://news.example/world/story --network
      newshole measure story.html other.html --device mobile

    Exit codes: 0 when it is told; 1 when the rules are wrong; 2 when there is no such page, no story on it,
    or no browser.
    """
    site = Site.load(rules)
    devices = DEVICES if device is None else (device,)
    read = [(page, site) for page in (read_page(each, url) for each in pages)]
    with chromium() as browser:
        measured = [
            _measured(browser, page, site, each, network=is_network_asked)
            for page, site in read
            for each in devices
        ]
    usual = _metrics(site, read[0][0])
    screens = {each: _fitted(measured, each, usual) for each in devices}
    if is_json_asked:
        typer.echo(json.dumps(_record(measured, screens), indent=2).replace("\x7f", "\\u007f"))
    else:
        from newshole.cli.heights import show

        show(measured, screens)


def screen_of(metrics: Metrics, device: str) -> Screen:
    """The screen of a device."""
    return metrics.mobile if device == DEVICES[0] else metrics.desktop


def _metrics(site: Site, page: Page) -> Metrics:
    rules = site.rules_for(page.url)
    return Metrics() if rules is None else rules.metrics


def _measured(browser: Any, page: Page, site: Site, device: str, *, network: bool) -> Measured:  # noqa: ANN401 - Playwright may be missing
    """The page's units in the browser, and their estimates. Raises UsageError where there is no story."""
    outlined = _outlined(page, site, device)
    screen = screen_of(_metrics(site, page), device)
    found = boxes(
        browser,
        page.body,
        [(unit.start, unit.end) for unit in outlined.units],
        (screen.width, screen.height),
        url=page.url,
        content_type=page.content_type,
        network=network,
    )
    tall, body = flow(found)
    return Measured(page, device, outlined, tall, body, samples(page.body, outlined, found))


def _outlined(page: Page, site: Site, device: str) -> Outline:
    rules = site.rules_for(page.url)
    try:
        if rules is None:
            raise Untouched("no-site")
        tall = replace(rules, reads_heights=True)
        return Run(tall, page.body, page.url, Reader(device=device), Facts()).read(page.content_type)[2]
    except Untouched as left:
        raise UsageError(f"{page.source} {left_untouched(str(left), page.url)}") from left


def _fitted(measured: Iterable[Measured], device: str, usual: Metrics) -> Screen | None:
    screen = screen_of(usual, device)
    found = [sample for each in measured if each.device == device for sample in each.found]
    return fit(found, (screen.width, screen.height), screen)


def _record(measured: list[Measured], screens: dict[str, Screen | None]) -> dict[str, Any]:
    return {
        "pages": [
            {
                "source": each.page.source,
                "url": each.page.url,
                "device": each.device,
                "estimated": sum(each.estimates),
                "measured": round(each.body),
                "units": [
                    {
                        "kind": unit.kind,
                        "start": unit.start,
                        "end": unit.end,
                        "words": unit.words,
                        "estimated": estimate,
                        "measured": round(real),
                    }
                    for unit, estimate, real in zip(
                        each.outline.units, each.estimates, each.tall, strict=True
                    )
                ],
            }
            for each in measured
        ],
        "screen": {device: screen and asdict(screen) for device, screen in screens.items()},
    }
