"""What cannot be had is told in one line that says what to do, by every command."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Newshole
from tests.cli.test_main import COMMANDS

NOWHERE = "redis://127.0.0.1:1/0"
"""A Redis that nothing answers at."""

NO_SUCH_FILE = (
    "compose nosuch.html",
    "explain nosuch.html",
    "check nosuch",
    "diff newspaper nosuch page.html",
    "diff newspaper quiet nosuch",
    "price nosuch page.html",
    "price newspaper page.html --values nosuch.csv",
    "audit nosuch",
    "audit --urls nosuch",
    "measure nosuch.html",
    "import ad-inserter nosuch",
    "demo --rules nosuch",
    "serve --upstream http://a --rules nosuch",
    "serve --config nosuch.yaml",
    "console --config nosuch.yaml",
    "publish nosuch --archive archive",
    "library list --library nosuch",
    "library import nosuch --library nosuch",
    "switches --switches nosuch",
    "events export --from nosuch.db",
    "events export --from nosuch",
    "report wide --rules rules.yaml --events nosuch.db",
    "simulate wide --rules rules.yaml --events nosuch.db",
    "why http://a/ --journal nosuch",
)

NOT_TO_BE_READ = (
    "publish newspaper --archive junk.db",
    "stage --archive junk.db",
    "log --archive junk.db",
    "library list --library junk.db",
    "events export --from junk.db",
    "report wide --rules rules.yaml --events junk.db",
    "simulate wide --rules rules.yaml --events junk.db",
    "why http://a/ --journal junk.db",
    "import ad-inserter junk.db",
)

OF_A_RUNNING_SITE = (
    "publish newspaper",
    "stage",
    "stage 50",
    "stage halt",
    "resume 1b2c",
    "approve 1b2c",
    "decline 1b2c",
    "approval on",
    "versions",
    "versions show 1b2c",
    "rollback",
    "switch off --all --reason why",
    "switch on --all",
    "switches",
    "log",
    "why http://a/",
)

WRONG_USE = (
    "compose page.html --device tv",
    "explain page.html --block nosuch",
    "explain page.html --arm nosuch:wide",
    "diff newspaper quiet",
    "import fly page.html",
    "events fly",
    "events sink",
    "events sink --to rows.db",
    "events ship",
    "events export",
    "events export --from rows.db --as xml",
    "report nosuch --events rows.db",
    "simulate nosuch",
    "publish newspaper --archive archive --ramp x",
    "publish newspaper --archive archive --at x",
    "publish newspaper --archive archive --by day",
    "publish newspaper --archive archive --share 0",
    "publish newspaper --archive archive --cdn nosuch",
    "publish newspaper --archive archive --share 5 --zone Mars --at 2027-01-01T00:00",
    "stage x --archive archive",
    "stage 50 --archive archive",
    "approve 1b2c --archive archive",
    "decline 1b2c --archive archive",
    "approval maybe --archive archive",
    "versions show --archive archive",
    "versions show 1b2c --archive archive",
    "rollback 1b2c --archive archive",
    "switch off --archive archive",
    "switch off --all --archive archive",
    "switch off --all --reason why --for ever --archive archive",
    "switch off --kind nosuch --reason why --archive archive",
    "purge",
    "purge --all",
    "purge --all --cdn nosuch",
    "library fly --library nosuch",
    "token",
    "overlay http://a/",
    "log --day x --archive archive",
    "why a",
    "why http://a/",
    "why http://a/ --archive archive --at x",
    "why http://a/ --archive archive --device tv",
    "console fly",
    "console",
    "serve",
    "serve --upstream ftp://a",
    "serve --upstream http://a --port 99999",
    "serve --upstream http://a --redis nosuch",
    "serve --upstream http://a --events segments",
)

EXPERIMENT = """
vary: {id: {cookie: reader}}
blocks: {a: {kind: source, place: body-end}}
experiments:
  wide:
    hypothesis: Nobody misses the source.
    arms: {control: {}, none: {drop: a}}
    metrics: {primary: read_through}
    plan: {min_effect: 10%}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the command lines are written: with a page, rules, and a file that is no database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSHOLE_STATE", str(tmp_path / "state"))
    (tmp_path / "page.html").write_text("<p>Text", "utf-8")
    (tmp_path / "junk.db").write_text("no database, and no export", "utf-8")
    (tmp_path / "rules.yaml").write_text(EXPERIMENT, "utf-8")
    return tmp_path


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        yield port


def check_refused(newshole: Newshole, line: str) -> str:
    """Nothing comes out, and one line says what is wrong and what to do."""
    outcome = newshole(*line.split())
    assert (outcome.code, outcome.out) == (2, b"")
    assert outcome.err.startswith("newshole: ")
    assert outcome.err.count("\n") == 1
    assert "fault of newshole" not in outcome.err
    return outcome.err


@pytest.mark.parametrize("line", NO_SUCH_FILE)
def test_a_file_that_is_not_there_is_named(newshole: Newshole, line: str) -> None:
    assert "nosuch" in check_refused(newshole, line)


@pytest.mark.parametrize("line", NOT_TO_BE_READ)
def test_a_file_that_is_none_of_ours_is_refused(newshole: Newshole, line: str) -> None:
    check_refused(newshole, line)
    assert Path("junk.db").read_text("utf-8") == "no database, and no export"


@pytest.mark.parametrize("line", OF_A_RUNNING_SITE)
def test_a_redis_that_does_not_answer_is_told(newshole: Newshole, line: str) -> None:
    told = check_refused(newshole, f"{line} --redis {NOWHERE}")
    assert told.startswith("newshole: Redis does not do it (")
    assert told.endswith(": see that it runs, and try again\n")


@pytest.mark.parametrize("line", OF_A_RUNNING_SITE)
def test_what_is_no_address_of_a_redis_is_no_name_of_a_file(newshole: Newshole, line: str) -> None:
    told = check_refused(newshole, f"{line} --redis localhost")
    assert told.startswith("newshole: the address of Redis must begin with redis://")
    assert not Path("localhost").exists()


@pytest.mark.parametrize("line", OF_A_RUNNING_SITE)
def test_where_the_site_is_has_to_be_said(newshole: Newshole, line: str) -> None:
    assert "--redis URL" in check_refused(newshole, line)


@pytest.mark.parametrize("line", ["library list", "events sink --to rows.db --once"])
def test_others_that_need_redis_tell_it_too(newshole: Newshole, line: str) -> None:
    assert "try again" in check_refused(newshole, f"{line} --redis {NOWHERE}")


@pytest.mark.parametrize("line", WRONG_USE)
def test_what_makes_no_sense_is_refused(newshole: Newshole, line: str) -> None:
    check_refused(newshole, line)


@pytest.mark.parametrize("line", ["demo --port {}", "serve --upstream http://a --port {}"])
def test_a_port_that_is_taken_is_told_with_the_option_for_another(
    newshole: Newshole, taken: int, line: str
) -> None:
    assert f"port {taken}: Address already in use; choose others with --port" in check_refused(
        newshole, line.format(taken)
    )


def test_every_command_that_can_be_used_wrongly_is_here() -> None:
    lines = (*NO_SUCH_FILE, *NOT_TO_BE_READ, *OF_A_RUNNING_SITE, *WRONG_USE)
    assert {line.split()[0] for line in lines} == set(COMMANDS) - {"schema"}
