"""The console's door in Chromium: strict cookies, pages elsewhere, and a hostile page in a frame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from newshole.console.access.keys import OnceKey
from newshole.console.screens import SCREENS
from newshole.console.visit import Screen, Visit, get, post
from tests.console.entering import PASSWORD, Door, door, user
from tests.http.servers import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

POLICY: Final = (
    "sandbox allow-scripts; default-src 'none'; script-src 'nonce-n'; style-src 'unsafe-inline'; "
    "connect-src 'none'; form-action 'none'; frame-src 'none'; frame-ancestors 'self'"
)
HOSTILE: Final = """<!doctype html><title>A page</title><p id=told>begun</p><form method=post id=form></form>
<script nonce=n>
const base = new URL("/_newshole/news/probe/", location.href).href;
const found = [];
const attempt = async (name, call) => {
  try { found.push(`${name}: ${await call()}`); } catch { found.push(`${name}: refused`); }
};
(async () => {
  await attempt("read", async () => (await fetch(base + "secret", {credentials: "include"})).text());
  await attempt("write", async () => (await fetch(base + "save", {method: "POST", mode: "no-cors"})).type);
  await attempt("beacon", async () => navigator.sendBeacon(base + "save", "x") && "sent");
  await attempt("cookie", async () => document.cookie || "none");
  await attempt("parent", async () => parent.document.title);
  await attempt("storage", async () => localStorage.length);
  await attempt("top", async () => { top.location = base + "secret"; return "left"; });
  await attempt("popup", async () => { if (!open(base + "secret")) throw 0; return "opened"; });
  await attempt("image", () => new Promise((done, fail) => {
    const image = new Image(); image.onload = () => done("shown"); image.onerror = fail;
    image.src = base + "secret";
  }));
  const form = document.getElementById("form");
  form.action = base + "save";
  form.submit();
  document.getElementById("told").textContent = found.join("; ");
})();
</script>"""


class Probe:
    """A screen that notes what reaches it."""

    def __init__(self) -> None:
        self.reached: Counter[str] = Counter()

    @property
    def screen(self) -> Screen:
        ways = (
            get("probe/frame", self.frame),
            get("probe/framed", self.framed),
            get("probe/secret", self.secret),
            post("probe/save", self.save, "editor"),
        )
        return Screen("probe", "Probe", "For tests.", ways)

    async def frame(self, _: Visit) -> Response:
        return HTMLResponse(HOSTILE, headers={"content-security-policy": POLICY})

    async def framed(self, visit: Visit) -> Response:
        return HTMLResponse(f'<title>Own</title><iframe src="{visit.address("probe/frame")}"></iframe>')

    async def secret(self, _: Visit) -> Response:
        self.reached["secret"] += 1
        return HTMLResponse("a secret")

    async def save(self, _: Visit) -> Response:
        self.reached["save"] += 1
        return HTMLResponse("saved")


@pytest.fixture
def probe() -> Probe:
    return Probe()


@pytest.fixture
def open_door(tmp_path: Path, probe: Probe) -> Iterator[Door]:
    with door(tmp_path, user("anna"), screens=(*SCREENS, probe.screen)) as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def come_in(page: Page, found: Door, path: str = "/_newshole/news/audit") -> None:
    """Open a screen, and sign in on the way, by the keyboard alone."""
    page.goto(found.address + path)
    page.keyboard.type("anna")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(found.address + path)


def test_who_signs_in_comes_to_where_they_were_going(page: Page, open_door: Door) -> None:
    come_in(page, open_door)
    assert page.get_by_text("anna").count()
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert page.evaluate("document.cookie") == ""
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.goto(f"{open_door.address}/_newshole/news/audit")
    assert "/sign-in" in page.url


def test_it_works_without_scripts(browser: Browser, open_door: Door) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    come_in(page, open_door)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    context.close()


def test_a_link_signs_in_with_a_strict_cookie(page: Page, tmp_path: Path) -> None:
    key = OnceKey("anna")
    with door(tmp_path, user("anna", password=""), key=key) as found:
        page.goto(f"{found.address}/_newshole/sign-in?key={key.value}")
        assert page.url == f"{found.address}/_newshole/news/{SCREENS[0].name}"


def elsewhere(found: Door) -> Starlette:
    """A site of somebody else's, with a link and a form to the console."""

    async def show(_: Request) -> Response:
        to = f"{found.address}/_newshole/news/"
        return HTMLResponse(
            f'<title>Elsewhere</title><a href="{to}audit">The console</a>'
            f'<form method=post action="{to}probe/save"><button>Win</button></form>'
        )

    return Starlette(routes=[Route("/", show)])


def test_a_link_from_another_site_leads_in_who_is_signed_in(page: Page, open_door: Door) -> None:
    come_in(page, open_door)
    with serving(elsewhere(open_door)) as other:
        page.goto(other.replace("127.0.0.1", "localhost"))
        page.get_by_role("link", name="The console").click()
        page.wait_for_url("**/news/audit")
        page.get_by_role("button", name="Sign out").wait_for()
        page.context.clear_cookies()
        page.goto(other.replace("127.0.0.1", "localhost"))
        page.get_by_role("link", name="The console").click()
        page.wait_for_url("**/sign-in?back=*")


def test_a_form_on_another_site_changes_nothing(page: Page, open_door: Door, probe: Probe) -> None:
    come_in(page, open_door)
    with serving(elsewhere(open_door)) as other:
        page.goto(other.replace("127.0.0.1", "localhost"))
        with page.expect_response("**/probe/save") as answered:
            page.get_by_role("button", name="Win").click()
    assert answered.value.status == 401
    assert not probe.reached


def test_a_hostile_page_in_a_frame_neither_reads_nor_writes_the_console(
    page: Page, open_door: Door, probe: Probe
) -> None:
    come_in(page, open_door)
    page.goto(f"{open_door.address}/_newshole/news/probe/framed")
    frame = next(each for each in page.frames if each.url.endswith("/probe/frame"))
    frame.wait_for_function("document.getElementById('told').textContent !== 'begun'")
    told = (frame.text_content("#told") or "").split("; ")
    done = {each.partition(":")[0] for each in told if not each.endswith(": refused")}
    assert len(told) == 9
    # These two are refused without an error.
    assert done <= {"top", "beacon"}
    page.wait_for_timeout(300)
    assert page.title() == "Own"
    assert len(page.context.pages) == 1
    assert not probe.reached


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1366])
@pytest.mark.parametrize("path", ["sign-in", "nothing", "news/nothing"])
def test_what_comes_before_the_screens_is_accessible(
    browser: Browser, open_door: Door, width: int, scheme: str, path: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{open_door.address}/_newshole/{path}")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_a_refused_sign_in_says_so_to_everybody(page: Page, open_door: Door) -> None:
    page.goto(f"{open_door.address}/_newshole/sign-in?back=/_newshole/mag/audit")
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    assert page.get_by_role("alert").text_content() == "This name and password do not go together."
    assert Axe().run(page).violations_count == 0
    assert page.get_by_label("Name").input_value() == "anna"
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/mag/audit")
