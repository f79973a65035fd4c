"""A real server with the demo."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from newshole.demo.app import demo_app
from tests.http.servers import serving


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The URL of the demo, served by uvicorn on a free port."""
    with serving(demo_app()) as address:
        yield address
