"""The benchmarks measure what they say: peers do their work, pages have their sizes, medians are medians."""

from __future__ import annotations

import asyncio
import gc
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from benchmarks import __main__ as command
from benchmarks import assignment, growth, imports, peers, proxied, served, servers
from benchmarks.apps import ARTICLE, PAGE_FILE, Rewriting, bare, changing, composed
from benchmarks.articles import NONCE, TOKEN, URL, article, article_of, shared, typical
from benchmarks.figures import Options, Spread, at_least, at_most
from benchmarks.peers import MARK, Maker
from benchmarks.timing import paired
from newshole import Reader, Site
from newshole.http.pagecache.nonces import refuse_page
from newshole.rules.experiments import arms_of
from tests.http.asgi import Client, asked, asks

BLOCKS = tuple(f'<aside data-newshole="ad">{number}</aside>' for number in range(3))
PEERS = [
    pytest.param(
        make,
        marks=pytest.mark.skipif(name not in peers.installed(), reason=f"{name} is not installed"),
        id=name,
    )
    for name, make in peers.MAKERS.items()
]
STREAMING = PEERS[1:]

needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / PAGE_FILE).write_bytes(typical())
    return tmp_path


def answers(app: ASGIApp, times: int = 1) -> Sequence[Client]:
    headers = [(name.lower().encode(), value.encode()) for name, value in servers.HEADERS.items()]
    scope = {**asked(ARTICLE), "headers": headers}

    async def ask() -> list[Client]:
        return [await asks(app, scope) for _ in range(times)]

    return asyncio.run(ask())


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", *words])
    command.main()


def test_a_spread_is_the_median_between_the_quartiles() -> None:
    assert Spread.of([5, 1, 4, 2, 3]) == Spread(2, 3, 4)
    assert Spread.of([7]) == Spread(7, 7, 7)
    assert Spread.of_ratios([2, 9, 8], [1, 3, 2]) == Spread(2.5, 3, 3.5)


def test_a_figure_is_held_against_its_limit_on_the_right_side() -> None:
    figure = Spread(0.7, 0.9, 1.1)
    assert at_least("", figure, 0.9, "×").met
    assert not at_least("", figure, 0.95, "×").met
    assert at_most("", figure, 0.9, "×").met
    assert not at_most("", figure, 0.85, "×").met


def test_pages_have_their_sizes() -> None:
    assert len(typical()) == pytest.approx(68 * 1024, rel=0.01)
    for size in growth.SIZES:
        assert len(article_of(size)) == pytest.approx(size, rel=0.01)


def test_a_page_for_all_is_the_same_without_nonce_and_token() -> None:
    assert refuse_page(typical()) == "nonce"
    assert refuse_page(shared()) is None
    assert NONCE.encode() not in shared()
    assert TOKEN.encode() not in shared()
    assert len(shared()) == pytest.approx(len(typical()), rel=0.01)


def test_peers_take_turns_and_pay_for_no_garbage_but_their_own() -> None:
    seen: list[tuple[str, bool]] = []
    calls = {name: lambda name=name: seen.append((name, gc.isenabled())) for name in "ab"}
    times = paired(calls, 2)
    assert seen == [("a", True), ("b", True), *[("a", False), ("b", False)] * 2]
    assert gc.isenabled()
    assert [len(times[name]) for name in "ab"] == [2, 2]


@pytest.mark.parametrize("make", PEERS)
def test_a_peer_puts_a_block_after_every_third_paragraph(make: Maker) -> None:
    rewrite = make(BLOCKS)
    for paragraphs, placed in ((1, 0), (7, 2), (12, 3)):
        plain = "".join(f"<p>{number}</p>" for number in range(paragraphs))
        page = rewrite(f"<!doctype html><html><body>{plain}</body></html>".encode())
        assert page.count(MARK) == placed
        for number in range(placed):
            assert f"<p>{3 * number + 2}</p>{BLOCKS[number]}".encode() in page


@pytest.mark.parametrize("make", STREAMING)
def test_a_streaming_peer_keeps_all_other_bytes(make: Maker) -> None:
    page = article(paragraphs=12).replace("“".encode(), b"\xff\xfe")
    rewritten = make(BLOCKS)(page)
    for block in BLOCKS:
        rewritten = rewritten.replace(block.encode(), b"")
    assert rewritten == page


def test_a_rewriting_middleware_mends_the_length(folder: Path) -> None:
    (client,) = answers(Rewriting(bare(folder), lambda page: page + b"<!-- -->"))
    assert client.body == typical() + b"<!-- -->"
    assert client.header(b"content-length") == b"%d" % len(client.body)


def test_a_changing_page_has_a_new_nonce_and_token_each_time(folder: Path) -> None:
    one, other = answers(changing(folder), 2)
    assert one.body != other.body
    for client in (one, other):
        policy = client.header(b"content-security-policy") or b""
        nonce = policy.removeprefix(b"script-src 'nonce-").removesuffix(b"'")
        assert client.body.count(nonce) == typical().count(NONCE.encode()) > 0
        assert NONCE.encode() not in client.body
        assert TOKEN.encode() not in client.body


def test_the_mounted_app_sends_what_the_other_peers_are_held_against(folder: Path) -> None:
    (client,) = answers(composed(bare(folder)))
    page = Site.load("newspaper").compose(typical(), url=URL)
    assert client.body == page.html
    assert client.body.count(MARK) == len(page.insertions) > 3


@pytest.mark.slow
def test_all_blocks_of_the_growing_rules_may_come_or_one_in_twenty(tmp_path: Path) -> None:
    for aim, expected in ((1, 0), (20, 190)):
        rules = tmp_path / f"{aim}.yaml"
        rules.write_text(growth.rules_of(200, aim), "utf-8")
        page = Site.load(rules).compose(typical(), url=URL)
        refused = {each.block for each in page.decisions if each.gap is None}
        assert len(refused) == expected


def test_the_slowest_modules_come_first() -> None:
    costs = imports.slowest()
    assert len(costs) == imports.SLOWEST
    assert [cost.own for cost in costs] == sorted((cost.own for cost in costs), reverse=True)
    assert all(0 < cost.own <= cost.whole for cost in costs)


@pytest.mark.slow
def test_modules_that_come_along_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "WATCHED", ("newshole.site", "newshole.cli"))
    assert imports.loaded_of_watched() == {"newshole.site"}


@pytest.mark.slow
def test_one_command_prints_tables_and_the_last_one_as_markdown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pages = [tmp_path / name for name in ("one.html", "other.html")]
    for number, page in enumerate(pages):
        page.write_bytes(article(paragraphs=12 + number))
    run(monkeypatch, "cold", "--rounds", "1", "--markdown", "--pages", *map(str, pages))
    told = capsys.readouterr().out
    assert "2 pages, median" in told
    assert "| cold compose, of BeautifulSoup's time " in told


def test_a_page_without_a_block_is_not_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "empty.html"
    page.write_text("<!doctype html><p>No story.", "utf-8")
    run(monkeypatch, "cold", "--pages", str(page))
    assert capsys.readouterr().out.startswith("left out: cold, all of it")


@pytest.mark.parametrize("words", [["http", "heat"], ["cold", "--rounds", "0"]])
def test_what_cannot_be_measured_is_refused(monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(monkeypatch, *words)


@needs_wrk
@pytest.mark.slow
def test_every_server_starts_and_does_its_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(server: servers.Server, path: str, _seconds: int) -> servers.Load:
        return servers.Load(float(len(servers.fetch(server, path))), 1.0)

    monkeypatch.setattr(servers, "load", load)
    report = served.measure(Options(rounds=1))
    assert len(report.tables[0].rows) + len(report.left_out) >= len(served.PEERS) - 1
    blocks = {row[0]: row[1] for row in report.tables[0].rows}
    assert blocks[served.OURS] == blocks[served.OURS_CHANGING] == "5"


@needs_wrk
@pytest.mark.slow
@pytest.mark.skipif("nginx" in servers.lacking(), reason="nginx is not installed")
def test_every_proxy_starts_and_does_its_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(server: servers.Server, path: str, _seconds: int) -> servers.Load:
        return servers.Load(float(len(servers.fetch(server, path))), 1.0)

    monkeypatch.setattr(servers, "load", load)
    report = proxied.measure(Options(rounds=1))
    sizes = {row[0]: row[2] for row in report.tables[0].rows}
    assert set(sizes) == {peer.name for peer in proxied.PEERS}
    assert sizes[proxied.BARE] == sizes[proxied.RELAY] < sizes[proxied.OURS] == sizes[proxied.CACHED]


@needs_wrk
@pytest.mark.slow
def test_load_is_told_with_the_share_of_the_core(folder: Path) -> None:
    port = servers.free_port()
    with servers.running(servers.python_server("bare", folder, port), port) as server:
        load = servers.load(server, ARTICLE, 1)
    assert load.rate > 16
    assert 0 < load.busy < 1.2


@pytest.mark.slow
def test_assignment_is_measured_where_readers_are_in_every_arm_and_in_none() -> None:
    for tests, holdout in assignment.experiments().values():
        readers = [Reader(id=assignment.ID.format(number)) for number in range(400)]
        drawn = {arms_of(tests, holdout, reader, "").get("experiment-0", "") for reader in readers}
        assert drawn == {"control", "other", ""}
    report = assignment.measure(Options(rounds=1))
    assert [each.target for each in report.headlines] == ["≤ 3 µs an experiment"] * 3
