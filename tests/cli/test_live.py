"""The commands that change a running site, on a real Redis with real workers."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from starlette.applications import Starlette

from newshole import Newshole as Middleware
from newshole import Site
from newshole.live import purging
from tests.cli.conftest import PROMPT, Newshole, Outcome, refused
from tests.http.servers import serving
from tests.live.rules import FIRST, SECOND, WRONG, written
from tests.store.servers import Server, running

VERSION = re.compile(r"[0-9a-f]{8}")


@pytest.fixture
def redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    folder = tmp_path / "redis"
    folder.mkdir()
    server = Server(folder)
    monkeypatch.setenv("NEWSHOLE_REDIS", server.url)
    monkeypatch.setenv("NEWSHOLE_SECRET", "of the newsroom")
    monkeypatch.setenv("NEWSHOLE_AUTHOR", "anna")
    with running(server):
        yield server


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Workers in this process would write their log beside what a command says."""
    caplog.set_level(logging.CRITICAL, "newshole")


@contextmanager
def workers(redis: Server, tmp_path: Path, number: int, **more: object) -> Iterator[None]:
    """So many workers."""
    if not number:
        yield
        return
    settings: dict[str, object] = {"rules": "published", "secret": "of the newsroom", **more}
    state = tmp_path / f"state-{number}"
    app = Middleware(Starlette(), redis=redis.url, state=state, **settings)  # type: ignore[arg-type]
    with serving(app), workers(redis, tmp_path, number - 1, **more):
        yield


def without_times(text: str) -> str:
    return re.sub(r"after \d+\.\d s", "after 0.0 s", text)


def test_publishing_waits_for_the_workers_and_says_so(
    newshole: Newshole, redis: Server, tmp_path: Path
) -> None:
    rules = written(tmp_path, FIRST)
    with workers(redis, tmp_path, 2):
        first = newshole("publish", rules, "--note", "first")
        assert (first.code, first.err) == (0, "")
        digest = first.text[:8]
        assert without_times(first.text) == (
            f"{digest} of site is published\n2 of 2 workers serve {digest} after 0.0 s\n"
        )
        assert newshole("publish", rules).text == f"{digest} of site is in service already\n"
        written(tmp_path, SECOND)
        second = newshole("publish", rules)
        assert f"is published, in the place of {digest}" in second.text
        back = newshole("rollback", "--note", "too many")
        assert without_times(back.text) == (
            f"{digest} of site is published, in the place of {second.text[:8]}\n"
            f"2 of 2 workers serve {digest} after 0.0 s\n"
        )


def test_wrong_rules_are_not_published_and_every_mistake_is_told(
    newshole: Newshole, redis: Server, tmp_path: Path
) -> None:
    rules = written(tmp_path, WRONG + "  worse: {}\n")
    checked, outcome = newshole("check", rules), newshole("publish", rules)
    assert (outcome.code, outcome.err) == (1, checked.text)
    assert outcome.err.count("site.yaml:") >= 2
    assert redis.ask("DBSIZE") == 0


@pytest.mark.usefixtures("redis")
def test_what_breaks_a_running_experiment_is_published_only_where_that_is_said(
    newshole: Newshole, tmp_path: Path
) -> None:
    tested = FIRST + "experiments: {e: {traffic: 40%, arms: {control: {}, none: {drop: spot}}}}\n"
    assert newshole("publish", written(tmp_path, tested), "--wait", "0").code == 0
    less = tested.replace("40%", "10%").replace("drop: spot", "drop: inline")
    refused = newshole("publish", written(tmp_path, less), "--wait", "0")
    assert (refused.code, refused.text.splitlines()) == (
        1,
        [
            "site: experiments.e.traffic: 10%, down from 40%, takes readers out of it: give it a new salt",
            (
                "site: experiments.e.arms.none: what it changes is not what its readers saw before: give it "
                "a new salt"
            ),
        ],
    )
    assert "--break-experiments" in refused.err
    assert len(newshole("versions").text.splitlines()) == 2
    more = newshole("publish", written(tmp_path, tested.replace("40%", "90%")), "--wait", "0")
    assert more.code == 0
    anyway = newshole("publish", written(tmp_path, less), "--wait", "0", "--break-experiments")
    assert anyway.code == 0


def test_a_worker_that_refuses_is_told_with_the_reason(
    newshole: Newshole, redis: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its environment lacks what the publisher's has."""
    import newshole.live.follower as follower
    from newshole.live.source import SourceError

    def load(_source: object) -> None:
        raise SourceError("site.yaml:7:20: the environment has no NH_KEY")

    monkeypatch.setattr(follower, "load_site", load)
    with workers(redis, tmp_path, 1):
        outcome = newshole("publish", written(tmp_path, FIRST))
    assert outcome.code == 1
    assert "0 of 1 worker serve" in outcome.text
    assert outcome.err.endswith(" refuses it: site.yaml:7:20: the environment has no NH_KEY\n")


@pytest.mark.usefixtures("redis")
def test_versions_are_listed_shown_and_written_as_they_were(newshole: Newshole, tmp_path: Path) -> None:
    assert newshole("versions").text == "nothing was published for site yet\n"
    written(tmp_path, FIRST, "base/base.yaml")
    rules = written(tmp_path, "extends: ../base/base.yaml\n", "rules/site.yaml").parent
    newshole("publish", rules, "--note", "first")
    written(tmp_path, SECOND, "base/base.yaml")
    newshole("publish", rules, "--author", "bo")
    listed = newshole("versions").text.splitlines()
    assert [line[:2] for line in listed[1:]] == ["* ", "  "]
    assert listed[1].endswith("bo")
    assert re.search(r"anna +first$", listed[2])
    first = listed[2][2:10]
    shown = newshole("versions", "show", first).text
    assert "--- base/base.yaml" in shown
    assert "<p>first</p>" in shown
    out = tmp_path / "out"
    assert newshole("versions", "show", first, "-o", out).text == f"{out / 'rules'}: 2 files\n"
    assert (out / "base/base.yaml").read_text() == FIRST
    refused(
        newshole("versions", "show", first, "-o", out),
        f"{out} is there already: name a folder with -o that is new or empty",
    )
    assert json.loads(newshole("versions", "show", first, "--json").text)["files"]["base/base.yaml"] == FIRST
    told = json.loads(newshole("versions", "--json").text)
    assert [(each["by"], each["note"], each["current"]) for each in told] == [
        ("bo", "", True),
        ("anna", "first", False),
    ]
    assert told[0]["replaced"] == told[1]["version"]
    back = newshole("rollback", first)
    assert back.text.startswith(f"{first} of site is published")
    assert "no worker is running" in back.text


def test_switches_go_off_in_all_workers_are_listed_and_go_on(
    newshole: Newshole, redis: Server, tmp_path: Path
) -> None:
    assert newshole("switches").text == "nothing is switched off\n"
    with workers(redis, tmp_path, 2, rules=str(written(tmp_path, FIRST))):
        off = newshole("switch", "off", "--block", "spot", "--reason", "server down", "--for", "2h")
        assert (off.code, off.err) == (0, "")
        assert without_times(off.text) == "2 of 2 workers have switched after 0.0 s\n"
        misspelt = newshole("switch", "off", "--block", "spott", "--reason", "x")
        assert misspelt.err == 'newshole: no worker has a block "spott" now; did you mean "spot"?\n'
        listed = newshole("switches").text.splitlines()
        assert len(listed) == 3
        assert re.search(r"^block +spot +\S+ \S+ +\S+ \S+ +anna +server down +redis$", listed[1])
        on = newshole("switch", "on", "--block", "spot", "--block", "spott", "--all")
        assert on.err == "newshole: all was not off\n"
        assert newshole("switches").text == "nothing is switched off\n"


def test_switches_of_a_file_are_listed_too_and_its_mistakes(newshole: Newshole, tmp_path: Path) -> None:
    file = written(tmp_path, "off: [{all: true, by: bo, until: 2001-01-01}, {section: City, reason: why}]\n")
    (told,) = json.loads(newshole("switches", "--switches", file, "--json").text)
    assert (told["what"], told["name"], told["reason"], told["source"]) == ("section", "City", "why", "file")
    written(tmp_path, "off: [{sektion: City}]\n")
    wrong = newshole("switches", "--switches", file)
    assert wrong == Outcome(1, b"", f'{file}:1:8: off[0].sektion: unknown key; did you mean "section"?\n')


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("down --all", '"down" is no position of a switch: write "newshole switch off" or "… on"'),
        ("off --reason x", "what? give --all, --section, --url, --block, --kind or --no-ads"),
        ("off --all", 'say why with --reason "…": it is shown to whoever asks what is off'),
        (
            "off --kind adds --reason x",
            '--kind "adds" cannot be switched: there is no such kind; did you mean "ad"?',
        ),
        (
            "off --url news/a --reason x",
            '--url "news/a" cannot be switched: write a path that begins with "/", or a whole URL',
        ),
        ("off --all --reason x --for soon", 'no length of time: "soon"; write 90s, 30m, 2h or 3d'),
        ("off --all --reason x --until soon", 'no moment: "soon"; write it as 2026-12-01T06:00'),
        ("off --all --reason x --until 2001-01-01", "--until 2001-01-01 is over already"),
        (
            "off --all --reason x --for 1h --until 2099-01-01",
            "--for and --until are both given: leave one out",
        ),
        ("on --all --for 1h", "--for and --until are for what is switched off"),
    ],
)
def test_what_cannot_be_switched_is_told(newshole: Newshole, arguments: str, message: str) -> None:
    outcome = newshole("switch", *arguments.split(), "--redis", "redis://127.0.0.1:1")
    assert (outcome.code, outcome.out) == (2, b"")
    assert outcome.err.startswith(f"newshole: {message}")


@pytest.mark.parametrize("command", ["publish newspaper", "versions", "rollback", "switch on --all"])
def test_without_a_redis_nothing_is_done(
    newshole: Newshole, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEWSHOLE_REDIS", raising=False)
    refused(
        newshole(*command.split()),
        "which Redis? give --redis URL, or --archive FILE: the one that the workers are started with",
    )
    gone = newshole(*command.split(), "--redis", "redis://127.0.0.1:1")
    assert gone.code == 2
    assert gone.err.startswith("newshole: Redis does not do it (")


@pytest.mark.usefixtures("redis")
def test_another_secret_than_the_publishers_is_told(
    newshole: Newshole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newshole("publish", written(tmp_path, FIRST))
    monkeypatch.setenv("NEWSHOLE_SECRET", "other")
    outcome = newshole("versions")
    assert outcome.code == 2
    assert "another secret than the one in NEWSHOLE_SECRET" in outcome.err


def test_a_redis_that_may_evict_versions_is_told(newshole: Newshole, redis: Server, tmp_path: Path) -> None:
    redis.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    outcome = newshole("publish", written(tmp_path, FIRST))
    assert outcome.code == 0
    assert "set volatile-lru" in outcome.err
    assert "set volatile-lru" in newshole("switch", "off", "--all", "--reason", "x").err


class _Cache(BaseHTTPRequestHandler):
    """A Varnish that is asked to purge, and when."""

    purged: list[tuple[str, str | None, float]]

    def do_PURGE(self) -> None:
        self.purged.append((self.path, self.headers["X-Purge-Tags"], time.monotonic()))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has there
        """Tests are quiet."""


def test_caches_in_front_are_purged_of_what_changed(
    newshole: Newshole, redis: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "ON_THEIR_WAY", 0.0)
    _Cache.purged = []
    rules = written(tmp_path, FIRST)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Cache) as server, workers(redis, tmp_path, 1):
        thread = threading.Thread(target=server.serve_forever, args=(PROMPT,))
        thread.start()
        cache = f"varnish+http://127.0.0.1:{server.server_port}"
        published = newshole("publish", rules, "--cdn", cache)
        assert published.code == 0
        assert published.text.splitlines()[-2:] == [
            f"{cache}: purged",
            f"{cache}: purged of pages that were on their way",
        ]
        newshole("switch", "off", "--block", "spot", "--reason", "x", "--cdn", cache)
        url = "https://news.example/news/a"
        newshole("switch", "off", "--no-ads", url, "--reason", "x", "--cdn", cache)
        replaced = Site.load(rules).digest[:12]
        written(tmp_path, SECOND)
        newshole("publish", rules, "--cdn", cache)
        server.shutdown()
        thread.join()
    told = [(path, tags) for path, tags, _ in _Cache.purged]
    assert told[:4] == [("/", "nh-site-example")] * 2 + [("/", "nh-block-spot")] * 2
    assert [path for path, _ in told].count("/news/a") == 2
    assert told[-2:] == [("/", "nh-site-example"), ("/", f"nh-rules-{replaced}")]


def test_a_cache_that_is_unknown_stops_everything(newshole: Newshole, redis: Server, tmp_path: Path) -> None:
    outcome = newshole("publish", written(tmp_path, FIRST), "--cdn", "memcache://x")
    assert outcome.code == 2
    assert redis.ask("DBSIZE") == 0


@pytest.mark.usefixtures("redis")
def test_the_log_tells_who_did_what_when_and_why(newshole: Newshole, tmp_path: Path) -> None:
    rules = written(tmp_path, FIRST)
    newshole("publish", rules, "--note", "first", "--wait", "0")
    newshole("switch", "off", "--block", "spot", "--reason", "server down", "--author", "bo", "--wait", "0")
    told = newshole("log", "--json")
    lines = [json.loads(line) for line in told.text.splitlines()]
    assert [(each["what"], each["by"], each["why"], each["book"], each["number"]) for each in lines] == [
        ("switch-off", "bo", "server down", "log", 2),
        ("publish", "anna", "first", "log", 1),
    ]
    (line,) = newshole("log", "--json", "--by", "bo", "--text", "SERVER").text.splitlines()
    assert json.loads(line) == lines[0]
    assert newshole("log", "--what", "halt").text == "nothing of that happened to site yet\n"
    assert "server down" in newshole("log").text


def test_a_log_with_a_damaged_entry_is_told_and_fails(
    newshole: Newshole, redis: Server, tmp_path: Path
) -> None:
    newshole("publish", written(tmp_path, FIRST), "--wait", "0")
    redis.ask("HSET", "newshole:live:{site}:audit", "1", "nobody sealed this")
    told = newshole("log")
    assert (told.code, "damaged" in told.text) == (1, True)
