"""Servers and load on this machine: processes on free ports of 127.0.0.1, each kept to one core."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from benchmarks.apps import ARTICLE, PAGE_FILE
from benchmarks.articles import URL
from newshole.types import Insertion

ROOT: Final = Path(__file__).resolve().parents[1]
CONNECTIONS: Final = 16

HEADERS: Final = {
    "Host": urlsplit(URL).netloc,
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-GB,en;q=0.7,de;q=0.3",
    "Accept-Encoding": "identity",
    "Cookie": "consent=necessary; visits=12",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "same-origin",
}
"""What a browser sends, but that it takes no compressed page. The host is the page's own: on another one
newshole would name the source of a story that seems to be taken over."""

_START_SECONDS: Final = 20.0
_RATE = re.compile(r"^Requests/sec:\s+([\d.]+)", re.MULTILINE)
_FAILED = re.compile(r"^\s*(?:Socket errors|Non-2xx or 3xx responses):.*", re.MULTILINE)

# One process in the foreground, all of whose files are in our folder.
_NGINX: Final = """
daemon off; master_process off; worker_processes 1; pid {folder}/{port}.pid; error_log stderr error;
events {{ worker_connections 256; }}
http {{
    access_log off; gzip off; keepalive_requests 1000000000; default_type text/html; charset utf-8;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {upstream}
    server {{
        listen 127.0.0.1:{port};
        location = {path} {{
            {answer}
        }}
    }}
}}
"""

# Connections are kept, and a page fits into memory: else nginx opens one, or a file, for each request.
_UPSTREAM: Final = "upstream origin {{ server 127.0.0.1:{origin}; keepalive 32; }}"
_PASSED_ON: Final = """
proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
proxy_buffers 32 8k;
"""
_LONGEST: Final = 3_000
"""Characters of the longest text that is written into nginx's configuration in one piece."""

_SHARED: Final = 'add_header Cache-Control "public, s-maxage=86400";'


@dataclass(frozen=True, slots=True)
class Server:
    """A process that answers on a port of 127.0.0.1."""

    port: int
    pid: int


@dataclass(frozen=True, slots=True)
class Load:
    """Requests a second, and the share of its core that the server had meanwhile."""

    rate: float
    busy: float

    @property
    def microseconds(self) -> float:
        """The processor's time for one request."""
        return 1e6 * self.busy / self.rate


def cores() -> tuple[int, int]:
    """The core for servers and the core for load; the same one where there is only one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[min(1, len(allowed) - 1)]


def python_server(name: str, folder: Path, port: int) -> list[str]:
    """The command that serves one of `benchmarks.apps`."""
    return [sys.executable, "-m", "benchmarks.apps", name, str(folder), str(port)]


def proxy_server(name: str, origin: int, port: int) -> list[str]:
    """The command that serves one of `benchmarks.proxies`, in front of the server on the port `origin`."""
    return [sys.executable, "-m", "benchmarks.proxies", name, f"http://127.0.0.1:{origin}", str(port)]


def nginx_origin(folder: Path, port: int) -> list[str]:
    """The command for nginx as a site, whose page shared caches may keep."""
    return _nginx_server(folder, port, f"{_page_in(folder)} {_SHARED}")


def nginx_filter(
    folder: Path, port: int, page: bytes, insertions: Iterable[Insertion], *, once: bool
) -> list[str]:
    """The command for nginx with the page and its blocks; where `once` does not hold, see `_replacements`."""
    return _nginx_server(folder, port, f"{_page_in(folder)} {_replacements(page, insertions, once=once)}")


def nginx_proxy(
    folder: Path, port: int, page: bytes, insertions: Iterable[Insertion], *, origin: int
) -> list[str]:
    """The command for nginx in front of another server, the blocks put in as without `once`."""
    answer = f"{_PASSED_ON} {_replacements(page, insertions, once=False)}"
    return _nginx_server(folder, port, answer, _UPSTREAM.format(origin=origin))


def _nginx_server(folder: Path, port: int, answer: str, upstream: str = "") -> list[str]:
    written = _NGINX.format(folder=folder, port=port, path=ARTICLE, answer=answer, upstream=upstream)
    config = folder / f"nginx-{port}.conf"
    config.write_text(written, "utf-8")
    return [_nginx() or "nginx", "-e", "stderr", "-c", str(config)]


def _page_in(folder: Path) -> str:
    return f"alias {folder}/{PAGE_FILE};"


def _replacements(page: bytes, insertions: Iterable[Insertion], *, once: bool) -> str:
    """One replacement for each block, of the tag that it stands in front of.

    Where `once` does not hold, nginx looks on for a string that it has replaced, as it must where a slot's
    mark may be on the page more than once.
    """
    return "\n".join(
        ["" if once else "sub_filter_once off;", *(_replacement(page, each) for each in insertions)]
    )


def lacking() -> tuple[str, ...]:
    """The programs that are not there, of those that are not Python's."""
    found = {"nginx": _nginx(), "wrk": shutil.which("wrk")}
    return tuple(name for name, path in found.items() if path is None)


@contextlib.contextmanager
def running(
    command: Sequence[str], port: int, *, core: int | None = None, quiet: bool = False
) -> Iterator[Server]:
    """A server on a core, the first one if none is named, from when it takes connections to the end of the
    block. What a `quiet` one says on its standard output is thrown away."""
    with _on(cores()[0] if core is None else core):
        said = subprocess.DEVNULL if quiet else None
        process = subprocess.Popen(command, cwd=ROOT, stdout=said)  # noqa: S603 - our own commands
    try:
        _wait_for(process, port)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def fetch(server: Server, path: str) -> bytes:
    """The body of one answer, which has to be a good one."""
    return answer(server, path)[1]


def answer(server: Server, path: str) -> tuple[Message, bytes]:
    """The headers and the body of one answer, which has to be a good one."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=HEADERS)
        response = connection.getresponse()
        body = response.read()
    assert response.status == 200, f"{path} on port {server.port} answers {response.status}"
    return response.headers, body


def load(server: Server, path: str, seconds: int, *, script: Path | None = None) -> Load:
    """What a server answers to `CONNECTIONS` connections, asked by wrk on the second core; a `script` in Lua
    may make the requests."""
    headers = [word for name, value in HEADERS.items() for word in ("-H", f"{name}: {value}")]
    url = f"http://127.0.0.1:{server.port}{path}"
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s", *headers, url]
    command[1:1] = [] if script is None else ["-s", str(script)]
    before, started = processor_seconds(server.pid), time.monotonic()
    with _on(cores()[1]):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own command
    told, _ = process.communicate()
    busy = (processor_seconds(server.pid) - before) / (time.monotonic() - started)
    rate = _RATE.search(told)
    assert rate is not None, told
    assert _FAILED.search(told) is None, told
    return Load(float(rate[1]), busy)


@contextlib.contextmanager
def _on(core: int) -> Iterator[None]:
    """Processes started inside inherit the core: set from outside later, it would miss their threads."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def processor_seconds(pid: int) -> float:
    """What a process has had of its processor, in its own code and in the system's (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} did not start")


def _replacement(page: bytes, insertion: Insertion) -> str:
    found = page[insertion.offset : page.index(b">", insertion.offset) + 1]
    assert page.count(found) == 1, found
    # nginx knows no escape for its variables' sign.
    assert b"$" not in insertion.html, insertion
    block, tag = insertion.html.decode(), _quoted(found)
    if len(block) <= _LONGEST:
        return f"sub_filter '{tag}' '{_quoted(insertion.html)}{tag}';"
    # nginx takes no parameter of 4 KB, as the first block with its style may be.
    parts = [block[start : start + _LONGEST] for start in range(0, len(block), _LONGEST)]
    names = [f"$at_{insertion.offset}_{number}" for number in range(len(parts))]
    kept = "\n".join(
        f"set {name} '{_quoted(part.encode())}';" for name, part in zip(names, parts, strict=True)
    )
    return f"{kept}\nsub_filter '{tag}' '{''.join(names)}{tag}';"


def _quoted(text: bytes) -> str:
    """Text as it stands between nginx's quotes."""
    return text.decode().replace("\\", "\\\\").replace("'", "\\'")


def _nginx() -> str | None:
    # Debian puts it where only root's PATH leads.
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
