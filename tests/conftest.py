"""What every test shares: where the corpora lie, the marks of tests that need them, and a browser."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.budget import load_budget
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SHARED = Path(__file__).resolve().parents[2] / "shared"

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the corpora are not beside this checkout (../shared)"
)


def pytest_configure(config: pytest.Config) -> None:
    """Before the tests are imported, for it is then that their settings are made."""
    load_budget(is_quick="not slow" in config.option.markexpr)


def pytest_collection_finish() -> None:
    """What was collected stays to the end: no search for garbage goes through it."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def shared() -> Path:
    """The folder of corpora beside the checkout; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the corpora are not beside this checkout (../shared)")
    return SHARED


@pytest.fixture
def seed_page(shared: Path) -> bytes:
    """The reference page, before any block."""
    return (shared / "seed" / "article.html").read_bytes()


QUIET: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless; what needs it is skipped where it or playwright is missing.

    Closed with the module: while Playwright runs, its event loop is the thread's, and no test there can
    start one.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=list(QUIET))
        browser.on("context", lambda context: context.set_default_timeout(PATIENCE * 1000))
        yield browser
        browser.close()
