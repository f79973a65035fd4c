"""The Experiments screen: what runs and what came of it, arms side by side, and steps that go to Publish."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import httpx
import pytest
from bs4 import BeautifulSoup

from newshole import Site
from newshole.console.drafting.drafts import Draft, Drafts
from newshole.console.experiments import readouts
from newshole.demo.app import RULES
from newshole.errors import UsageError
from newshole.experiments.events.sinks.places import open_sink
from newshole.live.source import gather
from tests.console.newsroom import STORY, Newsroom, newsroom
from tests.experiments.traffic import DAY, START, Truth, traffic

EXPERIMENTS: Final = RULES.with_name("experiments.yaml")


def sunk(path: Path, *, readers: int = 900) -> Path:
    """A warehouse with a week of the demo's experiment on later ads."""
    experiment = next(
        each for each in Site.load(EXPERIMENTS).rules[0].experiments if each.name == "later-ads"
    )
    with closing(open_sink(path)) as sink:
        truths = {"control": Truth(), "later": Truth(viewable=0.9, read=0.5)}
        sink.write(list(traffic(experiment, truths, readers=readers)))
    return path


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    folder = tmp_path_factory.mktemp("experiments")
    events = sunk(folder / "events.db")
    with newsroom(folder, rules=EXPERIMENTS, workers=0, warehouse=events) as running:
        yield running


def one(client: httpx.Client, room: Newsroom, **query: str) -> str:
    answer = client.get(room.screen("experiments/one"), params={"name": "later-ads", **query})
    assert answer.status_code == 200, answer.text
    return answer.text


def drafts(room: Newsroom) -> list[Draft]:
    async def read() -> list[Draft]:
        ledger = room.ledger()
        found = await Drafts(ledger, lambda: 0.0).list()
        await ledger.archive.close()
        return [*found]

    return asyncio.run(read())


def steer(client: httpx.Client, room: Newsroom, **fields: str) -> httpx.Response:
    url = room.screen("experiments/steer")
    return client.post(url, data={"name": "later-ads", **fields}, follow_redirects=False)


def test_every_experiment_of_the_rules_in_service_is_listed_with_its_state(room: Newsroom) -> None:
    with room.signed_in("vi") as client:
        shown = client.get(room.screen("experiments")).text
    for name in ("later-ads", "short-label"):
        assert re.search(rf"experiments/one\?name={name}[^>]*>{name}</a> <span[^>]*>running</span>", shown)
    assert "Ads in the second half of a story let more readers get to its end." in shown


def test_how_many_took_part_is_told_in_the_list_once_it_is_known(room: Newsroom) -> None:
    with room.signed_in("vi") as client:
        told = client.get(room.screen("experiments/count"), params={"name": "later-ads"}).text
        none = client.get(room.screen("experiments/count"), params={"name": "short-label"}).text
    assert re.search(r"<strong>\d+ readers</strong> met a difference so far", told)
    assert "Nobody has met a difference" in none


def test_the_report_says_what_came_of_it_whether_it_is_sound_and_how_it_was_judged(room: Newsroom) -> None:
    with room.signed_in("vi") as client:
        shown = client.get(room.screen("experiments/report"), params={"name": "later-ads"}).text
    assert "“later” raises stories read to the end" in shown
    assert "Shares of the arms" in shown
    assert "an arm are in" in shown
    assert "Holm" in shown


def test_who_met_it_before_it_began_is_of_another_run(tmp_path: Path) -> None:
    experiment = Site.load(EXPERIMENTS).rules[0].experiments[0]
    kept = readouts.Readouts(sunk(tmp_path / "events.db", readers=200), time.time)

    async def views(since: int | None) -> int:
        report = await kept.of(experiment, since)
        assert report is not None
        return sum(report.readout.views.values())

    async def read() -> list[int]:
        return [await views(since) for since in (None, START + 3 * DAY)]

    every, later = asyncio.run(read())
    assert 0 < later < every
    with pytest.raises(UsageError, match="since it began"):
        asyncio.run(views(START + 30 * DAY))
    kept.close()


def test_a_picture_of_the_report_is_an_image_that_runs_and_loads_nothing(room: Newsroom) -> None:
    with room.signed_in("vi") as client:
        page = client.get(room.screen("experiments/report"), params={"name": "later-ads"}).text
        (source,) = re.findall(r'<img src="([^"]*which=forest)"', page)
        picture = client.get(source.replace("&amp;", "&"))
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert picture.headers["content-security-policy"].startswith("default-src 'none'")
    assert picture.text.startswith("<svg xmlns=")
    assert "prefers-color-scheme: dark" in picture.text


def test_without_what_draws_pictures_it_is_said_how_to_have_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readouts, "find_spec", lambda _: None)
    events = sunk(tmp_path / "events.db", readers=200)
    with (
        newsroom(tmp_path, rules=EXPERIMENTS, workers=0, warehouse=events) as running,
        running.signed_in("vi") as client,
    ):
        shown = client.get(running.screen("experiments/report"), params={"name": "later-ads"}).text
    assert "pip install 'newshole[report]'" in shown
    assert "which=forest" not in shown


def test_what_an_arm_changes_is_shown_in_words_in_pictures_and_side_by_side(room: Newsroom) -> None:
    with room.signed_in("vi") as client:
        shown = one(client, room, url=STORY, device="mobile")
        frames = [
            client.get(each.replace("&amp;", "&"))
            for each in re.findall(r'<iframe[^>]*sandbox="allow-scripts"[^>]*src="([^"]+)"', shown)
        ]
    assert re.search(r"inline-ad moves from after paragraph \d+ to after paragraph \d+", shown)
    named = re.findall(r'<svg class="sketch"[^>]*aria-label="(\w+): ', shown)
    assert named == ["control", "later"]
    assert [each.status_code for each in frames] == [200, 200]
    places = [[each.start() for each in re.finditer('data-newshole="inline-ad"', f.text)] for f in frames]
    assert places[0] != places[1]


def test_what_an_arm_changes_of_the_rules_is_told_in_words(room: Newsroom) -> None:
    with room.signed_in("vi") as client:
        assert "inline-ad: In the story, at 75%" in one(client, room)
        assert "blocks.inline-ad.label becomes Ad" in one(client, room, name="short-label")


def test_a_page_to_see_the_arms_on_can_be_picked(room: Newsroom) -> None:
    with room.signed_in("vi") as client:
        picks = BeautifulSoup(one(client, room), "lxml").select(".picks a")
        assert picks
        shown = client.get(str(picks[0]["href"])).text
    assert "<iframe" in shown


def test_a_page_that_no_arm_changes_says_so(room: Newsroom) -> None:
    with room.signed_in("vi") as client:
        shown = one(client, room, url="/obituaries/sunniva-tarrell")
    assert "The arms make the same of this page" in shown
    assert BeautifulSoup(shown, "lxml").select(".picks a")


def test_an_address_that_is_not_of_the_site_is_told_beside_the_form(room: Newsroom) -> None:
    with room.signed_in("vi") as client:
        shown = one(client, room, url="http://127.0.0.1:1/")
    assert "127.0.0.1:1 is not this site" in shown


def test_stopping_writes_a_draft_and_goes_to_publish_with_a_note_ready(room: Newsroom) -> None:
    with room.signed_in("ed") as client:
        answer = steer(client, room, step="stop")
    found = re.search(
        r"/publish\?draft=(\w+)&note=Stop\+the\+experiment\+later-ads", answer.headers["location"]
    )
    assert found is not None
    (draft,) = (each for each in drafts(room) if each.id == found[1])
    assert (draft.by, draft.note) == ("ed", "Stop the experiment later-ads")
    assert "until:" in draft.files["experiments.yaml"]
    assert draft.files["rules.yaml"] == RULES.read_text("utf-8")


def test_a_second_step_goes_into_the_same_draft_where_that_is_chosen(room: Newsroom) -> None:
    with room.signed_in("anna") as client:
        first = steer(client, room, step="stop")
        (identifier,) = re.findall(r"draft=(\w+)", first.headers["location"])
        assert f'<option value="{identifier}">' in one(client, room)
        steer(client, room, name="short-label", step="stop", draft=identifier)
    (draft,) = (each for each in drafts(room) if each.id == identifier)
    assert draft.files["experiments.yaml"].count("until:") == 2


def test_a_draft_of_rules_that_are_not_in_service_any_more_takes_no_step(room: Newsroom) -> None:
    source = gather(EXPERIMENTS)
    old = room.at(lambda ledger: Drafts(ledger, time.time).begin("anna", source, "0" * 32, note="Old"))
    new = room.at(lambda ledger: Drafts(ledger, time.time).begin("anna", source, source.digest, note="New"))
    with room.signed_in("anna") as client:
        shown = one(client, room)
    assert [f'<option value="{each.id}">' in shown for each in (old, new)] == [False, True]


def test_what_would_break_a_running_experiment_is_refused_in_the_words_of_the_rules(room: Newsroom) -> None:
    before = len(drafts(room))
    with room.signed_in("ed") as client:
        answer = steer(client, room, step="ramp", traffic="50")
    assert answer.status_code == 409
    assert "experiments.later-ads.traffic: 50%, down from 100%, takes readers out of it" in answer.text
    assert 'value="50"' in answer.text
    assert len(drafts(room)) == before


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"step": "start"}, "runs already"),
        ({"step": "ramp", "traffic": "many"}, "no share of readers"),
        ({"step": "away"}, "choose what to do"),
        ({"step": "stop", "draft": "nothing"}, "there is no draft nothing"),
    ],
)
def test_a_step_that_makes_no_sense_is_told(room: Newsroom, fields: dict[str, str], told: str) -> None:
    with room.signed_in("ed") as client:
        answer = steer(client, room, **fields)
    assert answer.status_code == 400
    assert told in answer.text


def test_a_viewer_changes_no_experiment(room: Newsroom) -> None:
    with room.signed_in("vi") as client:
        assert steer(client, room, step="stop").status_code == 403
        assert "Stop the experiment" not in one(client, room)


def test_an_experiment_that_is_not_there_is_told(room: Newsroom) -> None:
    with room.signed_in("vi") as client:
        assert client.get(room.screen("experiments/one"), params={"name": "x"}).status_code == 404


def test_without_a_warehouse_and_without_experiments_the_screen_says_what_to_do(quiet: Newsroom) -> None:
    with quiet.signed_in("vi") as client:
        shown = client.get(quiet.screen("experiments")).text
    assert "Nothing is tested" in shown
