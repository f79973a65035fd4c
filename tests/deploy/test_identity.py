"""nginx signs people in to the console by the file that comes along: a real nginx, a real console, and in the
place of oauth2-proxy a program that knows people by a cookie."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newshole.serving.settings import Identity, Role
from tests.console.entering import door, who
from tests.http.servers import serving
from tests.serving.nginx import debian, nginx_with
from tests.serving.test_deploy import DEPLOY
from tests.store.servers import free_port

CONFIGURATION = (DEPLOY / "console-identity.conf").read_text("utf-8")
NAME = "console.news.example"
ROLES: Final[tuple[tuple[str, tuple[tuple[str, Role], ...]], ...]] = (
    ("anna@news.example", (("*", "publisher"),)),
    ("*", (("*", "viewer"),)),
)
ANNA = {"cookie": "person=anna@news.example"}

pytestmark = pytest.mark.slow


async def _known(request: Request) -> Response:
    """As oauth2-proxy answers under `set_xauthrequest`."""
    person = request.cookies.get("person")
    return (
        Response(status_code=202, headers={"x-auth-request-email": person})
        if person
        else Response(status_code=401)
    )


async def _asked_to_sign_in(request: Request) -> Response:
    return Response(f"sign in for {request.headers['x-auth-request-redirect']}")


PEOPLE = Starlette(
    routes=[Route("/oauth2/auth", _known), Route("/oauth2/sign_in", _asked_to_sign_in)],
)


@contextmanager
def in_front(folder: Path, port: int, *, console: str, people: str) -> Iterator[str]:
    """nginx on a port, with a certificate of its own making."""
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    files = {"pem": folder / "console.pem", "key": folder / "console.key"}
    command = [debian("openssl", "openssl"), *made, "-keyout", str(files["key"]), "-out", str(files["pem"])]
    subprocess.run(command, check=True, capture_output=True)
    told = CONFIGURATION.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl http2;")
    told = told.replace("/etc/ssl/", f"{folder}/")
    told = told.replace("http://127.0.0.1:4180", people).replace("http://127.0.0.1:8002", console)
    with nginx_with(folder, told, port):
        yield f"https://127.0.0.1:{port}"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    """Somebody's browser, in front of everything."""
    identity = Identity("x-forwarded-user", ("127.0.0.1/32",), ROLES)
    public = f"https://{NAME}"
    with (
        door(tmp_path, public=public, identity=identity, trusted=["127.0.0.1"]) as console,
        serving(PEOPLE) as people,
        in_front(tmp_path, free_port(), console=console.address, people=people) as address,
        # The certificate is the test's own.
        httpx.Client(base_url=address, verify=False, headers={"host": NAME}, timeout=30) as found,  # noqa: S501 - as above
    ):
        yield found


def test_whom_the_provider_knows_is_in_the_console_with_their_role(client: httpx.Client) -> None:
    shown = client.get("/_newshole/news/audit", headers=ANNA)
    assert who(shown.text) == ("anna@news.example", "publisher")
    shown = client.get("/_newshole/news/audit", headers={"cookie": "person=vi@news.example"})
    assert who(shown.text) == ("vi@news.example", "viewer")


def test_whom_it_does_not_know_signs_in_there_and_comes_back(client: httpx.Client) -> None:
    path = "/_newshole/news/audit?person=anna&day=2026-11-28"
    assert client.get(path).text == f"sign in for {path}"


@pytest.mark.parametrize("header", ["X-Forwarded-User", "x_forwarded_user", "X-Auth-Request-Email"])
def test_nobody_says_who_they_are_themselves(client: httpx.Client, header: str) -> None:
    forged = {header: "anna@news.example"}
    assert client.get("/_newshole/news/audit", headers=forged).text == "sign in for /_newshole/news/audit"
    shown = client.get("/_newshole/news/audit", headers={**forged, "cookie": "person=vi@news.example"})
    assert who(shown.text) == ("vi@news.example", "viewer")


def test_a_form_is_taken_from_pages_of_the_public_address(client: httpx.Client) -> None:
    page = client.get("/_newshole/news/switches", headers=ANNA)
    token = re.search(r'name="x_csrf_token" value="([^"]+)"', page.text)
    assert token is not None
    form = {
        "x_csrf_token": token[1],
        "what": "block",
        "name": "inline-ad",
        "reason": "trying",
        "lasting": "3600",
    }
    taken = {**ANNA, "origin": f"https://{NAME}"}
    assert client.post("/_newshole/news/switches/off", data=form, headers=taken).status_code in {200, 303}
    refused = {**ANNA, "origin": "https://evil.example"}
    assert client.post("/_newshole/news/switches/off", data=form, headers=refused).status_code == 403
