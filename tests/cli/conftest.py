"""What the tests of the command line share: a way to run it, a story with rules, and a web server."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final, TypeAlias

import pytest

from newshole.cli import run
from tests.store import servers

HERE: Final = Path(__file__).parent
STORY: Final = HERE / "story.html"
RULES: Final = HERE / "rules.yaml"
MEGABYTE: Final = 1024 * 1024
PROMPT: Final = 0.01
"""Seconds between two looks of a server at whether it is to end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left behind: its exit code, its standard output, and its standard error."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode("utf-8")


Newshole: TypeAlias = Callable[..., Outcome]


@pytest.fixture
def newshole(capsysbinary: pytest.CaptureFixture[bytes]) -> Iterator[Newshole]:
    """Runs a command line in this process, whose log it leaves as it was."""
    log = logging.getLogger("newshole")
    before = list(log.handlers)

    def outcome(*arguments: str | Path) -> Outcome:
        code = run([str(each) for each in arguments])
        written = capsysbinary.readouterr()
        return Outcome(code, written.out, written.err.decode("utf-8"))

    yield outcome
    log.handlers[:] = before


def refused(outcome: Outcome, message: str) -> None:
    """Nothing was done, and one line says why."""
    assert outcome == Outcome(2, b"", f"newshole: {message}\n")


class _Web(BaseHTTPRequestHandler):
    """Pages, and all that may come instead of one."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        getattr(self, f"answer_{self.path.strip('/').partition('/')[0]}", self.answer_nothing)()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has there
        """Tests are quiet."""

    def answer(self, body: bytes, content_type: str = "text/html; charset=utf-8", status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, to: str) -> None:
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer_nothing(self) -> None:
        self.answer(b"no such page", status=404)

    def answer_story(self) -> None:
        self.answer(STORY.read_bytes())

    def answer_strict(self) -> None:
        body = STORY.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", "default-src 'self'")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_cyrillic(self) -> None:
        story = STORY.read_text("utf-8").replace('<meta charset="utf-8">\n', "")
        story = story.replace("Old bridge", "Старый мост")
        self.answer(story.encode("windows-1251", "xmlcharrefreplace"), 'text/html; charset="windows-1251"')

    def answer_moved(self) -> None:
        self.redirect("/story")

    def answer_away(self) -> None:
        self.redirect("file:///etc/hostname")

    def answer_round(self) -> None:
        self.redirect("/round")

    def answer_json(self) -> None:
        self.answer(b"{}", "application/json")

    def answer_huge(self) -> None:
        self.answer(bytes(40 * MEGABYTE))

    def answer_cut(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"<p>That")
        self.close_connection = True

    def answer_slow(self) -> None:
        asked.set()
        time.sleep(2)
        self.answer(b"<p>At last")


asked: Final = threading.Event()
"""Set once somebody has asked for the slow page."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asks may go before the answer is whole."""


@pytest.fixture(scope="session")
def web() -> Iterator[str]:
    """The address of a server, without a slash at its end."""
    server = _Server(("127.0.0.1", 0), _Web)
    thread = threading.Thread(target=server.serve_forever, args=(PROMPT,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def free_port() -> int:
    """A port that nothing listens on, as far as one can know."""
    return servers.free_port()
