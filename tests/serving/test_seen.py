"""Shadow mode, the overlay and the journal of `newshole serve`: real workers that share a file."""

from __future__ import annotations

import json
import time
from http.client import HTTPMessage
from pathlib import Path

import pytest

from newshole.http.links.overlay import overlay_link
from tests.cli.conftest import Newshole as Command
from tests.cli.conftest import newshole as newshole
from tests.http.asgi import PATH, RULES
from tests.serving.servers import Served, connection, served
from tests.waiting import eventually

pytestmark = pytest.mark.slow

URL = f"https://news.example{PATH}"
PLACED = 'data-newshole="inline"'


def answered(port: int) -> tuple[HTTPMessage, bytes]:
    with connection(port) as client:
        client.request("GET", PATH, headers={"Host": "news.example"})
        answer = client.getresponse()
        return answer.headers, answer.read()


def own(headers: HTTPMessage) -> list[tuple[str, str]]:
    """Headers without those of the connection, and without the one that every proxy adds."""
    return [each for each in headers.items() if each[0].lower() not in ("date", "connection", "via")]


def test_in_shadow_pages_leave_as_the_site_sent_them_and_it_is_told_what_they_would_become(
    origin: str, rules: Path, tmp_path: Path, newshole: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSHOLE_SECRET", "of the newsroom")
    journal = tmp_path / "journal.db"
    options = ("--rules", rules, "--shadow", "--journal", journal, "--workers", "2")
    with served("--upstream", origin, *options) as shadow:
        assert "in shadow mode: pages leave as the site sent them" in shadow.said
        bare, found = answered(int(origin.rpartition(":")[2])), answered(shadow.port)
        assert found[1] == bare[1]
        assert own(found[0]) == own(bare[0])
        eventually(lambda: shadow.counted("newshole_shadow_total", outcome="composed") == 1)
        assert shadow.counted("newshole_responses_total", outcome="shadow") == 1
        link = overlay_link(b"of the newsroom", f"http://news.example{PATH}", time.time() + 60)
        assert PLACED in shadow.get(f"{PATH}?{link.partition('?')[2]}")[1]
        eventually(lambda: shadow.counted("newshole_journal_total", event="journal-kept") == 1)
    done = newshole("why", URL, "--journal", journal, "--rules", rules, "--json")
    (row,) = json.loads(done.text)["served"]
    assert (row["shadow"], row["blocks"], row["is_same"]) == (True, ["inline"], True)


def test_of_two_sites_one_is_in_shadow(origin: str, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES)
    config = tmp_path / "serve.yaml"
    config.write_text(
        "shadow: true\nsites:\n"
        f"  - {{hosts: one.example, upstream: '{origin}', rules: rules.yaml}}\n"
        f"  - {{hosts: two.example, upstream: '{origin}', rules: rules.yaml, shadow: false}}\n"
    )
    with served("--config", config) as both:
        assert PLACED not in both.get(PATH, host="one.example")[1]
        assert PLACED in both.get(PATH, host="two.example")[1]


def test_workers_share_a_journal_in_which_nothing_stands_twice(
    origin: str, rules: Path, tmp_path: Path, newshole: Command
) -> None:
    journal = tmp_path / "journal.db"
    with served("--upstream", origin, "--rules", rules, "--journal", journal, "--workers", "2") as both:
        eventually(lambda: _planned(both) == 2)
    done = newshole("why", URL, "--journal", journal, "--rules", rules)
    assert done.code == 0
    assert done.text.count("; as of ") == 1
    assert "inline after paragraph 2" in done.text


def _planned(served: Served) -> float:
    """How many of the workers have planned the page, once it was asked for again."""
    served.get(PATH)
    return served.counted("newshole_plans_total", tier="plan-anew")
