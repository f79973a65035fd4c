"""A worked example: a known effect is found and told, and the A/A beside it finds nothing."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from newshole.experiments.analysis.readout import Readout, read_out
from newshole.experiments.analysis.verdict import verdict
from newshole.experiments.events.row import Row
from newshole.experiments.events.sinks.places import open_sink, open_table
from newshole.experiments.reporting.page import page
from newshole.experiments.reporting.words import method
from newshole.review.designs import design_of
from newshole.rules.experiments import Experiment
from newshole.site import Site
from tests.cli.conftest import Newshole, newshole, refused
from tests.experiments.traffic import DAY, START, Truth, traffic

pytestmark = pytest.mark.slow

SITE = Path(__file__).with_name("site.yaml")
CONTROL = Truth()
WIDE = Truth(viewable=1.5, density=0.2)
"""The truth: a quarter more viewable ads, a fifth less of the story is ads, and as many read to the end."""

__all__ = ["newshole"]


def experiment(name: str) -> Experiment:
    (rules,) = Site.load(SITE).rules
    (found,) = (each for each in rules.experiments if each.name == name)
    return found


def kept(path: Path, rows: Iterator[Row] | list[Row]) -> Path:
    with closing(open_sink(path)) as sink:
        sink.write(list(rows))
    return path


def read(events: Path, name: str = "wider-gaps") -> Readout:
    with closing(open_table(events)) as table:
        return read_out(design_of(experiment(name)), table, START, START + 30 * DAY)


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A week of two experiments at once: one whose arms differ, and an A/A."""
    rows = list(traffic(experiment("wider-gaps"), {"control": CONTROL, "wide": WIDE}, readers=3_000))
    rows += traffic(experiment("a-a"), {"control": CONTROL, "same": CONTROL}, readers=2_000, seed=2)
    return kept(tmp_path_factory.mktemp("example") / "events.db", rows)


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same where every fourth reader of one arm is lost."""
    rows = traffic(experiment("wider-gaps"), {"control": CONTROL, "wide": WIDE}, readers=2_000)
    lost = {"wide": 0.25}
    kept_rows = [row for row in rows if not (row.arm in lost and int(row.unit.rpartition("-")[2]) % 4 == 0)]
    return kept(tmp_path_factory.mktemp("broken") / "events.db", kept_rows)


def test_the_known_effect_is_found_and_its_guardrails_are_kept_apart(events: Path) -> None:
    found = read(events)
    assert found.is_sound
    (primary,) = found.primary
    assert primary.outcome == "better"
    assert primary.interval.low < WIDE.viewable / CONTROL.viewable - 1 < primary.interval.high
    outcomes = {each.metric.name: each.outcome for each in found.guardrails}
    assert outcomes["ad_density"] == "better"
    assert outcomes["read_through"] in ("open", "no-difference")


def test_the_a_a_beside_it_finds_nothing(events: Path) -> None:
    found = read(events, "a-a")
    assert found.is_sound
    assert {each.outcome for each in found.comparisons} <= {"open", "no-difference"}
    assert all(not each.interval.excludes(0) for each in found.trend)


def test_the_last_day_of_the_picture_is_what_the_readout_says(events: Path) -> None:
    found = read(events)
    (primary,), last = found.primary, found.trend[-1]
    assert len(found.trend) == 7
    assert last.lift == pytest.approx(primary.lift.value, rel=1e-9)
    assert last.interval == pytest.approx(primary.interval, rel=1e-6)


def test_intervals_narrow_from_day_to_day(events: Path) -> None:
    widths = [each.interval.high - each.interval.low for each in read(events).trend]
    assert widths == sorted(widths, reverse=True)


def test_the_terminal_says_the_verdict_first_then_whether_it_holds(newshole: Newshole, events: Path) -> None:
    outcome = newshole("report", "wider-gaps", "--rules", SITE, "--events", events)
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.text.splitlines()
    assert lines[1].startswith("“wide” raises viewable ads per page view by ")
    assert "The idea: Fewer, better-spaced ads" in outcome.text
    assert outcome.text.index("Is the test sound?") < outcome.text.index("What changed")
    assert "inline-ad 1" in outcome.text


def test_who_met_an_experiment_before_its_beginning_is_not_in_its_report(
    newshole: Newshole, events: Path, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.yaml"
    written = SITE.read_text("utf-8")
    rules.write_text(written.replace("  wider-gaps:\n", "  wider-gaps:\n    from: 2027-01-18\n", 1), "utf-8")
    whole, later, asked = (
        _views(newshole("report", "wider-gaps", "--events", events, "--json", "--rules", *more).text)
        for more in ((SITE,), (rules,), (rules, "--since", "2027-01-01"))
    )
    assert 0 < later < whole
    assert asked == whole


def _views(document: str) -> int:
    return sum(arm["views"] for arm in json.loads(document)["arms"])


def test_a_broken_test_shows_no_winner_anywhere(newshole: Newshole, broken: Path, tmp_path: Path) -> None:
    html, table = tmp_path / "report.html", tmp_path / "report.csv"
    outcome = newshole(
        "report", "wider-gaps", "--rules", SITE, "--events", broken, "--html", html, "--csv", table, "--json"
    )
    assert outcome.code == 1
    told = json.loads(outcome.text)
    assert told["sound"] is False
    assert {each["outcome"] for each in told["metrics"]} == {"broken"}
    assert [each["code"] for each in told["checks"] if not each["is_right"]] == ["shares"]
    assert {row["outcome"] for row in csv.DictReader(table.read_text("utf-8").splitlines())} == {"broken"}
    page = html.read_text("utf-8")
    assert "This test is broken, so it has no winner." in page
    assert "<svg" not in page
    assert "raises" not in page
    body = page.split("</style>")[1].replace("better-spaced", "")
    assert "better" not in body
    shown = newshole("report", "wider-gaps", "--rules", SITE, "--events", broken)
    assert "✕ Shares of the arms" in shown.text
    assert "What changed" not in shown.text


def test_json_and_csv_have_what_the_report_says(newshole: Newshole, events: Path, tmp_path: Path) -> None:
    table = tmp_path / "report.csv"
    outcome = newshole("report", "wider-gaps", "--rules", SITE, "--events", events, "--csv", table, "--json")
    told = json.loads(outcome.text)
    assert [each["arm"] for each in told["arms"]] == ["control", "wide"]
    assert sum(each["units"] for each in told["arms"]) == 3_000
    assert len(told["trend"]) == 7
    rows = list(csv.DictReader(table.read_text("utf-8").splitlines()))
    assert [row["metric"] for row in rows] == [each["metric"] for each in told["metrics"]]
    assert float(rows[0]["low"]) == pytest.approx(told["metrics"][0]["low"], abs=1e-4)
    assert rows[0]["role"] == "primary"


def test_the_page_stands_alone_and_its_pictures_are_told_in_words(events: Path) -> None:
    shown = page(read(events))
    assert re.findall(r"(?:src|href)=\"(?!#)", shown) == []
    assert "<script" not in shown
    assert shown.count('role="img"') == 2
    assert len(set(re.findall(r'\bid="([^"]+)"', shown))) == len(re.findall(r'\bid="([^"]+)"', shown))
    for target in re.findall(r"(?:href=\"#|url\(#)([^\")]+)", shown):
        assert f'id="{target}"' in shown
    (told,) = re.findall(r'<desc id="forest-desc">(.*?)</desc>', shown)
    assert "Viewable ads per page view +" in told
    assert "#0101" not in shown
    assert page(read(events)) == shown


@pytest.mark.browser
def test_the_page_fits_phones_and_is_readable_in_the_dark(events: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(page(read(events)), "utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium")
        shown = browser.new_page(viewport={"width": 340, "height": 700}, color_scheme="dark")
        shown.goto(file.as_uri())
        assert shown.evaluate("document.documentElement.scrollWidth") == 340
        colours = shown.evaluate(
            "[...document.querySelectorAll('figure text')].map(each => getComputedStyle(each).fill)"
        )
        assert set(colours) == {"rgb(236, 236, 236)"}
        sizes = shown.evaluate(
            "[...document.querySelectorAll('figure text')].map(each => each.getBoundingClientRect().height)"
        )
        assert min(sizes) >= 9
        browser.close()


def test_money_by_arm_and_position(newshole: Newshole, events: Path, tmp_path: Path) -> None:
    file = tmp_path / "money.csv"
    file.write_text(
        "nh_arm,nh_pos,revenue,impressions,line item\n"
        "wider-gaps:control,inline-ad-1,40.5,9000,x\nwider-gaps:wide,inline-ad-1,50,9100,x\n"
        "nh_arm=wide,nh_pos=inline-ad-1,1,10,y\nother:wide,inline-ad-1,99,1,x\nwider-gaps:control,inline-ad-2,3,900,x\n"
    )
    told = json.loads(
        newshole(
            "report", "wider-gaps", "--rules", SITE, "--events", events, "--revenue", file, "--json"
        ).text
    )
    assert told["revenue"] == [
        {"arm": "control", "position": "inline-ad-1", "amount": 40.5, "impressions": 9000},
        {"arm": "control", "position": "inline-ad-2", "amount": 3.0, "impressions": 900},
        {"arm": "wide", "position": "inline-ad-1", "amount": 51.0, "impressions": 9110},
    ]
    shown = newshole("report", "wider-gaps", "--rules", SITE, "--events", events, "--revenue", file).text
    views = {each["arm"]: each["views"] for each in told["arms"]}
    (line,) = re.findall(r"^all +(\S+) +(\S+)$", shown, re.MULTILINE)
    assert line == (f"{43_500 / views['control']:.2f}", f"{51_000 / views['wide']:.2f}")


def test_every_mistake_in_the_money_is_told(newshole: Newshole, events: Path, tmp_path: Path) -> None:
    file = tmp_path / "money.csv"
    file.write_text("nh_arm,nh_pos,revenue\nwide,a,many\nwide,a,-1\nwide,a,nan\n")
    outcome = newshole("report", "wider-gaps", "--rules", SITE, "--events", events, "--revenue", file)
    assert outcome.code == 1
    assert [line.split(":")[1] for line in outcome.err.splitlines()] == ["2", "3", "4"]
    file.write_text("arm,position\n")
    outcome = newshole("report", "wider-gaps", "--rules", SITE, "--events", events, "--revenue", file)
    assert len(outcome.err.splitlines()) == 3


def test_what_cannot_be_reported_is_told(newshole: Newshole, events: Path, tmp_path: Path) -> None:
    asked = ("--rules", SITE, "--events", events)
    refused(newshole("report", "wide", *asked), 'no experiment "wide": there are wider-gaps, a-a')
    none = tmp_path / "none.db"
    refused(
        newshole("report", "a-a", "--rules", SITE, "--events", none),
        f'no events in {none}: write them there with "newshole events sink --to {none}"',
    )
    empty = kept(tmp_path / "empty.db", [])
    refused(
        newshole("report", "a-a", "--rules", SITE, "--events", empty),
        f'{empty} has no exposures of "a-a": see that its sink runs',
    )
    refused(
        newshole("report", "a-a", *asked, "--since", "Monday"),
        'no moment: "Monday"; write it as 2026-12-01T06:00',
    )


def test_only_the_days_that_are_asked_for_count(newshole: Newshole, events: Path) -> None:
    told = json.loads(
        newshole(
            "report", "a-a", "--rules", SITE, "--events", events, "--since", "2027-01-16", "--until",
            "2027-01-18", "--json",
        ).text
    )  # fmt: skip
    assert [each["day"] for each in told["trend"]] == ["2027-01-16", "2027-01-17"]


def test_earlier_views_of_the_same_readers_take_variance_off(tmp_path: Path) -> None:
    own = replace(experiment("a-a"), primary="views_per_unit", guardrails=())
    rows = list(traffic(own, {"control": CONTROL, "same": CONTROL}, readers=1_500, earlier=True))
    path = kept(tmp_path / "events.db", rows)
    with closing(open_table(path)) as table:
        adjusted = read_out(design_of(own), table, START, START + 30 * DAY).primary[0]
    plain_path = kept(tmp_path / "plain.db", [row for row in rows if row.ms >= START])
    with closing(open_table(plain_path)) as table:
        plain = read_out(design_of(own), table, START, START + 30 * DAY).primary[0]
    assert plain.saved == 0
    assert adjusted.saved > 0.3
    left = adjusted.lift.difference.variance / plain.lift.difference.variance
    assert left == pytest.approx(1 - adjusted.saved, rel=0.1)
    assert not adjusted.interval.excludes(0)


def test_views_of_the_test_itself_are_never_taken_for_earlier_ones(tmp_path: Path) -> None:
    """What the arms changed must not be taken off, where a report begins in the middle of the test."""
    own = replace(experiment("a-a"), primary="views_per_unit", guardrails=())
    path = kept(tmp_path / "events.db", traffic(own, {"control": CONTROL, "same": CONTROL}, readers=600))
    with closing(open_table(path)) as table:
        found = read_out(design_of(own), table, START + 3 * DAY, START + 30 * DAY).primary[0]
    assert found.saved == 0


def told_of(readout: Readout, *changes: tuple[int, str, str]) -> str:
    """The verdict where some comparisons, by their number, are of other arms and have other outcomes."""
    comparisons = list(readout.comparisons)
    for number, arm, outcome in changes:
        comparisons[number] = replace(comparisons[number], arm=arm, outcome=outcome)  # type: ignore[arg-type]
    return verdict(replace(readout, comparisons=tuple(comparisons)))


def test_what_only_all_comparisons_together_leave_open_is_told_so(events: Path) -> None:
    told = told_of(read(events), (0, "wide", "open"))
    assert told.startswith("Not known yet whether “wide” changes viewable ads per page view: ")
    assert "Alone it would count as a change (from +" in told
    assert "it may be anything" not in told


def test_the_guardrails_of_one_arm_say_nothing_of_another_one(events: Path) -> None:
    found = read(events)
    open_ones = [(1, "wide", "open"), (2, "wide", "no-difference"), (3, "wide", "better")]
    assert "Not settled yet: whether it costs anything in stories read" in told_of(found, *open_ones)
    told = told_of(found, (1, "other", "worse"), (2, "wide", "no-difference"), (3, "wide", "better"))
    assert "But “other” " in told
    assert told.endswith("No guardrail is worse with “wide”.")


def test_a_plan_that_was_asked_for_promises_no_power(events: Path) -> None:
    computed = " ".join(method(read(events)))
    assert "readers an arm, to find a change of 5.0% with a chance of 80%" in computed
    assert "below 0.0001" in computed
    with closing(open_table(events)) as table:
        asked = read_out(design_of(experiment("wider-gaps"), planned=900), table, START, START + 30 * DAY)
    assert "Planned for 900 readers an arm; " in " ".join(method(asked))
