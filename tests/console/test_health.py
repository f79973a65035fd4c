"""The health screen: how the workers are."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.console.newsroom import STORY, Newsroom, newsroom
from tests.console.screens import said, shown
from tests.store.servers import Server, running
from tests.waiting import PATIENCE, eventually


def test_every_worker_is_told_with_its_version_and_what_it_composed(busy: Newsroom) -> None:
    for each in busy.workers:
        httpx.get(each + STORY)
    with busy.signed_in("vi") as client:

        def is_told() -> bool:
            text = client.get(busy.screen("health/part")).text
            has_all = text.count('data-label="Plans kept"') == 2 and "planned anew" in text
            return has_all and "All is well." in text

        eventually(is_told)
        text = client.get(busy.screen("health")).text
    assert text.count('data-label="Worker"') == 2


def test_in_shadow_mode_it_is_told_what_would_have_become_of_pages(tmp_path: Path) -> None:
    with newsroom(tmp_path, shadow=True) as room, room.signed_in("vi") as client:

        def is_told() -> bool:
            for path in (STORY, f"{STORY}-gone"):
                httpx.get(room.workers[0] + path, timeout=PATIENCE)
            screen = shown(client.get(room.screen("health/part")))
            figures = {said(each.dt): said(each.dd) for each in screen.select(".figures > div")}
            left = said(screen.select_one("#through-title ~ h3 + table"))
            would = figures["Would be composed"]
            return not would.startswith("0 ") and "another status than 200" in left

        eventually(is_told)


@pytest.mark.slow
def test_while_redis_is_frozen_health_says_what_is_not_known(tmp_path: Path) -> None:
    folder = tmp_path / "redis"
    folder.mkdir()
    server = Server(folder)
    with running(server), newsroom(tmp_path, redis=server.url) as room, room.signed_in("vi") as client:
        assert "does not answer" not in client.get(room.screen("health")).text
        server.freeze()
        try:
            eventually(lambda: "does not answer" in client.get(room.screen("health/part")).text)
            text = client.get(room.screen("health/part")).text
            assert "what has happened since is not known" in text
            assert 'data-label="Worker"' in text
        finally:
            server.thaw()
        eventually(lambda: "does not answer" not in client.get(room.screen("health/part")).text)
