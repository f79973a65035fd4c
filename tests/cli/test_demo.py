"""`newshole demo`: served for real, and ended for real."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from bs4 import BeautifulSoup

from newshole import Site
from newshole.demo.sights import SIGHTS
from tests.cli.conftest import Newshole, Outcome, refused
from tests.console.entering import open_every_screen, who
from tests.console.newsroom import TOKEN
from tests.waiting import PATIENCE

pytestmark = pytest.mark.slow

STORY = "/world/talks-after-the-cable-was-cut"


@contextmanager
def demo(*arguments: str, patience: float = PATIENCE) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """The demo, its address, and what it said; killed at the end if it still runs then."""
    process = subprocess.Popen(
        [sys.executable, "-m", "newshole", "demo", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(patience, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        said = ""
        while "Ctrl-C" not in said and (line := process.stdout.readline()):
            said += line
        address = re.search(r"http://[^/\s]+", said)
        assert address, said or process.communicate()
        yield process, address[0], said
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310 - our own
        assert answer.status == 200
        return str(answer.read(), "utf-8")


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_story_is_served_with_and_without_until_a_signal_ends_it(
    ending: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with demo() as (process, address, said):
        assert f"at {address}/\n" in said
        assert f"{address}{STORY}\n" in said
        assert f"{address}{STORY}?newshole=off\n" in said
        assert 'data-newshole="' in get(address + STORY)
        assert 'data-newshole="' not in get(f"{address}{STORY}?newshole=off")
        for sight in SIGHTS:
            assert re.search(f"^  {sight.path} +{sight.name}: {sight.shows}$", said, re.MULTILINE)
            get(address + sight.path)
        process.send_signal(ending)
        out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, out, err) == (0, "The demo has ended.\n", "")
        assert not [*tmp_path.iterdir()]


def console_link(said: str) -> str:
    """The link that signs somebody in to the console."""
    found = re.search(r"http://\S+/_newshole/sign-in\?key=\S+", said)
    assert found, said
    return found[0]


def test_its_console_opens_by_a_link_that_works_once() -> None:
    with demo() as (_, address, said):
        link = console_link(said)
        with httpx.Client(follow_redirects=True) as client:
            first = client.get(link).text
            assert who(first) == ("demo", "publisher")
            console = link.partition("/_newshole/")[0]
            client.base_url = httpx.URL(console)
            assert open_every_screen(client, first) > 1
            assert "sign-in" in client.get(f"{console}/_newshole/site/audit").text
        again = httpx.get(link)
        assert (again.status_code, "has been used" in again.text) == (403, True)
        assert f'<a href="{console}/_newshole/">' in get(address)


def test_its_console_makes_links_to_the_overlay() -> None:
    with demo() as (_, address, said), httpx.Client(follow_redirects=True, timeout=30) as client:
        link = console_link(said)
        screen = link.partition("/_newshole/")[0] + "/_newshole/site/overlay"
        token = TOKEN.search(client.get(link).text)
        assert token is not None
        form = {"url": STORY, "for": "900", "x_csrf_token": token[1]}
        made = BeautifulSoup(client.post(screen, data=form).text, "lxml")
        (found,) = {str(each["href"]) for each in made.select(f'main a[href^="{address}{STORY}"]')}
        assert "data-newshole-overlay" in client.get(found).text


def test_its_console_takes_the_port_that_is_asked_for(free_port: int) -> None:
    with demo("--console-port", str(free_port)) as (_, _address, said):
        assert console_link(said).startswith(f"http://127.0.0.1:{free_port}/")


def test_an_open_connection_does_not_hold_up_the_end() -> None:
    with demo() as (process, address, _):
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as held:
            held.sendall(b"GET / HTTP/1.1\r\nHost: ")
            get(address + "/about")
            process.terminate()
            out, err = process.communicate(timeout=PATIENCE)
            assert (process.returncode, out, err) == (0, "The demo has ended.\n", "")


def test_other_rules_may_be_named() -> None:
    with demo("--rules", "quiet") as (_, address, _said):
        placed = set(re.findall('data-newshole="([a-z-]+)"', get(address + STORY)))
        assert placed
        assert placed <= {block.id for block in Site.load("quiet").rules[0].blocks}


def test_all_addresses_are_shown_as_one_that_a_browser_can_go_to() -> None:
    with demo("--host", "0.0.0.0") as (_, address, _said):  # noqa: S104 - what is tested
        assert address.startswith("http://localhost:")
        get(address.replace("localhost", "127.0.0.1") + "/about")


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "newshole", "demo", "--port", str(port)],
            capture_output=True,
            text=True,
            check=False,
        )
    told = f"newshole: cannot listen on 127.0.0.1, port {port}: Address already in use; "
    told += "choose others with --port and --host\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", told)


@pytest.fixture
def signals() -> Iterator[None]:
    """What the demo does to signals, undone."""
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for each, action in before.items():
        signal.signal(each, action)


@pytest.mark.usefixtures("signals")
def test_an_unknown_host_is_refused(newshole: Newshole) -> None:
    outcome = newshole("demo", "--port", "0", "--host", "nothing.invalid")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, b"", 1)
    assert outcome.err.startswith("newshole: cannot listen on nothing.invalid, port 0: ")


@pytest.mark.usefixtures("signals")
def test_missing_and_wrong_rules_are_told_before_anything_listens(newshole: Newshole, tmp_path: Path) -> None:
    refused(
        newshole("demo", "--port", "0", "--rules", "nothing"),
        "no rules at nothing: give a file, a folder or a pack (newspaper, quiet, reference)",
    )
    rules = tmp_path / "rules.yaml"
    rules.write_text("blox: {}\n", "utf-8")
    told = f'{rules}:1:1: blox: unknown key; did you mean "blocks"?\n'
    assert newshole("demo", "--port", "0", "--rules", rules) == Outcome(1, b"", told)
