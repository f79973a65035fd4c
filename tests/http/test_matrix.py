"""Every kind of request meets every kind of response, through real uvicorn, read by h11 alone.

What is not ours leaves byte for byte and header for header as without newshole; what is composed is a valid
response of HTTP/1.1 that promises nothing that does not hold.
"""

from __future__ import annotations

import gzip
import itertools
import random
import re
import socket
import zlib
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from urllib.parse import parse_qs, urlencode

import h11
import pytest
from starlette.types import Receive, Scope, Send

from newshole import Newshole, Site
from newshole.http.freshness import lifetimes
from tests.http.asgi import STORY
from tests.http.servers import serving

Pairs = list[tuple[bytes, bytes]]

TAG: Final = b'"v1"'
DATE: Final = b"Mon, 30 Mar 2026 12:00:00 GMT"

METHODS: Final = ("GET", "HEAD", "POST")
STATUSES: Final = (200, 203, 204, 206, 301, 304, 404, 500)
TYPES: Final = (
    "text/html; charset=utf-8", "TEXT/HTML", "text/html; charset=utf-16", "application/xhtml+xml",
    "application/json", "text/event-stream", "",
)  # fmt: skip
CODINGS: Final = ("", "identity", "gzip", "unheard-of")
VALIDATORS: Final = ("", "tag", "date", "both")
CONTROLS: Final = (
    "", "public, max-age=60", "private, max-age=60, stale-while-revalidate=30", "no-store",
    "no-transform, max-age=60", "s-maxage=600, max-age=0",
)  # fmt: skip
FRAMINGS: Final = ("length", "chunked")
CONDITIONS: Final = {
    "": [],
    "own": [(b"If-None-Match", b'W/"nh-0123456789abcdef-s-v1"')],
    "origin": [(b"If-None-Match", TAG)],
    "star": [(b"If-None-Match", b"*")],
    "date": [(b"If-Modified-Since", DATE)],
    "match": [(b"If-Match", b'"v0"')],
    "range": [(b"Range", b"bytes=0-99")],
    "if-range": [(b"Range", b"bytes=0-99"), (b"If-Range", TAG)],
}
ASKERS: Final = {
    "browser": [(b"Accept", b"text/html"), (b"Sec-Fetch-Dest", b"document")],
    "script": [(b"Accept", b"*/*"), (b"Sec-Fetch-Dest", b"empty")],
    "htmx": [(b"Accept", b"text/html"), (b"HX-Request", b"true")],
    "anyone": [],
}


class Case(NamedTuple):
    """One request and what the site answers to it."""

    method: str
    status: int
    media_type: str
    coding: str
    validators: str
    control: str
    framing: str
    condition: str
    asker: str


AXES: Final = (
    METHODS, STATUSES, TYPES, CODINGS, VALIDATORS, CONTROLS, FRAMINGS, tuple(CONDITIONS), tuple(ASKERS),
)  # fmt: skip


async def origin(scope: Scope, receive: Receive, send: Send) -> None:
    """A site that answers as the query of the address says, whatever it is asked, and honours conditions."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    asked = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
    status, headers, content = answer(asked, dict(scope["headers"]))
    if scope["method"] == "HEAD" or status in (204, 304):
        content = b""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    half = len(content) // 2
    await send({"type": "http.response.body", "body": content[:half], "more_body": True})
    await send({"type": "http.response.body", "body": content[half:], "more_body": False})


def answer(asked: dict[str, str], request: dict[bytes, bytes]) -> tuple[int, Pairs, bytes]:
    status, coding = int(asked["status"]), asked.get("coding", "")
    content = gzip.compress(STORY, mtime=0) if coding == "gzip" else STORY
    headers = [
        (b"x-kept", b"1"),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
        (b"accept-ranges", b"bytes"),
    ]
    headers += [(name.encode(), asked[key].encode()) for name, key in NAMED.items() if asked.get(key)]
    has_tag, has_date = (asked.get("validators") in (each, "both") for each in ("tag", "date"))
    headers += [(b"etag", TAG)] * has_tag + [(b"last-modified", DATE)] * has_date
    if status == 200 and is_known(request, has_tag=has_tag, has_date=has_date):
        return 304, headers, b""
    if status == 206:
        content = content[:100]
        headers.append((b"content-range", b"bytes 0-99/%d" % len(STORY)))
    if asked["framing"] == "length" and status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(content)))
    return status, headers, content


NAMED: Final = {"content-type": "media_type", "content-encoding": "coding", "cache-control": "control"}


def is_known(request: dict[bytes, bytes], *, has_tag: bool, has_date: bool) -> bool:
    if b"if-none-match" in request:
        return has_tag and request[b"if-none-match"] in (TAG, b"*")
    return has_date and request.get(b"if-modified-since") == DATE


class Response(NamedTuple):
    """What a client read, by h11."""

    status: int
    headers: Pairs
    body: bytes

    def values(self, name: bytes) -> list[bytes]:
        return [value for each, value in self.headers if each == name]


class Connection:
    """A client's connection, kept open: a response that is framed wrongly spoils the next one."""

    def __init__(self, address: str) -> None:
        host, _, port = address.removeprefix("http://").partition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=20)
        self.http = h11.Connection(h11.CLIENT)

    def ask(self, case: Case, *extra: tuple[bytes, bytes]) -> Response:
        fields = {name: value for name, value in case._asdict().items() if name not in UNTOLD}
        target = f"/news/bridge?{urlencode(fields)}"
        more = [(b"Host", b"news.example"), *ASKERS[case.asker], *CONDITIONS[case.condition]]
        more += [*extra, *[(b"Content-Length", b"0")] * (case.method == "POST")]
        request = h11.Request(method=case.method, target=target, headers=more)
        sent = (self.http.send(request) or b"") + (self.http.send(h11.EndOfMessage()) or b"")
        self.socket.sendall(sent)
        response, body = None, b""
        for event in self.events():
            if isinstance(event, h11.Response):
                response = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
        assert response is not None
        self.http.start_next_cycle()
        headers = [(name, value) for name, value in response.headers if name not in (b"date", b"server")]
        return Response(response.status_code, headers, body)

    def events(self) -> Iterator[h11.Event]:
        while True:
            event = self.http.next_event()
            if event is h11.NEED_DATA:
                self.http.receive_data(self.socket.recv(65536))
            elif isinstance(event, h11.EndOfMessage):
                assert self.http.trailing_data[0] == b""
                return
            else:
                assert isinstance(event, h11.Event)
                yield event

    def close(self) -> None:
        self.socket.close()


UNTOLD: Final = ("method", "condition", "asker")


def is_ours(case: Case, bare: Response) -> bool:
    """Whether a page that came so may be composed, told by the contract alone."""
    return (
        case.method == "GET"
        and bare.status == 200
        and case.media_type in ("text/html; charset=utf-8", "TEXT/HTML")
        and case.coding in ("", "identity", "gzip")
        and "no-transform" not in case.control
        and case.asker in ("browser", "anyone")
    )


def is_left_with_vary(case: Case, bare: Response) -> bool:
    """Whether shared caches have to keep a response apart from the composed page."""
    is_shared = "public" in case.control or "s-maxage" in case.control
    return (
        is_shared
        and case.asker in ("script", "htmx")
        and is_ours(case._replace(asker="browser", method="GET"), bare)
    )


def check(case: Case, mounted: Connection, bare: Connection) -> str:
    """One case, asked of the site with and without newshole; what became of it."""
    expected = bare.ask(case)
    # What newshole takes from the request, for the page to come whole.
    whole = bare.ask(case._replace(condition="")) if case.method in ("GET", "HEAD") else expected
    got = mounted.ask(case)
    check_valid(case, got)
    # An old date is of no page that was composed by these rules, whoever asks.
    loses_condition = case.asker == "browser" or case.condition == "date"
    if is_ours(case, expected) or (is_ours(case, whole) and loses_condition):
        check_composed(got, whole)
        check_known(mounted, case, got)
        return "composed"
    if case.method == "HEAD" and is_ours(case._replace(method="GET"), whole):
        check_promised(got, whole)
        return "head"
    if is_left_with_vary(case, expected) and case.method in ("GET", "HEAD"):
        assert b"HX-Request" in listed(got, b"vary")
        got = got._replace(headers=[pair for pair in got.headers if pair[0] != b"vary"])
    if case.condition:
        assert got in (expected, whole)
        return "conditional"
    assert got == expected
    return "untouched"


def check_composed(got: Response, whole: Response) -> None:
    assert got.status == 200
    page = decoded(got)
    assert page.count(b"data-newshole=") == 1
    assert re.sub(rb"<style data-newshole-runtime>.*?</aside>", b"", page, flags=re.DOTALL) == decoded(whole)
    for name in (b"accept-ranges", b"content-range"):
        assert got.values(name) == []
    for name in (b"x-kept", b"set-cookie", b"content-type", b"content-encoding", b"cache-control"):
        assert got.values(name) == whole.values(name)
    tags = got.values(b"etag")
    assert len(tags) == len(whole.values(b"etag"))
    assert all(re.fullmatch(rb'W/"nh-[0-9a-f]{16}-s-v1"', tag) for tag in tags)


def decoded(response: Response) -> bytes:
    is_coded = response.values(b"content-encoding") == [b"gzip"]
    return gzip.decompress(response.body) if is_coded else response.body


def check_known(mounted: Connection, case: Case, got: Response) -> None:
    """Who has a composed page need not get it again."""
    for tag in got.values(b"etag"):
        again = mounted.ask(case._replace(condition=""), (b"If-None-Match", tag))
        assert (again.status, again.body, again.values(b"etag")) == (304, b"", [tag])
        assert again.values(b"cache-control") == got.values(b"cache-control")
        assert sorted(listed(again, b"vary")) == sorted(listed(got, b"vary"))


def listed(response: Response, name: bytes) -> list[bytes]:
    """What a header that is a list says, in any order."""
    return [each.strip() for value in response.values(name) for each in value.split(b",")]


def check_promised(got: Response, whole: Response) -> None:
    """An answer to HEAD, or the site's 304 to the same question."""
    assert got.status in (200, 304)
    if got.status == 200:
        assert {*got.values(b"etag"), *got.values(b"content-length"), *got.values(b"accept-ranges")} == set()
        assert got.values(b"cache-control") == whole.values(b"cache-control")


def check_valid(case: Case, got: Response) -> None:
    """What holds of every response, whoever made it."""
    lengths = got.values(b"content-length")
    assert len(lengths) + len(got.values(b"transfer-encoding")) <= 1
    if case.method == "HEAD" or got.status in (204, 304):
        assert got.body == b""
    elif lengths:
        assert lengths == [b"%d" % len(got.body)]
    for name in (
        b"etag",
        b"last-modified",
        b"content-type",
        b"content-encoding",
        b"expires",
        b"cache-control",
    ):
        assert len(got.values(name)) <= 1
    told = [each for value in got.values(b"cache-control") for each in lifetimes(value)]
    names = {each.name for each in told}
    assert len(names) == len(told)
    assert not {b"public", b"private"} <= names
    assert not ({b"private", b"no-store"} & names and b"s-maxage" in names)


def pairwise_cases() -> list[Case]:
    """Cases in which every two values of any two axes meet at least once."""
    wanted = {
        (a, x, b, y) for a, b in itertools.combinations(range(len(AXES)), 2) for x in AXES[a] for y in AXES[b]
    }
    chance, found = random.Random(7), list[Case]()  # noqa: S311 - which cases are tried is no secret
    while wanted:
        a, x, b, y = min(wanted, key=repr)
        tries = []
        for _ in range(12):
            values = [chance.choice(axis) for axis in AXES]
            values[a], values[b] = x, y
            tries.append(values)
        best = max(tries, key=lambda values: len(wanted & pairs_of(values)))
        wanted -= pairs_of(best)
        found.append(Case(*best))  # type: ignore[arg-type]
    return found


def pairs_of(values: Sequence[object]) -> set[tuple[int, object, int, object]]:
    return {(a, values[a], b, values[b]) for a, b in itertools.combinations(range(len(values)), 2)}


@pytest.fixture(scope="module")
def connections(site: Site) -> Iterator[tuple[Connection, Connection]]:
    with serving(Newshole(origin, site=site)) as mounted, serving(origin) as bare:
        pair = Connection(mounted), Connection(bare)
        yield pair
        for each in pair:
            each.close()


def check_all(cases: list[Case], connections: tuple[Connection, Connection]) -> set[str]:
    outcomes = set()
    for case in cases:
        try:
            outcomes.add(check(case, *connections))
        except AssertionError as error:
            raise AssertionError(f"{case}") from error
    return outcomes


def every_case(*axes: Sequence[object], one_in: int) -> list[Case]:
    """One in so many of all combinations; the others differ from them in what some of these have too."""
    cases = (Case(*values) for values in itertools.product(*axes))  # type: ignore[arg-type]
    return [case for case in cases if zlib.crc32(repr(case).encode()) % one_in == 0]


def test_every_pair_of_conditions_is_answered_right(connections: tuple[Connection, Connection]) -> None:
    cases = pairwise_cases()
    assert len(cases) > 60
    assert check_all(cases, connections) >= {"conditional", "untouched"}


def test_pages_are_composed_whatever_else_is_said_of_them(connections: tuple[Connection, Connection]) -> None:
    axes = [("GET", "HEAD"), (200,), TYPES[:2], CODINGS[:3], *AXES[4:]]
    cases = every_case(*axes, one_in=35)
    assert len(cases) > 300
    assert check_all(cases, connections) == {"composed", "conditional", "head", "untouched"}


@pytest.mark.parametrize("media_type", TYPES)
@pytest.mark.slow
def test_every_combination_is_answered_right(
    connections: tuple[Connection, Connection], media_type: str
) -> None:
    axes = [(media_type,) if axis is TYPES else axis for axis in AXES]
    check_all(every_case(*axes, one_in=60), connections)
