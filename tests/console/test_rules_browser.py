"""The Rules screen in a browser: errors where they are, completion by keyboard, and no word that is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import pytest
from argon2 import PasswordHasher
from axe_playwright_python.sync_playwright import Axe

from newshole import Newshole
from newshole.console.app import console_app
from newshole.console.desk import Desk
from newshole.console.pages import Pages
from newshole.console.screens import SCREENS
from newshole.console.site import ConsoleSite
from newshole.http.proxy import Proxy
from newshole.live.ledger import Ledger
from newshole.serving.settings import Console, User
from newshole.store.archive import open_archive
from tests.console.browsing import meanwhile
from tests.console.newsroom import PASSWORD, SECRET, Newsroom, newsroom
from tests.console.test_rules import FILE, TEXT, put_into_service
from tests.http.servers import serving
from tests.store.servers import free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SIZES: Final = ((1366, 900), (390, 844))
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
LEVELS: Final = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

Open: TypeAlias = Callable[..., "Page"]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """Begun before there is a browser: while that runs, no event loop can start in its thread."""
    with newsroom(tmp_path_factory.mktemp("rules"), workers=0) as running:
        yield running


@pytest.fixture
def opened(room: Newsroom, browser: Browser) -> Iterator[Open]:
    """Opens a page on which somebody is signed in; at the end no page may have complained of anything."""
    contexts, complaints = [], []

    def open_page(name: str = "ed", console: str = room.console, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": 1366, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Policy" in said.text else None)
        sign_in(page, console, name)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def sign_in(page: Page, console: str, name: str) -> None:
    """Sign somebody in."""
    page.goto(f"{console}/_newshole/sign-in")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector("nav.menu")


def begin(page: Page, console: str) -> str:
    """Begin a draft, and open it in the editor; its id."""
    page.goto(f"{console}/_newshole/site/rules")
    page.get_by_role("button", name="Begin a draft").click()
    page.wait_for_selector(".cm-content")
    found = re.search(r"draft=(\w+)", page.url)
    assert found is not None
    return found[1]


def write(page: Page, text: str, *, at: str = "Control+Home") -> None:
    """Type at the beginning or the end of the file."""
    page.locator(".cm-content").click()
    page.keyboard.press(at)
    page.keyboard.type(text)


def search(page: Page, text: str) -> None:
    """Select the first place of a text, `\\n` for the end of a line, by keyboard alone."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Control+f")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")


def replaced(page: Page, before: str, after: str) -> None:
    """Write another text in the first place of one."""
    search(page, before)
    page.keyboard.press("Delete")
    page.keyboard.type(after)


def is_saved(page: Page) -> None:
    """Wait until all is saved."""
    page.wait_for_selector("#saved:has-text('Saved')")


def written(page: Page, room: Newsroom, draft: str) -> str:
    """The text of a draft as the console has it."""
    page.goto(f"{room.screen('rules')}?draft={draft}")
    shown = page.locator("#shown").text_content()
    assert shown is not None
    text: str = json.loads(shown)["files"][FILE]
    return text


def elsewhere(work: Callable[..., str], *given: Any) -> str:
    """Do something that needs an event loop of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work, *given).result()


def test_an_error_is_marked_where_it_is_with_the_words_of_check(room: Newsroom, opened: Open) -> None:
    page = opened()
    begin(page, room.console)
    write(page, "layuot: often\n")
    page.wait_for_selector("#problems li")
    words = 'layuot: unknown key; did you mean "layout"?'
    assert page.locator("#problems li").inner_text().split("\n") == [f"{FILE}:1:1", words]
    assert page.locator("[data-file] .tag").inner_text().startswith("1")
    assert page.locator(".cm-lintRange-error").inner_text() == "layuot:"
    page.keyboard.press("Control+End")
    page.locator("#problems a").click()
    page.wait_for_selector(".cm-activeLine:has-text('layuot')")
    replaced(page, "layuot: often", "# nothing")
    page.wait_for_selector("#verdict:has-text('No problems')")
    assert page.locator(".cm-lintRange-error").count() == 0


def test_a_block_is_written_by_keyboard_with_what_is_offered(room: Newsroom, opened: Open) -> None:
    page = opened()
    draft = begin(page, room.console)
    search(page, r"\nblocks:")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.type("mine:")
    page.keyboard.press("Enter")
    page.keyboard.type("ki")
    page.wait_for_selector(".cm-tooltip-autocomplete li:has-text('What the block is.')")
    page.wait_for_timeout(200)  # what is offered takes no key before its interaction delay
    page.keyboard.press("Enter")
    page.wait_for_selector(".cm-tooltip-autocomplete li:has-text('A call to follow')")
    page.keyboard.type("fol")
    page.wait_for_timeout(200)
    page.keyboard.press("Enter")
    page.wait_for_selector(".cm-tooltip-autocomplete", state="detached")
    is_saved(page)
    expected = TEXT.replace("\nblocks:\n", "\nblocks:\n  mine:\n    kind: follow\n")
    assert written(page, room, draft) == expected


def test_tab_leaves_the_editor(room: Newsroom, opened: Open) -> None:
    page = opened()
    draft = begin(page, room.console)
    page.locator(".cm-content").click()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") != "code"
    assert written(page, room, draft) == TEXT


def test_a_draft_that_is_open_twice_keeps_what_both_wrote(room: Newsroom, opened: Open) -> None:
    one = opened()
    draft = begin(one, room.console)
    two = one.context.new_page()
    two.goto(one.url)
    write(one, "# from the first\n")
    is_saved(one)
    write(two, "\n# from the second\n", at="Control+End")
    two.wait_for_selector("#split")
    write(two, "\n# and more of it\n", at="Control+End")
    is_saved(two)
    two.get_by_role("link", name="See both side by side").click()
    two.get_by_role("button", name="Save it together").click()
    two.wait_for_selector(".cm-content")
    assert f"draft={draft}" in two.url
    text = written(two, room, draft)
    assert all(words in text for words in ("# from the first", "# from the second", "# and more of it"))


def test_two_people_change_the_same_line_and_neither_loses_a_word(room: Newsroom, opened: Open) -> None:
    ed, anna = opened("ed"), opened("anna")
    gap = "gap: [3 units, 110 words]"
    draft = begin(ed, room.console)
    replaced(ed, gap, "gap: [7 units, 110 words]")
    write(ed, "# by ed\n")
    is_saved(ed)
    theirs = begin(anna, room.console)
    replaced(anna, gap, "gap: [5 units, 110 words]")
    is_saved(anna)
    elsewhere(put_into_service, room, written(anna, room, theirs))
    ed.reload()
    ed.get_by_role("link", name="Bring both together").click()
    assert "[5 units" in ed.locator("pre.theirs").inner_text()
    assert "[7 units" in ed.locator("pre.mine").inner_text()
    ed.get_by_label("Keep both").check()
    ed.get_by_role("button", name="Save it together").click()
    ed.wait_for_selector(".cm-content")
    text = written(ed, room, draft)
    both = "\n".join(f"  {each}" for each in ("gap: [5 units, 110 words]", "gap: [7 units, 110 words]"))
    assert text == "# by ed\n" + TEXT.replace(f"  {gap}", both)
    elsewhere(put_into_service, room, TEXT)


@contextmanager
def console(room: Newsroom, folder: Path, port: int) -> Iterator[str]:
    """Another console of the newsroom, on a port."""
    follower = Newshole(
        Proxy(room.paper), rules="published", archive=room.archive, secret=SECRET, state=folder
    )
    ledger = Ledger(open_archive(room.archive), "site", SECRET.encode())
    site = ConsoleSite("site", follower, Pages(follower.app, (), f"{room.paper}/"), ledger)
    password = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    people = Console(users=(User("ed", password, (("*", "editor"),)),))
    with serving(console_app(Desk([site], people, SCREENS)), port=port) as address:
        yield address


def test_what_was_typed_while_the_console_was_killed_comes_back(
    room: Newsroom, opened: Open, tmp_path: Path
) -> None:
    port = free_port()
    running: AbstractContextManager[str] = console(room, tmp_path / "one", port)
    address = running.__enter__()
    page = opened(console=address)
    draft = begin(page, address)
    running.__exit__(None, None, None)
    write(page, "# not to be lost\n")
    page.wait_for_selector("#not-saved:has-text('kept in this browser')")
    page.close()
    with console(room, tmp_path / "two", port):
        page = page.context.new_page()
        sign_in(page, address, "ed")
        page.goto(f"{address}/_newshole/site/rules?draft={draft}")
        page.get_by_role("button", name="Put it back").click()
        page.wait_for_selector(".cm-line:has-text('# not to be lost')")
        is_saved(page)
        page.reload()
        page.wait_for_selector(".cm-line:has-text('# not to be lost')")
        assert page.locator("#offer").count() == 0
        page.close()


def test_a_page_in_the_place_of_an_answer_is_not_taken_for_saved(room: Newsroom, opened: Open) -> None:
    page = opened()
    draft = begin(page, room.console)
    signed_out = {"status": 200, "content_type": "text/html", "body": "<h1>Sign in at the proxy</h1>"}
    page.route("**/rules/save", lambda route: route.fulfill(**signed_out))
    write(page, "# not to be lost\n")
    page.wait_for_selector("#not-saved:has-text('kept in this browser')")
    page.unroute("**/rules/save")
    page.evaluate("name => localStorage.setItem(name, '{half')", f"newshole:site:{draft}:broken")
    page.reload()
    page.get_by_role("button", name="Put it back").click()
    is_saved(page)
    assert written(page, room, draft).startswith("# not to be lost\n")


def test_what_is_typed_while_another_save_is_under_way_is_no_conflict(room: Newsroom, opened: Open) -> None:
    page = opened()
    draft = begin(page, room.console)
    seen: list[str] = []
    held: list[Any] = []

    def hold_the_first(route: Any) -> None:
        seen.extend(re.findall(r"seen=(\d+)", route.request.post_data))
        if len(seen) == 1:
            held.append(route)
        else:
            route.continue_()

    page.route("**/rules/save", hold_the_first)
    write(page, "# one\n")
    meanwhile(page, lambda: held)
    write(page, "# two\n")
    page.get_by_role("link", name="Changes").click()
    held[0].continue_()
    page.wait_for_url("**/rules/diff?*")
    assert seen == ["1", "2"]
    page.unroute("**/rules/save")
    assert written(page, room, draft).startswith("# two\n# one\n")


def test_without_scripts_a_form_saves_and_checks(room: Newsroom, opened: Open) -> None:
    page = opened(java_script_enabled=False)
    page.goto(room.screen("rules"))
    page.get_by_role("button", name="Begin a draft").click()
    page.fill("#text", TEXT.replace("\nlayout:", "\nlayuot:"))
    page.get_by_role("button", name="Save and check").click()
    assert 'did you mean "layout"?' in page.locator("#problems li").inner_text()


def screens(page: Page, room: Newsroom) -> Iterator[str]:
    """The addresses of the screen in all its states: a draft has changes, problems and conflicts."""
    draft = begin(page, room.console)
    write(page, "layuot: often\n")
    replaced(page, "site: The Osterhaven Courier", "site: Mine")
    is_saved(page)
    digest = elsewhere(put_into_service, room, TEXT.replace("site: The Osterhaven Courier", "site: Theirs"))
    yield room.screen("rules")
    yield f"{room.screen('rules')}?version={digest}"
    for way in ("rules", "rules/diff", "rules/history", "rules/merge"):
        yield f"{room.screen(way)}?draft={draft}"


def test_every_state_of_the_screen_is_for_everybody(room: Newsroom, opened: Open) -> None:
    page, found = opened(), list[tuple[str, str, str, str]]()
    for address in list(screens(page, room)):
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.goto(address)
            is_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            found += [(address, f"{width}", "too wide", "")] if is_wide else []
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                results = Axe().run(page, options=LEVELS)
                found += [
                    (address, f"{width} {scheme}", each["id"], each["nodes"][0]["html"][:160])
                    for each in results.response["violations"]
                ]
    elsewhere(put_into_service, room, TEXT)
    assert found == []
