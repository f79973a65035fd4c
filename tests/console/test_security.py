"""What nobody gets at the console: any screen without a session, a role and a token, and any page but the
site's own."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import httpx
import pytest
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from newshole.console.desk import Desk
from newshole.console.headers import HEADERS
from newshole.console.screens import SCREENS
from newshole.console.visit import MOST_FORM, Screen, Visit, Way, get, post
from newshole.serving.settings import ROLES
from tests.console.entering import PASSWORD, Door, door, user
from tests.console.newsroom import TOKEN

REACHED: Counter[str] = Counter()


async def _reach(visit: Visit) -> Response:
    REACHED[visit.request.method] += 1
    return HTMLResponse("reached")


async def _read(visit: Visit) -> Response:
    return PlainTextResponse(str(len((await visit.form()).get("text", ""))))


async def _fail(_: Visit) -> Response:
    raise LookupError("a fault")


PROBE: Final = Screen(
    "probe",
    "Probe",
    "For tests.",
    (
        get("probe", _reach),
        get("probe/edit", _reach, "editor"),
        get("probe/fail", _fail),
        post("probe/read", _read, "viewer"),
        post("probe/save", _reach, "editor"),
        post("probe/publish", _reach, "publisher"),
    ),
)
WAYS: Final = [way for screen in (*SCREENS, PROBE) for way in screen.ways]
POSTS: Final = [way for way in WAYS if way.method == "POST"]
PEOPLE: Final[Mapping[str, str]] = dict(zip(ROLES, ("vi", "ed", "anna"), strict=True))

any_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.method} {way.path}")
any_post = pytest.mark.parametrize("way", POSTS, ids=lambda way: way.path)


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A console with somebody in each role, of whom nobody gets anywhere they may not."""
    people = [user(PEOPLE[role], ("*", role)) for role in ROLES]
    with door(tmp_path_factory.mktemp("console"), *people, screens=(*SCREENS, PROBE)) as found:
        yield found


@pytest.fixture(scope="module")
def signed_in(console: Door) -> Iterator[Mapping[str, httpx.Client]]:
    """A client for each role, which has the token in a header of its own."""
    clients: dict[str, httpx.Client] = {role: console.client() for role in ROLES}
    for role, client in clients.items():
        console.sign_in(client, PEOPLE[role])
        token = TOKEN.search(client.get("/_newshole/news/audit").text)
        assert token is not None
        client.params = httpx.QueryParams()
        client.headers["x-test-token"] = token[1]
    yield clients
    for client in clients.values():
        client.close()


@pytest.fixture(autouse=True)
def nothing_is_reached() -> Iterator[None]:
    REACHED.clear()
    yield
    assert not REACHED


def address(way: Way, site: str = "news") -> str:
    return f"/_newshole/{site}/" + "/".join(
        "x" if part.startswith("{") else part for part in way.path.split("/")
    )


@any_way
def test_no_way_is_open_without_a_session(console: Door, way: Way) -> None:
    with console.client() as client:
        for cookie in ("", "newshole-session=made-up", "newshole-session="):
            answer = client.request(way.method, address(way), headers={"cookie": cookie} if cookie else None)
            assert answer.status_code == (303 if way.method == "GET" else 401)
        script = client.request(way.method, address(way), headers={"hx-request": "true"})
        assert (script.status_code, script.headers["content-type"]) == (401, "text/plain; charset=utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
@any_way
def test_no_other_method_does_anything(signed_in: Mapping[str, httpx.Client], way: Way, method: str) -> None:
    assert signed_in["publisher"].request(method, address(way)).status_code == 405


@any_way
def test_no_way_is_open_to_a_lower_role(signed_in: Mapping[str, httpx.Client], way: Way) -> None:
    for role in ROLES[: ROLES.index(way.role)]:
        token = {"x-csrf-token": signed_in[role].headers["x-test-token"]}
        answer = signed_in[role].request(way.method, address(way), headers=token)
        assert answer.status_code == 403
        assert f"This needs the role of {way.role}; yours is {role}." in answer.text


@any_way
def test_no_way_leads_to_a_site_that_one_has_no_role_on(tmp_path: Path, way: Way) -> None:
    people = user("al", ("mag", "publisher"))
    with door(tmp_path, people, screens=(*SCREENS, PROBE)) as found, found.client() as client:
        found.sign_in(client, "al")
        assert client.request(way.method, address(way)).status_code == 404
        assert client.request(way.method, address(way, "nothing")).status_code == 404


@any_post
def test_nothing_is_changed_without_the_token_of_the_session(
    signed_in: Mapping[str, httpx.Client], way: Way
) -> None:
    client, of_another = signed_in[way.role], signed_in["viewer" if way.role != "viewer" else "editor"]
    foreign = of_another.headers["x-test-token"]
    forms: list[dict[str, str]] = [{}, {"x_csrf_token": ""}, {"x_csrf_token": "x"}, {"x_csrf_token": foreign}]
    for form in forms:
        answer = client.post(address(way), data=form)
        assert answer.status_code == 403
        assert "This form was not sent from the console" in answer.text
    for token in (b"", b"x", foreign.encode(), "ü".encode()):
        assert client.post(address(way), headers={b"x-csrf-token": token}).status_code == 403
    own = client.headers["x-test-token"]
    assert client.post(address(way), params={"x_csrf_token": own}).status_code == 403
    assert client.post(address(way), json={"x_csrf_token": own}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://127.0.0.1.evil.example"},
        {"origin": "http://["},
    ],
)
@any_post
def test_nothing_is_changed_from_elsewhere_even_with_the_token(
    signed_in: Mapping[str, httpx.Client], way: Way, headers: dict[str, str]
) -> None:
    client = signed_in[way.role]
    token = {"x-csrf-token": client.headers["x-test-token"]}
    assert client.post(address(way), headers=headers | token).status_code == 403


def test_with_all_of_them_it_is_done(console: Door, signed_in: Mapping[str, httpx.Client]) -> None:
    client = signed_in["publisher"]
    token = client.headers["x-test-token"]
    own = {"origin": console.address, "sec-fetch-site": "same-origin"}
    answers = [
        client.post("/_newshole/news/probe/publish", headers={**own, "x-csrf-token": token}),
        client.post("/_newshole/news/probe/publish", data={"x_csrf_token": token}, headers=own),
        client.get("/_newshole/news/probe/edit"),
    ]
    assert [each.text for each in answers] == ["reached"] * 3
    assert REACHED == {"POST": 2, "GET": 1}
    REACHED.clear()


def test_behind_a_proxy_forms_come_from_the_public_address(tmp_path: Path) -> None:
    public = "https://console.news.example"
    with door(tmp_path, user("anna"), public=public) as found, found.client() as client:
        found.sign_in(client)
        for origin, host, code in (
            (public, "console.news.example", 303),
            (public, "127.0.0.1", 303),
            ("https://news.example", "127.0.0.1", 403),
        ):
            headers = {"origin": origin, "host": host}
            form = {"name": "anna", "password": PASSWORD}
            assert client.post("/_newshole/sign-in", data=form, headers=headers).status_code == code


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("127.0.0.1:8002", 200),
        ("localhost", 200),
        ("LOCALHOST:1", 200),
        ("[::1]:8002", 200),
        ("192.0.2.7", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("evil.example:8002", 421),
        ("[::1", 421),
        ("", 421),
        ("user@evil.example", 421),
        ("2130706433.example", 421),
    ],
)
def test_the_console_answers_to_its_own_names_alone(console: Door, host: str, code: int) -> None:
    answer = httpx.get(f"{console.address}/_newshole/health", headers={"host": host})
    assert answer.status_code == code


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/_newshole/sign-in", 200),
        ("GET", "/_newshole/news/audit", 303),
        ("POST", "/_newshole/sign-in", 403),
        ("GET", "/_newshole/nothing", 404),
        ("GET", "/", 303),
        ("PUT", "/_newshole/sign-in", 405),
        ("OPTIONS", "/_newshole/", 405),
        ("TRACE", "/_newshole/", 405),
        ("GET", "/_newshole/static/console.css", 200),
        ("GET", "/_newshole/static/nothing.js", 404),
        ("GET", "/_newshole/health", 200),
    ],
)
def test_every_answer_is_sealed(console: Door, method: str, path: str, code: int) -> None:
    answer = httpx.request(method, console.address + path)
    assert answer.status_code == code
    is_sealed(answer)


def is_sealed(answer: httpx.Response) -> None:
    """Whether an answer has every header, and says nothing of what it is made with."""
    for name, value in HEADERS.items():
        if name != "cache-control":
            assert answer.headers[name] == value
    assert answer.headers["cache-control"] in ("no-store", "no-cache")
    assert "x-powered-by" not in answer.headers


def test_a_fault_and_a_foreign_name_are_sealed_and_tell_nothing(
    console: Door, signed_in: Mapping[str, httpx.Client], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL):
        answer = signed_in["viewer"].get("/_newshole/news/probe/fail")
    assert answer.status_code == 500
    assert "newshole itself failed" in answer.text
    assert "LookupError" not in answer.text
    is_sealed(answer)
    is_sealed(httpx.get(f"{console.address}/_newshole/health", headers={"host": "evil.example"}))


def test_a_form_may_be_large_but_not_any_size(signed_in: Mapping[str, httpx.Client]) -> None:
    client = signed_in["viewer"]
    token = client.headers["x-test-token"]
    path = "/_newshole/news/probe/read"
    fits = client.post(path, data={"x_csrf_token": token, "text": "a" * (MOST_FORM - 1000)})
    assert fits.text == str(MOST_FORM - 1000)
    for headers in ({}, {"x-csrf-token": token}):
        large = {"x_csrf_token": token, "text": "a" * MOST_FORM}
        answer = client.post(path, data=large, headers=headers)
        assert (answer.status_code, "The form is too large." in answer.text) == (413, True)


def test_a_sign_in_is_small(console: Door) -> None:
    with console.client() as client:
        assert console.sign_in(client, "anna", "x" * 20_000).status_code == 413
        body = b"name=\xff\xfe&password=x"
        headers = {"content-type": "application/x-www-form-urlencoded"}
        assert client.post("/_newshole/sign-in", content=body, headers=headers).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "../app.py",
        "..%2fapp.py",
        "%2e%2e/app.py",
        "%2e%2e%2f%2e%2e%2fpyproject.toml",
        "/etc/passwd",
        "..\\app.py",
    ],
)
def test_no_file_but_the_console_s_own_is_served(console: Door, path: str) -> None:
    answer = httpx.get(f"{console.address}/_newshole/static/{path}")
    assert answer.status_code in (404, 405)
    assert "import" not in answer.text


def test_a_desk_shows_no_secret(console: Door) -> None:
    desk: Desk = console.desk
    assert "argon2" not in repr(desk.settings)
