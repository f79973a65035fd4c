"""What measuring costs: beacons that one worker takes, and pages with events beside pages without."""

from __future__ import annotations

import contextlib
import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks import servers
from benchmarks.apps import ARTICLE, BLOCKS_FILE, MEASURED, PAGE_FILE
from benchmarks.articles import typical
from benchmarks.figures import Headline, Options, Report, Spread, Table, at_least
from benchmarks.servers import Server
from newshole.http.measuring import PATH

EVENTS: Final = (["view"], ["viewable", "inline", 1], ["depth", "", 0, 0.61], ["dwell", "", 0, 42])
"""What happens on a page that somebody reads: at its beginning the first, at its end the others."""

PLAIN: Final = "without events"
_RULES: Final = """
site: Example
articles: [{path: "/**"}]
blocks:
  inline: {kind: html, html: "<p>inline</p>", place: {after: paragraph, nth: 2}}
"""
_EXPERIMENT: Final = """
experiments:
  later:
    arms:
      control: {}
      late: {set: {blocks.inline.place: {after: paragraph, nth: 4}}}
"""
_VARY: Final = {
    "no-experiment.yaml": "",
    "by-header.yaml": "vary: {id: User-Agent}\n",
    "by-cookie.yaml": "vary: {id: {cookie: visits}}\n",
}
_NAMES: Final = {
    "no-experiment.yaml": "events, no experiment",
    "by-header.yaml": "an experiment, counted by browsers",
    "by-cookie.yaml": "an experiment, counted by the server",
}
_LUA: Final = """
local n = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
request = function()
  n = n + 1
  return wrk.format(nil, "{path}", nil, string.format('{body}', n))
end
"""
_TOKEN: Final = re.compile(rb'data-nh-token="([^"]+)"')


def measure(options: Options) -> Report:
    """Beacons a second, and pages a second beside each other."""
    if "wrk" in servers.lacking():
        return Report(left_out=("events, all of it (wrk is not installed)",))
    with tempfile.TemporaryDirectory() as name, _serving(Path(name)) as running:
        beacons: dict[str, list[float]] = {"at the beginning": [], "at the end": []}
        pages: dict[str, list[float]] = {each: [] for each in running}
        found = _TOKEN.search(servers.fetch(running["by-header.yaml"], ARTICLE))
        assert found is not None, "the page is not measured"
        scripts = _scripts(Path(name), found[1].decode())
        for _ in range(options.rounds):
            for which, script in scripts.items():
                load = servers.load(running["by-header.yaml"], PATH, options.seconds, script=script)
                beacons[which].append(load.rate)
            for which, server in running.items():
                pages[which].append(servers.load(server, ARTICLE, options.seconds).rate)
    return Report(_tables(beacons, pages, options), tuple(_headlines(beacons, pages)))


@contextlib.contextmanager
def _serving(folder: Path) -> Iterator[dict[str, Server]]:
    """A server for each of the rules, and one without events."""
    (folder / PAGE_FILE).write_bytes(typical())
    (folder / BLOCKS_FILE).write_text("[]", "utf-8")
    for name, vary in _VARY.items():
        (folder / name).write_text(_RULES + vary + (_EXPERIMENT if vary else ""), "utf-8")
    with contextlib.ExitStack() as stack:
        running: dict[str, Server] = {}
        for name in (*MEASURED, PLAIN):
            port = servers.free_port()
            command = servers.python_server("unmeasured" if name == PLAIN else name, folder, port)
            running[name] = stack.enter_context(servers.running(command, port))
        yield running


def _scripts(folder: Path, token: str) -> dict[str, Path]:
    """What makes the requests: each is of another view."""
    made = {}
    for which, events in (("at the beginning", EVENTS[:1]), ("at the end", EVENTS[1:])):
        body = json.dumps({"t": token, "v": "%024x", "e": events})
        made[which] = folder / f"{which.replace(' ', '-')}.lua"
        made[which].write_text(_LUA.replace("{path}", PATH).replace("{body}", body), "utf-8")
    return made


def _tables(
    beacons: dict[str, list[float]], pages: dict[str, list[float]], options: Options
) -> tuple[Table, ...]:
    caption = f"{options.rounds} rounds of {options.seconds} s, one worker, medians."
    of_beacons = tuple((name, *Spread.of(rates).cells(0)) for name, rates in beacons.items())
    of_pages = tuple(
        (
            _NAMES.get(name, name),
            *Spread.of(rates).cells(0),
            *Spread.of_ratios(rates, pages[PLAIN]).cells(),
        )
        for name, rates in pages.items()
    )
    return (
        Table("Beacons", caption, ("", "a second", "quartiles"), of_beacons),
        Table("Pages", caption, ("", "a second", "quartiles", "to none", "quartiles"), of_pages),
    )


def _headlines(beacons: dict[str, list[float]], pages: dict[str, list[float]]) -> Iterator[Headline]:
    ends = Spread.of([rate * (len(EVENTS) - 1) for rate in beacons["at the end"]])
    yield at_least("events/s that one worker takes", ends, 5000, "")
    idle = Spread.of_ratios(pages["no-experiment.yaml"], pages[PLAIN])
    yield at_least("pages/s with events and no experiment, to none", idle, 0.97, "×")
