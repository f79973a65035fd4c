"""The weather desk: fresh temperatures beside the requests, and the last one kept when a feed fails."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newshole import Newshole, Site
from newshole.http import weather
from newshole.http.weather import WeatherDesk, read_temperature
from newshole.library.feeds import FeedError
from newshole.types import Facts, Weather
from tests.http.asgi import STORY, ask, page
from tests.http.servers import serving
from tests.waiting import eventually, until


@pytest.mark.parametrize(
    ("answer", "path", "temperature"),
    [
        (b'{"now": {"temp": 28.6}}', "now.temp", 28.6),
        (b'{"now": {"temp": -3}}', "now.temp", -3.0),
        (b'{"hours": [{"t": 1}, {"t": 2}]}', "hours.1.t", 2.0),
        (b'{"now": {"temp": "28.6"}}', "now.temp", 28.6),
        ('{"température": 1}'.encode(), "température", 1.0),
    ],
)
def test_the_number_at_a_dotted_path_is_the_temperature(answer: bytes, path: str, temperature: float) -> None:
    assert read_temperature(answer, path) == temperature


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"<html>", b"\xff\xfe", b"null", b"28.6", b"[]", b"{}", b'{"now": 5}', b'{"now": [1]}',
        b'{"now": {"temp": null}}', b'{"now": {"temp": true}}', b'{"now": {"temp": {}}}',
        b'{"now": {"temp": "warm"}}', b'{"now": {"temp": NaN}}', b'{"now": {"temp": 1e999}}',
        b'{"now": {"temp": 300}}', b'{"now": {"temp": 1' + b"0" * 5000 + b"}}", b"[" * 100_000,
    ],
)  # fmt: skip
def test_an_answer_without_a_temperature_is_refused(answer: bytes) -> None:
    with pytest.raises(FeedError, match=r"its answer has no .* at now\.temp"):
        read_temperature(answer, "now.temp")


class Station:
    """A feed whose answer can be changed, and that counts how often it is asked."""

    def __init__(self) -> None:
        self.answer = Response(b'{"now": {"temp": 28.6}}')
        self.asked = 0
        self.address = ""

    async def respond(self, _request: Request) -> Response:
        self.asked += 1
        return self.answer


@pytest.fixture
def station() -> Iterator[Station]:
    station = Station()
    with serving(Starlette(routes=[Route("/weather", station.respond)])) as address:
        station.address = address
        yield station


RULES = """
site: Example
timezone: UTC
blocks:
  strip:
    kind: strip
    items: [weather]
    place: page-top
    weather: {{place: Springfield, unit: {unit}, feed: {{url: "{url}", temperature: now.temp, minutes: 1}}}}
"""


@pytest.fixture
def site(station: Station, tmp_path: Path) -> Site:
    return load(tmp_path, f"{station.address}/weather?key=secret")


def load(folder: Path, url: str, unit: str = "C") -> Site:
    path = folder / "weather.yaml"
    path.write_text(RULES.format(url=url, unit=unit), encoding="utf-8")
    return Site.load(path)


async def attended(site: Site, counts: Counter[str], holds: Callable[[], object]) -> None:
    desk = WeatherDesk(counts)
    desk.attend(site)
    try:
        await until(holds)
    finally:
        await desk.close()


def test_the_facts_get_the_temperature_of_the_feed(site: Site) -> None:
    before = site.facts
    asyncio.run(attended(site, Counter(), lambda: site.facts.weather))
    assert [each.temperature for each in site.facts.weather.values()] == [28.6]
    assert before == Facts()


def test_the_temperature_is_in_the_unit_of_the_rules(station: Station, tmp_path: Path) -> None:
    site = load(tmp_path, f"{station.address}/weather", unit="F")
    asyncio.run(attended(site, Counter(), lambda: site.facts.weather))
    [told] = site.facts.weather.values()
    assert (told.temperature, told.unit) == (28.6, "F")
    assert told.at is not None


def test_sites_whose_strips_have_one_name_show_their_own_weather(station: Station, tmp_path: Path) -> None:
    for name, path in (("north", "now.temp"), ("south", "now.other")):
        written = RULES.format(url=f"{station.address}/weather", unit="C").replace("now.temp", path)
        (tmp_path / f"{name}.yaml").write_text(f"hosts: [{name}.example]\n{written}", encoding="utf-8")
    station.answer = Response(b'{"now": {"temp": -3, "other": 30}}')
    site = Site.load(tmp_path)
    asyncio.run(attended(site, Counter(), lambda: len(site.facts.weather) == 2))
    urls = [f"https://{name}.example/story" for name in ("north", "south")]
    pages = [site.compose(STORY, url=url).html for url in urls]
    assert [b"30 C" in each for each in pages] == [False, True]
    assert [b"3 C" in each for each in pages] == [True, False]


@pytest.mark.parametrize(
    "answer",
    [
        Response(b"warm"),
        Response(b'{"now": {"temp": 1}}', status_code=500),
        Response(b"", status_code=302, headers={"location": "/weather"}),
        Response(b" " * (weather.MOST_BYTES + 1)),
    ],
)
def test_a_wrong_answer_is_counted_told_of_once_and_keeps_the_last_value(
    site: Site,
    station: Station,
    answer: Response,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(weather, "AGAIN", 0.001)
    station.answer = answer
    site.facts = Facts({"strip": Weather(12.0)})
    counts: Counter[str] = Counter()
    with caplog.at_level(logging.WARNING, "newshole"):
        asyncio.run(attended(site, counts, lambda: counts["weather-fault"] >= 3))
    assert site.facts == Facts({"strip": Weather(12.0)})
    [record] = [each for each in caplog.records if each.name == "newshole"]
    assert record.getMessage().startswith("no weather from 127.0.0.1: ")
    assert "secret" not in caplog.text


def test_a_feed_that_cannot_be_reached_is_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    site = load(tmp_path, "http://127.0.0.1:1/weather")
    counts: Counter[str] = Counter()
    asyncio.run(attended(site, counts, lambda: counts["weather-fault"]))
    assert "no weather from 127.0.0.1" in caplog.text


def test_a_feed_that_comes_back_is_read_again(
    site: Site, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weather, "AGAIN", 0.001)
    good, station.answer = station.answer, Response(b"warm")
    counts: Counter[str] = Counter()

    async def recover() -> None:
        desk = WeatherDesk(counts)
        desk.attend(site)
        await until(lambda: counts["weather-fault"])
        station.answer = good
        await until(lambda: site.facts.weather)
        await desk.close()

    asyncio.run(recover())


def test_one_task_reads_however_often_it_is_asked_to(site: Site) -> None:
    async def attend_often() -> None:
        desk = WeatherDesk(Counter())
        desk.attend(site)
        first = desk.task
        desk.attend(site)
        assert desk.task is first
        await desk.close()
        assert desk.task is None

    asyncio.run(attend_often())


def test_another_site_s_feeds_take_the_place_of_the_old_ones(
    site: Site, station: Station, tmp_path: Path
) -> None:
    async def swap() -> None:
        desk = WeatherDesk(Counter())
        desk.attend(site)
        old = desk.task
        assert old is not None
        other = load(tmp_path, f"{station.address}/weather")
        desk.attend(other)
        await until(lambda: other.facts.weather)
        assert old.cancelled()
        await desk.close()

    asyncio.run(swap())


def test_a_site_without_feeds_has_no_task(rules: Path) -> None:
    async def attend() -> None:
        desk = WeatherDesk(Counter())
        desk.attend(Site.load(rules))
        assert desk.task is None

    asyncio.run(attend())


def test_outside_asyncio_it_says_that_none_is_read(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    desk = WeatherDesk(Counter())
    desk.attend(site)
    desk.attend(site)
    assert caplog.text.count("need an asyncio server") == 1
    assert desk.task is None


@pytest.mark.parametrize("lifespan", ["on", "off"])
def test_a_mounted_site_shows_the_weather_with_and_without_a_lifespan(site: Site, lifespan: str) -> None:
    app = Starlette(routes=[Route("/story", lambda _: Response(STORY, media_type="text/html"))])
    newshole = Newshole(app, site=site)
    with serving(newshole, lifespan="on" if lifespan == "on" else "off") as address, httpx.Client() as client:
        eventually(lambda: "28.6" in client.get(f"{address}/story").text)
    if lifespan == "on":
        assert newshole.weather.task is None


def test_no_request_waits_for_a_feed_that_does_not_answer(site: Site) -> None:
    client = ask(Newshole(page(), site=site))
    assert client.body.startswith(b"<!doctype html>")
