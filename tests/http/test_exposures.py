"""Who is counted as exposed to an experiment, and by whom: the server where a page is one reader's own, the
browser where caches may keep it."""

from __future__ import annotations

import gzip
import logging
import re
import time
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from newshole import Newshole
from newshole.blocks.scripts import script
from newshole.errors import UsageError
from newshole.http.measuring import LONGEST_PAGE, sealed
from newshole.http.operators import HEADER, token
from tests.http import measured as site
from tests.http.asgi import STORY, ask, asked, page
from tests.http.measured import VIEW, attribute, both_arms, exposed, measured, post, reader, rows, sent

BOT = (b"user-agent", b"Examplebot/1.0")


def test_the_server_records_an_exposure_of_a_page_that_is_one_readers_own(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path))
    client = ask(newshole, asked(headers=reader("ada")))
    (row,) = exposed(newshole)
    assert row.view_id == attribute(client.body, "view")
    assert row.experiment == "later"
    assert row.arm in ("control", "late")
    assert row.page == "https://news.example/news/bridge"
    assert row.unit == sealed("ada", site.SECRET.encode())
    assert row.attributes["instead"].endswith(": inline 1")


def test_every_showing_of_a_page_is_another_view(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path))
    views = {attribute(ask(newshole, asked(headers=reader("ada"))).body, "view") for _ in range(5)}
    found = exposed(newshole)
    assert len(views) == len(found) == 5
    assert len({row.arm for row in found}) == 1


def test_no_page_of_a_readers_own_can_be_asked_for_anew_with_the_id_of_its_view(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path), page(STORY, (b"etag", b'"1"')))
    client = ask(newshole, asked(headers=reader("ada")))
    assert attribute(client.body, "view")
    assert client.header(b"etag") is None


def test_copies_that_caches_keep_are_the_same_and_the_browser_counts_them(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path, site.BY_HEADER))
    header = (b"x-reader", b"ada")
    first, second = (ask(newshole, asked(headers=[header])) for _ in range(2))
    assert first.body == second.body
    assert attribute(first.body, "view") == ""
    assert rows(newshole) == []
    post(newshole, *sent([["view"]], attribute(first.body, "token"), VIEW, header))
    (row,) = exposed(newshole)
    assert (row.view_id, row.unit) == (VIEW, sealed("ada", site.SECRET.encode()))


def test_of_a_view_that_the_server_counted_the_browser_makes_no_second_exposure(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path))
    content = ask(newshole, asked(headers=reader("ada"))).body
    view, token = attribute(content, "view"), attribute(content, "token")
    post(newshole, *sent([["view"]], token, view, *reader("ada")))
    assert [row.kind for row in rows(newshole)] == ["exposure", "view"]


def test_a_view_of_a_copy_that_the_browser_kept_is_counted_by_the_browser(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path))
    content = ask(newshole, asked(headers=reader("ada"))).body
    post(newshole, *sent([["view"]], attribute(content, "token"), VIEW, *reader("ada")))
    assert [row.view_id for row in exposed(newshole)] == [attribute(content, "view"), VIEW]


@pytest.mark.parametrize(
    "header",
    [(b"sec-purpose", b"prefetch;prerender"), (b"purpose", b"prefetch"), (b"x-moz", b"prefetch")],
)
def test_a_page_that_is_fetched_ahead_is_counted_once_it_is_shown(
    tmp_path: Path, header: tuple[bytes, bytes]
) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path))
    content = ask(newshole, asked(headers=[*reader("ada"), header])).body
    assert rows(newshole) == []
    assert attribute(content, "view") == ""
    post(newshole, *sent([["view"]], attribute(content, "token"), VIEW, *reader("ada")))
    assert [row.view_id for row in exposed(newshole)] == [VIEW]


def test_an_answer_to_head_exposes_nobody(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path))
    ask(newshole, asked(method="HEAD", headers=reader("ada")))
    assert rows(newshole) == []


def test_a_crawler_is_not_counted(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path))
    content = ask(newshole, asked(headers=[*reader("ada"), BOT])).body
    assert content.count(b'data-newshole="inline"') == 1
    assert rows(newshole) == []


def test_a_page_is_the_unit_of_an_experiment_on_pages(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path, "", unit="page"))
    content = ask(newshole).body
    assert rows(newshole) == []
    post(newshole, *sent([["view"]], attribute(content, "token"), VIEW))
    assert [row.unit for row in exposed(newshole)] == ["https://news.example/news/bridge"]


def test_a_page_has_one_arm_whatever_its_query_says(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path, "", unit="page"))
    queries = (b"", *(b"utm_source=%d" % number for number in range(12)))
    pages = {
        re.sub(rb' data-nh-token="[^"]*"', b"", ask(newshole, asked(query_string=query)).body)
        for query in queries
    }
    assert len(pages) == 1


def test_without_an_id_a_view_is_its_own_unit(tmp_path: Path) -> None:
    file = site.rules(tmp_path, "vary: {arms: X-Arms}\n", unit="edge")
    newshole = measured(tmp_path, file)
    content = ask(newshole, asked(headers=[(b"x-arms", b"later=late")])).body
    post(newshole, *sent([["view"]], attribute(content, "token"), VIEW))
    assert [(row.arm, row.unit) for row in exposed(newshole)] == [("late", VIEW)]


def test_a_page_into_which_an_arm_puts_nothing_is_measured_too(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path, more=site.NONE_EXPERIMENT))
    content = both_arms(newshole)["bare"]
    assert b'data-newshole="inline"' not in content
    assert content.count(b"<script data-newshole-runtime") == 1
    start = content.index(b"<script data-newshole-runtime")
    end = content.index(b"</script>", start) + len(b"</script>")
    assert content[:start] + content[end:] == STORY


def test_arms_are_counted_as_often_as_they_are_shown(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path, more=site.NONE_EXPERIMENT))
    shown = {"control": 0, "bare": 0}
    for number in range(200):
        content = ask(newshole, asked(headers=reader(str(number)))).body
        shown["control" if b'data-newshole="inline"' in content else "bare"] += 1
    found = [row.arm for row in exposed(newshole)]
    assert {arm: found.count(arm) for arm in shown} == shown
    assert min(shown.values()) > 60


def test_the_script_has_the_nonce_of_its_response(tmp_path: Path) -> None:
    policy = (b"content-security-policy", b"script-src 'nonce-abcd'; style-src 'nonce-abcd'")
    newshole = measured(tmp_path, site.rules(tmp_path), page(STORY, policy))
    content = ask(newshole, asked(headers=reader("ada"))).body
    assert b'<script data-newshole-runtime nonce="abcd" data-nh-token=' in content


def test_a_site_without_experiments_is_as_it_is_without_events(tmp_path: Path) -> None:
    file = site.rules(tmp_path, more="# none\n")
    newshole = measured(tmp_path, file)
    plain = Newshole(page(), file, secret=site.SECRET)
    ours, theirs = (ask(app, asked(headers=reader("ada"))) for app in (newshole, plain))
    assert (ours.headers, ours.body) == (theirs.headers, theirs.body)
    assert not (tmp_path / "events").exists()


def test_a_site_that_is_always_measured_needs_no_experiment(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path, more="measure: always\n"))
    content = ask(newshole, asked(headers=reader("ada"))).body
    post(newshole, *sent([["view"]], attribute(content, "token"), VIEW, *reader("ada")))
    (row,) = rows(newshole)
    assert (row.kind, row.unit) == ("view", sealed("ada", site.SECRET.encode()))
    assert ask(newshole, asked(headers=reader("bo"))).body == content


def test_a_page_that_no_experiment_is_about_tells_of_its_views(tmp_path: Path) -> None:
    more = site.EXPERIMENT.replace("UNIT", "visitor").replace("arms:", "when: {path: /other/**}\n    arms:")
    newshole = measured(tmp_path, site.rules(tmp_path, site.BY_COOKIE, more=more))
    content = ask(newshole, asked(headers=reader("ada"))).body
    assert rows(newshole) == []
    post(newshole, *sent([["view"]], attribute(content, "token"), VIEW, *reader("ada")))
    (row,) = rows(newshole)
    assert (row.kind, row.unit) == ("view", sealed("ada", site.SECRET.encode()))


def test_who_is_held_out_is_told_with_their_views(tmp_path: Path) -> None:
    more = site.EXPERIMENT.replace("UNIT", "visitor") + "holdout: {share: 100%}\n"
    newshole = measured(tmp_path, site.rules(tmp_path, more=more))
    content = ask(newshole, asked(headers=reader("ada"))).body
    post(newshole, *sent([["view"]], attribute(content, "token"), VIEW, *reader("ada")))
    assert [row.attributes.get("held_out") for row in rows(newshole)] == ["yes"]


def test_a_disk_without_room_costs_rows_and_no_page(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path))
    (tmp_path / "events").write_text("a file where the folder should be", "utf-8")
    with caplog.at_level(logging.ERROR, "newshole"):
        content = ask(newshole, asked(headers=reader("ada"))).body
    assert content.count(b'data-newshole="inline"') == 1
    assert newshole.events is not None
    assert newshole.events.segments.tally.lost == 1
    assert "rows of events are lost" in caplog.text


def test_events_without_a_secret_are_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="NEWSHOLE_SECRET"):
        Newshole(page(), site.rules(tmp_path), events=tmp_path)


def test_the_path_of_events_may_be_another(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path), events_path="/seen")
    content = ask(newshole, asked(headers=reader("ada"))).body
    assert attribute(content, "to") == "/seen"
    client = ask(newshole, asked("/seen", method="POST"))
    assert client.messages[0]["status"] == 204


def test_a_page_kept_by_browsers_is_sent_anew_when_its_token_is_another(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path, site.BY_HEADER), page(STORY, (b"etag", b'"1"')))
    header = (b"x-reader", b"ada")
    clock = [newshole.plans.clock()]
    assert newshole.events is not None
    newshole.plans.clock = newshole.events.now = lambda: clock[0]
    tag = ask(newshole, asked(headers=[header])).header(b"etag")
    assert tag is not None

    asking: list[bytes | None] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        asking.append(dict(scope["headers"]).get(b"if-none-match"))
        await page(STORY, (b"etag", b'"1"'))(scope, receive, send)

    def origin_is_asked() -> bytes | None:
        newshole.app = app
        ask(newshole, asked(headers=[header, (b"if-none-match", tag)]))
        return asking[-1]

    assert origin_is_asked() == b'"1"'
    clock[0] += 86_400
    assert origin_is_asked() is None


def test_an_operator_who_looks_at_a_page_is_not_counted(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path))
    told = (HEADER, token(site.SECRET.encode(), time.time() + 60).encode())
    content = ask(newshole, asked(headers=[*reader("ada"), told])).body
    assert content.count(b'data-newshole="inline"') == 1
    assert attribute(content, "token") == ""
    assert rows(newshole) == []


def test_a_failure_to_measure_costs_no_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> str:
        raise ValueError

    newshole = measured(tmp_path, site.rules(tmp_path))
    monkeypatch.setattr("newshole.http.measuring.seal", fail)
    content = ask(newshole, asked(headers=reader("ada"))).body
    assert content.count(b'data-newshole="inline"') == 1
    assert newshole.counts["measure-fault"] == 1
    assert "measure-fault" in caplog.text


def test_the_script_is_small() -> None:
    assert len(gzip.compress(script("events.js").encode(), 9)) <= 1500


def test_an_address_that_is_too_long_for_a_row_is_composed_and_not_measured(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path))
    content = ask(newshole, asked("/news/" + "a" * LONGEST_PAGE, headers=reader("ada"))).body
    assert content.count(b'data-newshole="inline"') == 1
    assert attribute(content, "token") == ""


def test_the_longest_page_makes_rows_that_can_be_read(tmp_path: Path) -> None:
    section = b'<meta property="article:section" content="%s">' % ("ü" * 3000).encode()
    app = page(STORY.replace(b"</head>", section + b"</head>"))
    newshole = measured(tmp_path, site.rules(tmp_path), app)
    path = "/news/" + "a" * (LONGEST_PAGE - len("https://news.example/news/"))
    content = ask(newshole, asked(path, headers=reader("ada"))).body
    post(newshole, *sent([["view"]], attribute(content, "token"), attribute(content, "view")))
    assert [row.kind for row in rows(newshole)] == ["exposure", "view"]


def test_nothing_tells_caches_to_keep_a_page_that_said_nothing_of_that(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path, "", unit="page"))
    assert ask(newshole).header(b"cache-control") is None
    kept = page(STORY, (b"cache-control", b"public, max-age=31536000"))
    newshole = measured(tmp_path, site.rules(tmp_path, "", unit="page"), kept)
    found = re.fullmatch(rb"public, max-age=(\d+)", ask(newshole).header(b"cache-control") or b"")
    assert found is not None
    assert 0 <= int(found[1]) <= 86_400
