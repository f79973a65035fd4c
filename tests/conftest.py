"""What every test shares: where the corpora lie, and the marks of tests that need them."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the corpora are not beside this checkout (../shared)"
)


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
