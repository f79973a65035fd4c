"""Starting, stopping and widening an experiment: the YAML that comes of it, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import pytest

from newshole.console.experiments.steering import Step, state_of, steered
from newshole.errors import UsageError
from newshole.live.source import Source, load_site
from newshole.rules.continuity import broken_experiments
from newshole.rules.editing.edits import EditError
from newshole.rules.experiments import Experiment
from newshole.rules.ruleset import Rules
from newshole.site import Site

NOW: Final = datetime(2026, 11, 29, 12, 0, 30, tzinfo=UTC)
BASE: Final = """timezone: Europe/Berlin
blocks:
  a: {kind: html, html: <p>a</p>, place: body-end} # the only one
"""
EXPERIMENT: Final = """experiments:
  fewer: # asked for by the ad desk
    unit: page
    salt: fewer-1
    traffic: 40%
    arms: {control: {}, none: {drop: a}}
"""


def source(*lines: str) -> Source:
    return Source("news.yaml", {"news.yaml": BASE + EXPERIMENT + "".join(f"    {line}\n" for line in lines)})


def loaded(source: Source) -> tuple[Site, Rules, Experiment]:
    site = load_site(source)
    (rules,) = site.rules
    return site, rules, rules.experiments[0]


def after(source: Source, step: Step, traffic: str = "") -> tuple[list[str], Source, str]:
    """The lines that a step adds, the rules after it, and its note."""
    _, rules, experiment = loaded(source)
    done = steered(source, rules, experiment, step, traffic=traffic, now=NOW)
    old, new = (each.files["news.yaml"].splitlines() for each in (source, done.source))
    return [line for line in new if line not in old], done.source, done.note


def test_stopping_writes_the_next_minute_by_the_clock_of_the_rules_and_nothing_else() -> None:
    added, stopped, note = after(source(), "stop")
    assert [line.strip() for line in added] in (["until: 2026-11-29T13:01"], ['until: "2026-11-29T13:01"'])
    assert note == "Stop the experiment fewer"
    assert "# asked for by the ad desk" in stopped.files["news.yaml"]
    _, _, experiment = loaded(stopped)
    assert state_of(experiment, NOW) == "running"
    assert state_of(experiment, NOW.replace(minute=2)) == "ended"


def test_stopping_breaks_nothing() -> None:
    before, stopped = source(), after(source(), "stop")[1]
    assert broken_experiments(load_site(before).rules, load_site(stopped).rules) == []


def test_one_that_has_not_begun_is_started_now() -> None:
    _, started, note = after(source("from: 2027-01-01"), "start")
    _, _, experiment = loaded(started)
    assert state_of(experiment, NOW.replace(minute=2)) == "running"
    assert experiment.allocation.salt == "fewer-1"
    assert note == "Start the experiment fewer"


def test_one_that_has_ended_is_started_again_as_another_test() -> None:
    _, started, note = after(source("until: 2026-01-01"), "start")
    _, _, experiment = loaded(started)
    assert state_of(experiment, NOW.replace(minute=2)) == "running"
    assert experiment.allocation.salt == "fewer-2"
    assert "dealt anew" in note


@pytest.mark.parametrize("written", ["60", "60%", " 60.0 % "])
def test_a_ramp_writes_the_share_as_rules_have_it(written: str) -> None:
    added, widened, note = after(source(), "ramp", written)
    assert [line.strip() for line in added] == ["traffic: 60%"]
    assert loaded(widened)[2].traffic == pytest.approx(0.6)
    assert note == "Take 60% of readers into fewer"


@pytest.mark.parametrize("written", ["", "0", "101", "-5%", "many", "nan", "1e400"])
def test_what_is_no_share_is_refused(written: str) -> None:
    with pytest.raises(UsageError, match="no share of readers"):
        after(source(), "ramp", written)


def test_steps_that_make_no_sense_are_refused() -> None:
    with pytest.raises(UsageError, match="runs already"):
        after(source(), "start")
    with pytest.raises(UsageError, match="cannot be stopped"):
        after(source("until: 2026-01-01"), "stop")


def test_the_file_that_an_experiment_is_written_in_is_the_one_that_changes() -> None:
    files = {"news.yaml": "extends: base.yaml\nsite: News\n", "base.yaml": BASE + EXPERIMENT}
    split = Source("news.yaml", files)
    _, rules, experiment = loaded(split)
    done = steered(split, rules, experiment, "stop", now=NOW)
    assert done.source.files["news.yaml"] == files["news.yaml"]
    assert "until" in done.source.files["base.yaml"]


def test_where_two_files_write_it_the_site_s_own_is_changed() -> None:
    files = {
        "news.yaml": "extends: base.yaml\nexperiments: {fewer: {traffic: 50%}}\n",
        "base.yaml": BASE + EXPERIMENT,
    }
    split = Source("news.yaml", files)
    _, rules, experiment = loaded(split)
    done = steered(split, rules, experiment, "ramp", traffic="70", now=NOW)
    assert done.source.files == {
        **files,
        "news.yaml": "extends: base.yaml\nexperiments: {fewer: {traffic: 70%}}\n",
    }


def test_what_cannot_be_told_apart_is_to_be_edited_by_hand() -> None:
    files = {
        "x/a.yaml": BASE + EXPERIMENT,
        "x/b.yaml": "extends: a.yaml\nexperiments: {fewer: {traffic: 50%}}\n",
        "x/c.yaml": "extends: b.yaml\n",
    }
    split = Source("x/c.yaml", files)
    _, rules, experiment = loaded(split)
    with pytest.raises(EditError, match=r"a\.yaml, x/b\.yaml"):
        steered(split, rules, experiment, "stop", now=NOW)
