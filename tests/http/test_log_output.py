"""Where the log goes: to standard output, by a thread of its own, to the last line."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from newshole import Newshole, Site
from newshole.http import logs
from newshole.http.logs import ACCESS, Background
from tests.http.asgi import ask, page
from tests.http.logged import logging_newshole


@pytest.fixture
def own() -> Iterator[Callable[[], Background]]:
    """Opens a log whose handler is taken away again."""
    log = logging.getLogger("newshole")
    before = [(each, list(each.handlers), each.level, each.propagate) for each in (log, ACCESS)]
    logs._handler.cache_clear()  # noqa: SLF001 - it is one for the whole process

    def handler() -> Background:
        (found,) = [each for each in log.handlers if isinstance(each, Background)]
        return found

    yield handler
    if any(isinstance(each, Background) for each in log.handlers):
        handler().close()
    for logger, handlers, level, propagates in before:
        logger.handlers[:], logger.level, logger.propagate = handlers, level, propagates
    logs._handler.cache_clear()  # noqa: SLF001 - the same


def test_whatever_else_is_logged_to_has_no_line_of_a_request(
    site: Site, own: Callable[[], Background], lines: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    ask(Newshole(page(), site=site, log="json"))
    own().close()
    assert capsys.readouterr().out.count("\n") == 1
    assert lines == []


def test_a_formatter_that_is_not_ours_tells_a_request_too(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "newshole"):
        ask(logging_newshole(page(), site))
    assert caplog.messages == ["200 GET news.example '/news/bridge' composed"]


@pytest.mark.parametrize("kind", ["json", "text"])
def test_lines_go_to_standard_output(
    site: Site, own: Callable[[], Background], capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    apps = [Newshole(page(), site=site, log=kind) for _ in range(2)]
    ask(apps[0])
    ask(apps[1])
    own().close()
    written = capsys.readouterr().out.splitlines()
    assert len(written) == 2
    assert all(line.startswith("{") == (kind == "json") for line in written)
    assert all("composed" in line for line in written)


FORKED = """
import logging, os
from newshole.http.logs import open_log

open_log("text")
log = logging.getLogger("newshole")
log.warning("before")
child = os.fork()
log.warning("the child's" if child == 0 else "the parent's")
if child:
    os.waitpid(child, 0)
"""


def test_a_process_that_is_forked_writes_its_own_lines() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKED], capture_output=True, text=True, check=True, timeout=60
    )
    assert sorted(line.split("warning ")[1] for line in done.stdout.splitlines()) == [
        "before", "the child's", "the parent's",
    ]  # fmt: skip


def test_a_pipe_that_is_slow_holds_no_request_up(
    site: Site, own: Callable[[], Background], monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()

    class Slow(io.StringIO):
        def write(self, text: str) -> int:
            let_go.wait()
            return super().write(text)

    slow = Slow()
    monkeypatch.setattr(logs, "ROOM", 5)
    monkeypatch.setattr(sys, "stdout", slow)
    newshole = Newshole(page(), site=site, log="json")
    for _ in range(20):
        ask(newshole)
    let_go.set()
    while not own().lines.empty():
        time.sleep(0.01)
    ask(newshole)
    own().close()
    told = [json.loads(line) for line in slow.getvalue().splitlines()]
    lost = [int(line["message"].split()[0]) for line in told if line["event"] == "log-dropped"]
    requests = [line for line in told if line["event"] == "request"]
    assert sum(lost) > 0
    assert sum(lost) + len(requests) == 21


@pytest.mark.slow
def test_the_last_lines_are_written_when_the_process_ends(rules: Path) -> None:
    program = f"""
from newshole import Newshole
from tests.http.asgi import ask, page
newshole = Newshole(page(), rules={str(rules)!r}, log="json")
for _ in range(100):
    ask(newshole)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert [json.loads(line)["outcome"] for line in done.stdout.splitlines()] == ["composed"] * 100
    assert done.stderr == ""
