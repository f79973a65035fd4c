"""The console as a process of its own, beside the workers and alone: real processes, signals and sockets."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from newshole.console.screens import SCREENS
from newshole.serving.console.passwords import HASHER, is_hash
from newshole.serving.console.preparing import NOBODY
from tests.console.entering import open_every_screen, who
from tests.console.newsroom import TOKEN
from tests.http.asgi import PATH, RULES
from tests.serving.servers import Served, command, served
from tests.waiting import PATIENCE, eventually

pytestmark = pytest.mark.slow

PASSWORD = "seven green cutters"  # noqa: S105 - of tests alone
HASH = HASHER.hash(PASSWORD)
PLACED = 'data-newshole="inline"'


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Somebody who may sign in, and a state folder of the test's own."""
    monkeypatch.setenv("NEWSHOLE_CONSOLE_PASSWORD", HASH)
    monkeypatch.setenv("NEWSHOLE_STATE", str(tmp_path / "state"))


def console_of(said: str) -> str:
    """The address of the console in what was said at the start."""
    found = re.search(r"(http://\S+:\d+)/_newshole/\n", said)
    assert found, said
    return found[1]


def sign_in(client: httpx.Client) -> str:
    """The first screen, once somebody has signed in."""
    answer = client.post("/_newshole/sign-in", data={"name": "admin", "password": PASSWORD})
    assert TOKEN.search(answer.text), answer.text
    return answer.text


@contextmanager
def open_console(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, follow_redirects=True, timeout=PATIENCE) as client:
        sign_in(client)
        yield client


def console_process(of: Served) -> int:
    """The console's process, which is the child of the parent that no worker is."""
    children = Path(f"/proc/{of.process.pid}/task/{of.process.pid}/children").read_text("utf-8").split()
    (found,) = set(map(int, children)) - {each["pid"] for each in of.workers()}
    return found


def with_console(origin: str, rules: Path, *more: str) -> tuple[str | Path, ...]:
    return ("--upstream", origin, "--rules", rules, "--console", "--console-port", "0", *more)


def test_it_opens_on_a_port_of_its_own_and_the_public_port_knows_nothing_of_it(
    origin: str, rules: Path
) -> None:
    with served(*with_console(origin, rules, "--workers", "2")) as newshole:
        assert PLACED in newshole.get(PATH)[1]
        with open_console(console_of(newshole.said)) as client:
            first = client.get("/_newshole/").text
            assert who(first) == ("admin", "publisher")
            assert open_every_screen(client, first) == len(SCREENS)
        assert "Sign in" not in newshole.get("/_newshole/sign-in")[1]
        assert newshole.end()[0] == 0


def test_it_dies_alone_comes_back_and_signs_nobody_out(origin: str, rules: Path) -> None:
    with served(*with_console(origin, rules)) as newshole:
        with open_console(console_of(newshole.said)) as client:
            before = console_process(newshole)
            os.kill(before, signal.SIGKILL)
            assert PLACED in newshole.get(PATH)[1]
            # Until it is gone, its old connection looks whole.
            eventually(lambda: before not in _children(newshole))
            assert "<strong>admin</strong>" in client.get("/_newshole/").text
            assert console_process(newshole) != before
        code, _, told = newshole.end()
        assert code == 0
        assert "the console killed by SIGKILL; another starts in 0.5 seconds" in told


def test_settings_are_read_again_without_a_request_lost_or_anybody_signed_out(
    origin: str, rules: Path
) -> None:
    with served(*with_console(origin, rules)) as newshole:
        with open_console(console_of(newshole.said)) as client:
            before = console_process(newshole)
            newshole.process.send_signal(signal.SIGHUP)
            while newshole.counted("newshole_reloads_total", outcome="done") < 1:
                assert client.get("/_newshole/").status_code == 200
            eventually(lambda: before not in _children(newshole))
            assert "<strong>admin</strong>" in client.get("/_newshole/").text
        assert newshole.end()[0] == 0


def _children(of: Served) -> list[int]:
    path = Path(f"/proc/{of.process.pid}/task/{of.process.pid}/children")
    return list(map(int, path.read_text("utf-8").split()))


def test_neither_hash_nor_secret_is_in_the_list_of_processes(
    origin: str, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSHOLE_SECRET", "of the newsroom")
    with served(*with_console(origin, rules)) as newshole:
        sign = console_of(newshole.said)
        assert httpx.get(f"{sign}/_newshole/health").json() == {"status": "alive"}
        for pid in (newshole.process.pid, *_children(newshole)):
            line = Path(f"/proc/{pid}/cmdline").read_bytes()
            assert b"argon2" not in line
            assert b"of the newsroom" not in line


def test_rules_of_files_are_published_first_and_changed_files_are_told(origin: str, rules: Path) -> None:
    with served(*with_console(origin, rules)) as newshole:
        assert "rules published\n" in newshole.said
        assert newshole.end()[2] == ""
    rules.write_text(f"{RULES}# later\n", "utf-8")
    with served(*with_console(origin, rules)) as newshole:
        assert PLACED in newshole.get(PATH)[1]
        assert "newshole publish puts that into service" in newshole.end()[2]


def test_without_anybody_who_may_sign_in_it_is_refused(
    origin: str, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEWSHOLE_CONSOLE_PASSWORD")
    arguments = command(*with_console(origin, rules))
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, f"newshole: {NOBODY}\n")


@contextmanager
def alone(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`newshole console` by itself, and what it said once it was open."""
    process = subprocess.Popen(
        [sys.executable, "-m", "newshole", "console", "--console-port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(PATIENCE, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        said = process.stdout.readline() + process.stdout.readline()
        assert said, process.communicate()
        yield process, said
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate(timeout=PATIENCE)


def test_alone_it_meets_the_workers_in_their_archive(origin: str, rules: Path, tmp_path: Path) -> None:
    settings = tmp_path / "serve.yaml"
    settings.write_text(
        f"upstream: {origin}\nrules: {rules}\narchive: kept\nconsole: {{host: 127.0.0.1}}\n", "utf-8"
    )
    with (
        served("--config", settings) as newshole,
        alone("--config", str(settings)) as (process, said),
        open_console(console_of(said)) as client,
    ):
        assert PLACED in newshole.get(PATH)[1]
        assert "console   " not in newshole.said
        process.send_signal(signal.SIGHUP)
        assert process.stderr is not None
        assert process.stderr.readline() == "newshole: settings were read again: done\n"
        assert "<strong>admin</strong>" in client.get("/_newshole/").text
        process.terminate()
        out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, out, err) == (0, "The console has ended.\n", "")


def test_alone_it_says_why_it_cannot_start(tmp_path: Path) -> None:
    settings = tmp_path / "serve.yaml"
    settings.write_text("upstream: http://127.0.0.1:1\nrules: nothing-here.yaml\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "newshole", "console", "--config", str(settings)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "no rules at" in done.stderr


def hashed(*typed: str) -> tuple[int, str]:
    """The exit code of `newshole console password` on a terminal where this is typed, and what it shows."""
    main, second = pty.openpty()
    arguments = [sys.executable, "-m", "newshole", "console", "password"]
    with subprocess.Popen(
        arguments, stdin=second, stdout=second, stderr=second, start_new_session=True
    ) as process:
        os.close(second)
        shown = b""
        for line in typed:
            while not shown.rstrip(b" ").endswith(b":"):
                shown += os.read(main, 1024)
            os.write(main, line.encode() + b"\n")
            shown += b"\n"
        try:
            while part := os.read(main, 1024):
                shown += part
        except OSError:
            pass  # how a terminal ends whose other side is closed
        os.close(main)
    return process.returncode, shown.decode()


def test_a_password_is_asked_for_twice_and_its_hash_is_printed() -> None:
    code, shown = hashed(PASSWORD, PASSWORD)
    found = shown.strip().splitlines()[-1]
    assert (code, is_hash(found)) == (0, True)
    assert HASHER.verify(found, PASSWORD)
    assert PASSWORD not in shown


def test_two_passwords_that_differ_are_refused() -> None:
    code, shown = hashed(PASSWORD, "seven red cutters")
    assert code == 2
    assert "the two are not the same" in shown


@pytest.mark.parametrize(("typed", "told"), [("short", "12 characters at least"), ("", "12 characters")])
def test_a_short_password_is_refused(typed: str, told: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "newshole", "console", "password"],
        input=f"{typed}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
