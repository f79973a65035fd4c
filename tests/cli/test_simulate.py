"""`newshole simulate`: rehearsals find what chance finds and no more, and plans come from what was logged."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from newshole.experiments.analysis.design import baseline
from newshole.experiments.analysis.moments import Moments
from newshole.experiments.analysis.planning import Baseline, units_per_arm
from newshole.experiments.analysis.reading import logged_units
from newshole.experiments.analysis.rehearsal import chance, made_up
from newshole.experiments.events.row import Row, identity
from newshole.experiments.events.sinks.places import open_sink, open_table
from newshole.experiments.metrics import BY_NAME
from tests.cli.conftest import Newshole, refused

SITE = Path(__file__).parents[1] / "experiments" / "reporting" / "site.yaml"
NOON = 1_800_014_400_000
DAY = 86_400_000


def logged(path: Path, readers: int, days: int = 4) -> Path:
    """Readers with two views each, on pages of which the first has one ad in view and the second three."""
    rows = []
    for n in range(readers):
        for view, ads in ((0, 1), (1, 3)):
            view_id, ms = f"{n}-{view}", NOON + DAY * (n % days)
            page = f"/{n % 120}"
            rows.append(Row(identity("view", view_id), ms, "view", view_id, unit=f"u{n}", page=page))
            rows += [
                Row(identity("viewable", view_id, k), ms, "viewable", view_id, block="ad", position=k)
                for k in range(ads + n % 2)
            ]
    with closing(open_sink(path)) as sink:
        sink.write(rows)
    return path


def test_always_valid_looks_find_less_than_chance_and_naive_ones_far_more(newshole: Newshole) -> None:
    told = json.loads(newshole("simulate", "wider-gaps", "--rules", SITE, "--json").text)
    found = told["rehearsal"]
    assert (found["runs"], found["looks"], found["units"]) == (200, 50, 2000)
    assert chance(found["fixed"], 200).low < 0.05 < chance(found["fixed"], 200).high
    assert chance(found["peeked"], 200).low > 0.2
    assert found["always"] <= 10
    assert found["mismatched"] <= 1


def test_a_seed_gives_the_same_runs_and_another_one_others(newshole: Newshole) -> None:
    asked = ("simulate", "wider-gaps", "--rules", SITE, "--runs", "30", "--units", "300")
    assert newshole(*asked).out == newshole(*asked).out
    assert newshole(*asked).out != newshole(*asked, "--seed", "2").out


@pytest.mark.parametrize("name", ["events.db", "events"])
def test_the_plan_comes_from_what_was_logged(newshole: Newshole, tmp_path: Path, name: str) -> None:
    events = logged(tmp_path / name, 400)
    asked = ("simulate", "wider-gaps", "--rules", SITE, "--events", events, "--runs", "20")
    needs = json.loads(newshole(*asked, "--json").text)["needs"]
    assert needs["mean"] == pytest.approx(2.5)
    # A reader has 4 or 6 ads in 2 views, as often: a ratio of 2.5 whose variance is (1/2)² of one.
    # The test has four metrics, which share alpha.
    want = units_per_arm(Baseline(2.5, 0.25), 0.05, alpha=0.05 / 4)
    assert needs["always"] == pytest.approx(want, rel=0.01)
    assert needs["once"] < needs["always"]
    assert needs["days"] == 7 * max(1, -(-needs["always"] // (7 * 50)))
    assert [weeks for weeks, _ in needs["seen"]] == [1, 2, 4, 8]
    shown = newshole(*asked).text
    assert "400 units that were logged" in shown
    assert f"that is {needs['days']} days" in shown


def test_too_few_units_are_told(newshole: Newshole, tmp_path: Path) -> None:
    events = logged(tmp_path / "events.db", 99)
    refused(
        newshole("simulate", "wider-gaps", "--rules", SITE, "--events", events),
        f"{events} has page views of 99 readers, of 100 that are needed: leave out --events",
    )


def test_a_metric_that_is_nothing_plans_nothing(newshole: Newshole, tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    with closing(open_sink(path)) as sink:
        sink.write([Row(identity("view", n), NOON, "view", f"{n}", unit=f"u{n}") for n in range(120)])
    asked = ("simulate", "wider-gaps", "--rules", SITE, "--events", path, "--runs", "20")
    assert json.loads(newshole(*asked, "--json").text)["needs"] is None
    assert "is 0 in this traffic: nothing can be planned" in newshole(*asked).text


def test_made_up_readers_are_as_unlike_as_real_ones() -> None:
    own = [(y, x) for _, y, x in made_up(5_000, 1)]
    found = baseline(BY_NAME["ad_viewable_per_view"], Moments.of(own))
    assert found.mean == pytest.approx(1.2, rel=0.1)
    assert max(x for _, x in own) > 10
    assert sum(x == 1 for _, x in own) > 1_500


@pytest.mark.parametrize("name", ["events.db", "events"])
def test_of_many_units_those_who_come_most_are_not_taken_before_others(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with closing(open_sink(path)) as sink:
        sink.write(
            [
                Row(identity("view", n, k), NOON + n, "view", f"{n}-{k}", unit=identity("reader", n))
                for n in range(1_000)
                for k in range(9 if n < 500 else 1)
            ]
        )
    with closing(open_table(path)) as table:
        found = logged_units(table, BY_NAME["ad_viewable_per_view"], 200)
    assert sum(views for _, _, views in found) / 200 == pytest.approx(5, abs=1)
