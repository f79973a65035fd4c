"""`docs/experiments.md` says what is so."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newshole.experiments.metrics import METRICS, Metric
from newshole.rules.compile import load
from newshole.rules.continuity import changed_in_flight
from newshole.rules.fairness import MOST_VARIANTS
from tests.rules.files import rules, write

PAGE = (Path(__file__).parents[2] / "docs" / "experiments.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_loads(tmp_path: Path, example: str) -> None:
    (loaded,) = load(write(tmp_path, site=example) / "site.yaml")
    assert loaded.experiments


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_has_a_row_that_says_which_way_is_good(metric: Metric) -> None:
    [row] = re.findall(rf"^\| `{metric.name}` \|.*\| (\w+) \|$", PAGE, re.MULTILINE)
    assert row == ("more" if metric.is_more_better else "less")


def test_the_most_variants_are_those_of_the_rules() -> None:
    assert f"**More than {MOST_VARIANTS} variants of a page**" in PAGE


def test_what_is_told_of_changes_is_what_they_are_told_as(tmp_path: Path) -> None:
    before = EXAMPLES[0].replace("traffic: 10%", "traffic: 50%")
    after = EXAMPLES[0].replace("control: {}", "control: {weight: 2}")
    old, new = (rules(tmp_path, each) for each in (before, after))
    told = [f"news: {each}" for each in changed_in_flight(old, new, datetime(2026, 12, 5, tzinfo=UTC))]
    [shown] = re.findall(r"```text\n(news: .*?)```", PAGE, re.DOTALL)
    assert told == shown.splitlines()
