"""Which addresses a gate knows again, and how many."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Scope

from newshole import Newshole, Site
from newshole.http import gate
from tests.http.asgi import PATH, Client, asked, page

FULL: dict[str, Any] = {"root_path": "", "raw_path": PATH.encode()}


def test_addresses_that_are_known_are_bounded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "MOST_ADDRESSES", 3)
    known = Newshole(page(), site=site)
    for number in range(5):
        asyncio.run(known(asked(f"/news/{number}", **FULL), Client().receive, Client().send))
    assert len(known.gate.met) == 3


@pytest.mark.parametrize(
    "scope",
    [
        asked(**FULL | {"raw_path": b"/" * 5000}),
        asked(headers=[(b"sec-fetch-dest", b"x" * 5000)], **FULL),
        asked(method="M" * 5000, **FULL),
        asked(**FULL | {"root_path": "/x" * 3000}),
    ],
)
def test_a_request_with_a_long_head_is_not_kept(site: Site, scope: Scope) -> None:
    known = Newshole(page(), site=site)
    asyncio.run(known(scope, Client().receive, Client().send))
    assert known.gate.met == {}
