"""What passes through a real server, a real client and a real origin."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from newshole import Newshole, Site
from newshole.http.proxy import Proxy, Upstream
from tests.http.asgi import PATH, STORY, asked, asks
from tests.http.proxy.origins import OK, dial, exchange, get, origin, port, proxied, repeats, says
from tests.http.servers import Parser, serving


async def mirror(request: Request) -> Response:
    """What came, as the origin sees it."""
    body = await request.body()
    raw = [(name.decode(), value.decode("latin-1")) for name, value in request.headers.raw]
    target = request.scope["raw_path"].decode() + "?" + request.scope["query_string"].decode()
    return JSONResponse({"method": request.method, "target": target, "headers": raw, "body": body.decode()})


async def story(_request: Request) -> Response:
    return Response(STORY, media_type="text/html")


async def cookies(request: Request) -> Response:
    answer = Response(request.headers.get("cookie", "none"))
    answer.headers.append("set-cookie", "session=of-" + request.query_params["who"])
    answer.headers.append("set-cookie", "second=2; Path=/; HttpOnly")
    return answer


async def parts(_request: Request) -> Response:
    async def three() -> AsyncIterator[bytes]:
        for number in b"123":
            yield bytes([number]) * 1000

    return StreamingResponse(three(), media_type="text/plain")


APP = Starlette(
    routes=[
        Route(PATH, story),
        Route("/cookies", cookies),
        Route("/parts", parts),
        Route("/{rest:path}", mirror, methods=["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]),
    ]
)


def seen(answer: httpx.Response) -> dict[str, str]:
    return dict(answer.json()["headers"])


def test_a_page_is_composed_behind_newshole(site: Site, http: Parser) -> None:
    with serving(APP) as behind, serving(Newshole(Proxy(behind), site=site), http=http) as address:
        answer = httpx.get(f"http://localhost:{port(address)}{PATH}")
        url = f"http://localhost:{port(address)}{PATH}"
        assert answer.content == site.compose(STORY, url=url, content_type="text/html; charset=utf-8").html
        assert b"data-newshole" in answer.content


@pytest.mark.parametrize(
    "target",
    [
        "/a%2Fb/%7Euser/%e4%b8%ad//c;p=1?q=%20+&q=%2f&empty=&x",
        "/.//../a/./b/..?..//",
        "//double?a=http://other/",
        "/'\"<>\\^`{|}?'\"<>\\^`{|}[]",
        "/%",
        "/?%zz=%",
    ],
)
def test_path_and_query_go_verbatim(target: str) -> None:
    # httptools itself refuses some of these, h11 none.
    with origin(repeats(OK)) as behind, proxied(behind.address, http="h11") as (address, _):
        assert get(address, target).endswith(b"ok")
        assert behind.heads[0].split(b" ")[1] == target.encode()


def test_the_client_adds_no_header_of_its_own(http: Parser) -> None:
    with origin(repeats(OK)) as behind, proxied(behind.address, http=http) as (address, _):
        get(address, "/", "X-Own: 1")
        names = [line.partition(b":")[0].lower() for line in behind.heads[0].split(b"\r\n")[1:]]
        assert sorted(names) == [
            b"forwarded", b"host", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto",
            b"x-own", b"x-real-ip", b"x-request-id",
        ]  # fmt: skip


def test_the_site_is_sent_the_public_host_or_its_own(http: Parser) -> None:
    with serving(APP) as behind:
        with proxied(behind, http=http) as (address, _):
            answer = httpx.get(address, headers={"Host": "news.localtest:8443"})
            assert seen(answer)["host"] == "news.localtest:8443"
        with proxied(Upstream(behind, own_host=True), http=http) as (address, _):
            answer = httpx.get(address, headers={"Host": "news.localtest:8443"})
            assert seen(answer)["host"] == f"127.0.0.1:{port(behind)}"
            assert seen(answer)["x-forwarded-host"] == "news.localtest:8443"


def test_requests_are_signed_and_told_whom_they_came_from(http: Parser) -> None:
    with serving(APP) as behind, proxied(behind, http=http) as (address, _):
        spoofed = {"X-Forwarded-For": "1.1.1.1", "X-Forwarded-Proto": "https", "Forwarded": "for=1.1.1.1"}
        headers = seen(httpx.get(address, headers={**spoofed, "Host": "news.localtest", "Via": "1.0 edge"}))
        assert headers["via"] == "1.0 edge, 1.1 newshole"
        assert headers["x-forwarded-for"] == headers["x-real-ip"] == "127.0.0.1"
        assert headers["x-forwarded-proto"] == "http"
        assert headers["forwarded"] == 'for=127.0.0.1;host="news.localtest";proto=http'
        assert len(headers["x-request-id"]) == 32


def test_a_listed_peer_is_believed(http: Parser) -> None:
    told = {
        "X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "public.example",
        "X-Request-Id": "edge-42",
    }  # fmt: skip
    with serving(APP) as behind, proxied(behind, http=http, trusted=["127.0.0.0/8"]) as (address, _):
        headers = seen(httpx.get(address, headers=told))
        assert headers["x-forwarded-for"] == "198.51.100.7, 127.0.0.1"
        assert headers["x-forwarded-proto"] == "https"
        assert headers["x-forwarded-host"] == "public.example"
        assert headers["x-request-id"] == "edge-42"


def test_several_cookies_stay_apart_and_none_is_kept_for_the_next_visitor(http: Parser) -> None:
    with serving(APP) as behind, proxied(behind, http=http) as (address, _):
        first = httpx.get(f"{address}/cookies?who=ann", headers={"Cookie": "a=1; b=2"})
        assert first.text == "a=1; b=2"
        assert first.headers.get_list("set-cookie") == ["session=of-ann", "second=2; Path=/; HttpOnly"]
        second = httpx.get(f"{address}/cookies?who=bob")
        assert second.text == "none"
        assert second.headers.get_list("set-cookie")[0] == "session=of-bob"


def test_values_keep_their_bytes_and_headers_their_order(http: Parser) -> None:
    answer = (
        b"HTTP/1.1 200 OK\r\nX-B: caf\xe9\r\nX-A: \xc3\xa9\xff\r\nX-b: 2\r\nSet-Cookie: a=\xe9\r\n"
        b"Content-Length: 0\r\n\r\n"
    )
    with origin(says(answer)) as behind, proxied(behind.address, http=http) as (address, _):
        lines = get(address).lower().split(b"\r\n")
        own = [line for line in lines if line.startswith((b"x-", b"set-cookie"))]
        assert own == [b"x-b: caf\xe9", b"x-a: \xc3\xa9\xff", b"x-b: 2", b"set-cookie: a=\xe9"]


def test_headers_of_one_hop_end_there_both_ways(http: Parser) -> None:
    answer = (
        b"HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n"
        b"Upgrade: h2c\r\nProxy-Authenticate: Basic\r\nTrailer: X-T\r\nX-End: 1\r\nContent-Length: 0\r\n\r\n"
    )
    with origin(says(answer)) as behind, proxied(behind.address, http=http) as (address, _):
        got = get(
            address, "/", "Connection: X-Mine, Cookie, Host", "X-Mine: 1", "Cookie: a=1", "TE: trailers",
            "Proxy-Authorization: Basic eA==", "Keep-Alive: 1", "X-Far: 1",
        ).lower()  # fmt: skip
        assert b"x-end: 1" in got
        assert b"via: 1.1 newshole" in got
        for gone in (b"x-hop", b"keep-alive", b"upgrade", b"proxy-auth", b"trailer"):
            assert gone not in got
        asked = behind.heads[0].lower()
        assert b"x-far: 1" in asked
        assert b"cookie: a=1" in asked
        for gone in (b"x-mine", b"\nte:", b"keep-alive", b"proxy-auth", b"connection"):
            assert gone not in asked


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_body_keeps_its_length_or_comes_in_chunks(http: Parser, method: str) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"one, "
        yield b"two"

    async def send(address: str) -> httpx.Response:
        async with httpx.AsyncClient() as client:
            return await client.request(method, address, content=chunks())

    with serving(APP) as behind, proxied(behind, http=http) as (address, _):
        whole = httpx.request(method, address, content=b"whole").json()
        assert (whole["method"], whole["body"]) == (method, "whole")
        assert dict(whole["headers"])["content-length"] == "5"
        cut = asyncio.run(send(address)).json()
        assert cut["body"] == "one, two"
        assert "content-length" not in dict(cut["headers"])


def test_a_coded_body_is_not_decoded(http: Parser) -> None:
    coded = b"\x1f\x8b not even gzip"
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(coded) + coded
    with origin(says(answer)) as behind, proxied(behind.address, http=http) as (address, _):
        assert get(address).endswith(b"\r\n\r\n" + coded)


@pytest.mark.parametrize(
    ("method", "head"),
    [
        ("HEAD", b"200 OK\r\nContent-Length: 1000"),
        ("HEAD", b"200 OK\r\nTransfer-Encoding: chunked"),
        ("GET", b"204 No Content"),
        ("GET", b'304 Not Modified\r\nETag: "a"\r\nContent-Length: 1000'),
    ],
)
def test_answers_without_a_body_end_at_once_and_the_connection_serves_on(
    http: Parser, method: str, head: bytes
) -> None:
    with (
        origin(repeats(b"HTTP/1.1 " + head + b"\r\n\r\n")) as behind,
        proxied(behind.address, http=http) as (address, _),
        httpx.Client() as client,
    ):
        for _ in range(3):
            answer = client.request(method, address)
            assert answer.status_code == int(head[:3])
            assert answer.content == b""
        assert len(behind.connections) == 1
        assert answer.headers.get("content-length") == (
            "1000" if b"1000" in head and method == "HEAD" else None
        )


def test_early_hints_and_trailers_are_left_out(http: Parser) -> None:
    answer = (
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
        b"3\r\none\r\n0\r\nX-Sum: 1\r\nSet-Cookie: late=1\r\n\r\n"
    )
    with origin(repeats(answer)) as behind, proxied(behind.address, http=http) as (address, _):
        for _ in range(2):
            got = get(address)
            assert got.startswith(b"HTTP/1.1 200")
            assert b"one" in got
            assert b"X-Sum".lower() not in got.lower()
            assert b"set-cookie" not in got.lower()
        assert len(behind.connections) == 1


@pytest.mark.parametrize("to", ["http://127.0.0.1:{port}/next?a=1", "//127.0.0.1:{port}/next?a=1"])
def test_redirects_to_the_upstream_itself_lead_to_the_public_host(http: Parser, to: str) -> None:
    async def redirect(request: Request) -> Response:
        location = to.format(port=request.scope["server"][1])
        return Response(status_code=302, headers={"location": location, "content-location": location})

    with (
        serving(Starlette(routes=[Route("/", redirect)])) as behind,
        proxied(behind, http=http) as (address, _),
    ):
        answer = httpx.get(f"http://localhost:{port(address)}/")
        public = to.partition("//")[0] + f"//localhost:{port(address)}/next?a=1"
        assert answer.status_code == 302
        assert answer.headers["location"] == answer.headers["content-location"] == public


def test_a_stream_comes_through_whole(http: Parser) -> None:
    with serving(APP) as behind, proxied(behind, http=http) as (address, _):
        assert httpx.get(f"{address}/parts").text == "1" * 1000 + "2" * 1000 + "3" * 1000


def test_hosts_have_upstreams_of_their_own(http: Parser) -> None:
    with (
        origin(repeats(OK)) as first,
        origin(repeats(OK.replace(b"ok", b"no"))) as other,
        proxied({"One.localtest": first.address, "*": other.address}, http=http) as (address, _),
    ):
        assert get(address, host="one.LOCALTEST:99").endswith(b"ok")
        assert get(address, host="one.localtest.:99").endswith(b"ok")
        assert get(address, host="two.localtest").endswith(b"no")
    with origin(repeats(OK)) as first, proxied({"one.localtest": first.address}) as (address, proxy):
        assert get(address, host="two.localtest").startswith(b"HTTP/1.1 421")
        assert proxy.counts == {"no-upstream": 1}


def test_hosts_of_one_upstream_share_its_connections(http: Parser) -> None:
    with origin(repeats(OK)) as behind:
        upstreams = {"one.localtest": behind.address, "two.localtest": Upstream(behind.address)}
        with proxied(upstreams, http=http) as (address, _):
            assert get(address, host="one.localtest").endswith(b"ok")
            assert get(address, host="two.localtest").endswith(b"ok")
        assert len(behind.connections) == 1


def test_a_connection_is_used_again_and_ends_where_the_upstream_says_so(http: Parser) -> None:
    with origin(repeats(OK)) as behind, proxied(behind.address, http=http) as (address, _):
        for _ in range(5):
            get(address)
        assert len(behind.connections) == 1
    closing = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with origin(repeats(closing)) as behind, proxied(behind.address, http=http) as (address, _):
        with httpx.Client() as client:
            for _ in range(2):
                answer = client.get(address)
                assert (answer.text, answer.headers.get("connection")) == ("ok", None)
        assert len(behind.connections) == 2


def test_a_pipelined_client_has_its_answers_in_order(http: Parser) -> None:
    with serving(APP) as behind, proxied(behind, http=http) as (address, _):
        asked = b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number for number in range(3))
        last = b"GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        answer = exchange(address, asked + last)
        assert re.findall(rb'"target":"(/\d)\?"', answer) == [b"/0", b"/1", b"/2", b"/3"]


def test_expect_is_answered_here(http: Parser) -> None:
    with serving(APP) as behind, proxied(behind, http=http) as (address, _), dial(address) as client:
        client.sendall(
            b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
            b"Connection: close\r\n\r\n"
        )
        assert client.recv(100).startswith(b"HTTP/1.1 100 ")
        client.sendall(b"hi")
        answer = b"".join(iter(lambda: client.recv(65536), b""))
        assert b'"body":"hi"' in answer
        assert b"expect" not in answer


def test_a_caller_who_never_waits_for_the_client_to_leave_is_answered() -> None:
    async def run(address: str) -> bytes:
        proxy = Proxy(address)
        try:
            return (await asks(proxy, asked("/", client=None))).body
        finally:
            await proxy.close()

    with origin(repeats(OK)) as behind:
        assert asyncio.run(run(behind.address)) == b"ok"


def test_a_lifespan_closes_the_connections(http: Parser) -> None:
    with origin(repeats(OK)) as behind:
        with proxied(behind.address, http=http) as (address, _):
            get(address)
            assert not behind.connections[0].ended.is_set()
        assert behind.connections[0].ended.wait(10)
