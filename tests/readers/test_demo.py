"""The demo's pages, as readers of the newspaper have them: every check on what newshole puts there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pytest

from newshole.demo.app import demo_app
from tests.http.servers import serving
from tests.readers.axe import violations
from tests.readers.conftest import Open
from tests.readers.test_access import CONTRASTS, SCREENS, TARGETS, Scheme
from tests.readers.test_circumstances import CUT_OFF

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PAGES: Final = (
    "/world/talks-after-the-cable-was-cut",
    "/magazine/the-last-lamp-at-grey-ness",
    "/ar/maktaba-ala-zahr-abbara",
    "/gallery",
    "/gallery/ar",
)


@pytest.fixture(scope="module")
def demo() -> Iterator[str]:
    """The address of the demo."""
    with serving(demo_app()) as address:
        yield address


def opened(open_page: Open, url: str, width: int, scheme: Scheme) -> Page:
    """A page of the demo on a phone or a desk."""
    return open_page(url, viewport={"width": width, "height": SCREENS[width]}, color_scheme=scheme)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", SCREENS)
@pytest.mark.parametrize("path", PAGES)
def test_blocks_of_the_demo_keep_from_nobody(
    open_page: Open, demo: str, path: str, width: int, scheme: Scheme
) -> None:
    page = opened(open_page, demo + path, width, scheme)
    found = violations(page)["violations"]
    assert found == [], json.dumps(found, indent=1)
    assert page.evaluate(TARGETS) == []
    assert page.evaluate(CUT_OFF) == []
    contrasts = page.evaluate(CONTRASTS)
    assert contrasts
    assert [each for each in contrasts if each[0] < 4.5] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", SCREENS)
def test_the_guide_above_the_front_page_keeps_from_nobody(
    open_page: Open, demo: str, width: int, scheme: Scheme
) -> None:
    page = opened(open_page, f"{demo}/", width, scheme)
    assert page.locator("#demo-guide a").count() > 0
    found = violations(page)["violations"]
    assert found == [], json.dumps(found, indent=1)
