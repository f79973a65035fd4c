"""Signing in and out: sessions, limits, identity by a proxy, and where one is sent after it."""

from __future__ import annotations

import logging
import re
from html import unescape
from pathlib import Path

import httpx
import pytest

from newshole.console.access.keys import OnceKey
from newshole.console.access.sessions import IDLE, LONGEST
from newshole.console.refusals import SILENT
from newshole.console.screens import SCREENS
from newshole.serving.settings import Identity, Role
from tests.console.entering import HASH, OTHER_HASH, PASSWORD, Door, acts, door, user, who
from tests.console.newsroom import TOKEN

SCREEN = "/_newshole/news/audit"
PROXY = Identity(
    "x-user",
    ("127.0.0.1/32",),
    (("*", (("news", "viewer"),)), ("ed@news.example", (("news", "editor"), ("mag", "publisher")))),
)


def is_in(client: httpx.Client, path: str = SCREEN) -> bool:
    return client.get(path).status_code == 200


def test_a_session_s_cookie_is_for_no_script_and_no_other_site(open_door: Door) -> None:
    with open_door.client() as client:
        answer = open_door.sign_in(client)
        assert answer.status_code == 303
        (cookie,) = answer.headers.get_list("set-cookie")
        name, *attributes = cookie.lower().split("; ")
        assert name.startswith("newshole-session=")
        assert set(attributes) == {"httponly", "samesite=strict", "path=/_newshole"}


def test_behind_https_the_cookie_is_bound_to_the_host_and_to_https(tmp_path: Path) -> None:
    public = "https://console.news.example"
    with door(tmp_path, user("anna"), public=public) as found, found.client() as client:
        answer = found.sign_in(client, headers={"host": "console.news.example"})
        (cookie,) = answer.headers.get_list("set-cookie")
        name, *attributes = cookie.lower().split("; ")
        assert name.startswith("__host-newshole-session=")
        assert set(attributes) == {"httponly", "samesite=strict", "path=/", "secure"}
        plain = {"cookie": f"newshole-session={name.partition('=')[2]}"}
        assert client.get(SCREEN, headers=plain).status_code == 303


@pytest.mark.parametrize(
    ("name", "password"),
    [("anna", "wrong"), ("anna", ""), ("", PASSWORD), ("nobody", PASSWORD), ("anna\0", PASSWORD), ("", "")],
)
def test_a_wrong_name_or_password_is_told_alike(open_door: Door, name: str, password: str) -> None:
    with open_door.client() as client:
        answer = open_door.sign_in(client, name, password)
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
        assert "This name and password do not go together." in answer.text
        assert not is_in(client)


def test_who_has_no_password_signs_in_with_none(tmp_path: Path) -> None:
    with door(tmp_path, user("anna"), user("demo", password="")) as found, found.client() as client:
        assert found.sign_in(client, "demo", "").status_code == 403


def test_signing_out_ends_the_session_everywhere_at_once(open_door: Door, tmp_path: Path) -> None:
    with open_door.client() as client:
        open_door.sign_in(client)
        taken = dict(client.cookies)
        token = client.get(SCREEN).text.partition('name="x_csrf_token" value="')[2].partition('"')[0]
        assert client.post("/_newshole/sign-out").status_code == 403
        assert is_in(client)
        answer = client.post("/_newshole/sign-out", data={"x_csrf_token": token})
        assert answer.headers["location"] == "/_newshole/sign-in"
        assert not is_in(client)
    with open_door.client(cookies=taken) as thief:
        assert not is_in(thief)
    assert [act.what for act in acts(tmp_path)] == ["sign-in", "sign-out"]


def test_a_session_ends_after_a_day_s_work_however_busy(open_door: Door) -> None:
    with open_door.client() as client:
        open_door.sign_in(client)
        for _ in range(int(LONGEST / IDLE * 2) - 1):
            open_door.clock.now += IDLE / 2
            assert is_in(client)
        open_door.clock.now += IDLE / 2
        assert not is_in(client)


def test_a_session_ends_when_nothing_is_asked_for_long(open_door: Door) -> None:
    with open_door.client() as client:
        open_door.sign_in(client)
        open_door.clock.now += IDLE + 1
        assert not is_in(client)
        open_door.clock.now -= IDLE
        assert not is_in(client)


def test_a_restart_signs_nobody_out_but_those_whose_password_is_another_one(tmp_path: Path) -> None:
    with (
        door(tmp_path, user("anna"), user("vi")) as before,
        before.client() as anna,
        before.client() as vi,
    ):
        before.sign_in(anna)
        before.sign_in(vi, "vi")
        cookies = dict(anna.cookies), dict(vi.cookies)
    with door(tmp_path, user("anna"), user("vi", password=OTHER_HASH)) as after:
        with after.client(cookies=cookies[0]) as client:
            assert is_in(client)
        with after.client(cookies=cookies[1]) as client:
            assert not is_in(client)


def test_who_is_taken_out_of_the_settings_has_no_role_any_more(tmp_path: Path) -> None:
    with door(tmp_path, user("anna"), user("vi")) as before, before.client() as vi:
        before.sign_in(vi, "vi")
        cookies = dict(vi.cookies)
    with door(tmp_path, user("anna")) as after, after.client(cookies=cookies) as client:
        assert not is_in(client)


def test_a_form_that_was_opened_before_a_session_ended_is_good_after_the_next_sign_in(
    tmp_path: Path,
) -> None:
    tokens = []
    for _ in range(2):  # the second time by another console
        with door(tmp_path, user("anna")) as found, found.client() as client:
            for _ in range(2):
                found.sign_in(client)
                tokens += TOKEN.findall(client.get(SCREEN).text)
    assert len(tokens) == 4
    assert len(set(tokens)) == 1


def test_what_is_kept_of_a_session_lets_nobody_in(open_door: Door, tmp_path: Path) -> None:
    with open_door.client() as client:
        open_door.sign_in(client)
        (identifier,) = client.cookies.values()
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("archive*"))
    assert b"console:session:" in kept
    assert identifier.encode() not in kept


def test_a_new_sign_in_has_a_session_of_its_own(open_door: Door) -> None:
    with open_door.client() as client:
        open_door.sign_in(client)
        first = dict(client.cookies)
        open_door.sign_in(client)
        assert dict(client.cookies) != first
    with open_door.client(cookies=first) as fixed:
        assert not is_in(fixed)


def test_sign_ins_and_failures_are_in_the_audit_of_the_sites_of_those_concerned(
    open_door: Door, tmp_path: Path
) -> None:
    with open_door.client() as client:
        open_door.sign_in(client, "vi", "wrong")
        open_door.sign_in(client, "nobody", "wrong")
        open_door.sign_in(client, "vi")
        open_door.sign_in(client, "anna")
    told = [(act.by, act.what, act.role, act.peer) for act in acts(tmp_path)]
    assert told == [
        ("vi", "sign-in failed", "viewer", "127.0.0.1"),
        ("vi", "sign-in", "viewer", "127.0.0.1"),
        ("anna", "sign-in", "publisher", "127.0.0.1"),
    ]
    assert [act.by for act in acts(tmp_path, "mag")] == ["anna"]


@pytest.mark.parametrize(
    ("back", "sent"),
    [
        ("/_newshole/news/audit?of=anna", "/_newshole/news/audit?of=anna"),
        ("", "/_newshole/"),
        ("//evil.example/", "/_newshole/"),
        ("/\\evil.example/", "/_newshole/"),
        ("\\\\evil.example", "/_newshole/"),
        ("https://evil.example/_newshole/", "/_newshole/"),
        ("https:/evil.example", "/_newshole/"),
        ("javascript:alert(1)", "/_newshole/"),
        ("/_newshole/\r\nset-cookie: a=b", "/_newshole/"),
        ("/_newshole/\\..\\..//evil.example", "/_newshole/"),
        ("/_newshole", "/_newshole/"),
        ("/_newsholevil/", "/_newshole/"),
        ("/world/story", "/_newshole/"),
        (" //evil.example", "/_newshole/"),
        ("/\t/evil.example", "/_newshole/"),
    ],
)
def test_nobody_is_sent_out_of_the_console(open_door: Door, back: str, sent: str) -> None:
    with open_door.client() as client:
        answer = open_door.sign_in(client, back=back)
        assert answer.headers["location"] == sent
        assert "evil" not in client.get("/_newshole/sign-in", params={"back": back}).headers["location"]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://127.0.0.1:1"},
    ],
)
def test_nobody_is_signed_in_by_a_form_elsewhere(open_door: Door, headers: dict[str, str]) -> None:
    with open_door.client() as client:
        answer = open_door.sign_in(client, headers=headers)
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_whom_a_listed_proxy_names_is_in(tmp_path: Path) -> None:
    with door(tmp_path, identity=PROXY) as found, found.client() as client:
        shown = client.get(SCREEN, headers={"X-User": "ed@news.example"}).text
        assert who(shown) == ("ed@news.example", "editor")
        assert who(client.get(SCREEN, headers={"X-User": "vi"}).text) == ("vi", "viewer")
        assert client.get("/_newshole/mag/audit", headers={"X-User": "vi"}).status_code == 404
        assert not is_in(client)
        assert "You are not signed in at the proxy" in client.get("/_newshole/sign-in").text
    told = [(act.by, act.what, act.why, act.role) for act in acts(tmp_path)]
    assert told == [
        ("ed@news.example", "sign-in", "proxy", "editor"),
        ("vi", "sign-in", "proxy", "viewer"),
    ]


def test_whom_another_peer_names_is_not_believed_and_that_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    identity = Identity("x-user", ("192.0.2.1/32",), PROXY.roles)
    with (
        door(tmp_path, identity=identity, trusted=["127.0.0.1"]) as found,
        found.client(headers={"X-User": "ed@news.example", "X-Forwarded-For": "192.0.2.1"}) as client,
        caplog.at_level(logging.WARNING),
    ):
        for _ in range(9):
            assert not is_in(client)
    told = "127.0.0.1 sends x-user, and is none of console.identity.from: it is not believed"
    assert 1 <= caplog.messages.count(told) <= 3


def test_a_name_may_have_letters_of_any_script(tmp_path: Path) -> None:
    identity = Identity("x-user", ("127.0.0.1/32",), (("Zoë Łuk", (("*", "editor"),)),))
    with door(tmp_path, identity=identity) as found, found.client() as client:
        shown = client.get(SCREEN, headers=[(b"X-User", "Zoë Łuk".encode())])
        assert who(shown.text) == ("Zoë Łuk", "editor")


@pytest.mark.parametrize(
    "headers",
    [
        [("X-User", "")],
        [("X-User", "ed@news.example"), ("X-User", "vi")],
        [("X-User", "e" * 201)],
        [("X-User", "ed\tvi")],
    ],
)
def test_an_odd_name_is_nobody_s(tmp_path: Path, headers: list[tuple[str, str]]) -> None:
    with door(tmp_path, identity=PROXY) as found, found.client() as client:
        assert client.get(SCREEN, headers=headers).status_code == 303


def test_a_proxy_that_names_nobody_leaves_the_password(tmp_path: Path) -> None:
    with door(tmp_path, user("anna"), identity=PROXY) as found, found.client() as client:
        found.sign_in(client)
        assert "<strong>anna</strong>" in client.get(SCREEN).text
        assert "<strong>vi</strong>" in client.get(SCREEN, headers={"X-User": "vi"}).text


def test_a_link_signs_in_once(tmp_path: Path) -> None:
    key = OnceKey("anna")
    with door(tmp_path, user("anna", password=""), key=key) as found, found.client() as client:
        link = f"/_newshole/sign-in?key={key.value}"
        assert client.get("/_newshole/sign-in?key=wrong").status_code == 403
        assert "The demo prints a link" in client.get("/_newshole/sign-in").text
        assert client.get(link).status_code == 303
        assert is_in(client)
        assert client.get(link).status_code == 403
        assert client.get("/_newshole/sign-in?key=").status_code == 403


def test_a_local_link_signs_nobody_in_from_another_machine() -> None:
    key = OnceKey("anna")
    assert key.take(key.value, "192.0.2.1") is None
    assert key.take(key.value, "") is None
    assert key.take(key.value, "::1") == "anna"


def test_somebody_without_a_role_is_told_whom_to_ask(tmp_path: Path) -> None:
    with door(tmp_path, user("al", ("other", "viewer"))) as found, found.client() as client:
        found.sign_in(client, "al")
        answer = client.get("/_newshole/")
        assert answer.status_code == 403
        assert "al has no role on any site: ask who keeps the settings." in answer.text


def test_the_first_screen_is_of_a_site_that_one_has_a_role_on(tmp_path: Path) -> None:
    roles: tuple[tuple[str, Role], ...] = (("mag", "viewer"),)
    with door(tmp_path, user("al", *roles)) as found, found.client() as client:
        found.sign_in(client, "al")
        assert client.get("/_newshole/").headers["location"] == f"/_newshole/mag/{SCREENS[0].name}"
        assert client.get("/_newshole/?site=news").headers["location"].startswith("/_newshole/mag/")
        assert client.get("/_newshole/news/audit").status_code == 404


def test_no_hash_is_part_of_what_the_console_shows(open_door: Door) -> None:
    with open_door.client() as client:
        open_door.sign_in(client)
        assert HASH not in client.get(SCREEN).text
        assert HASH not in repr(open_door.desk.settings)


def test_where_what_is_kept_cannot_be_asked_that_is_said(tmp_path: Path) -> None:
    with door(tmp_path, user("anna"), archive="redis://127.0.0.1:1/0") as found, found.client() as client:
        answer = found.sign_in(client)
        assert (answer.status_code, "set-cookie" in answer.headers) == (503, False)
        assert SILENT in unescape(answer.text)


def test_nobody_sees_the_names_of_sites_that_they_have_no_role_on(tmp_path: Path) -> None:
    people = user("al", ("mag", "viewer"), ("wire", "viewer")), user("anna")
    with door(tmp_path, *people, sites=("news", "mag", "wire")) as found:
        for name, seen in (("al", ["mag", "wire"]), ("anna", ["news", "mag", "wire"])):
            with found.client() as client:
                found.sign_in(client, name)
                shown = client.get("/_newshole/mag/audit").text
                menu = shown.partition('<select id="site"')[2].partition("</select>")[0]
                assert re.findall(r"<option(?: selected)?>(\w+)</option>", menu) == seen
