"""`docs/report.md` tells of every check, metric, outcome and column."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from newshole.experiments.analysis.readout import Outcome
from newshole.experiments.analysis.revenue import COLUMNS, IMPRESSIONS
from newshole.experiments.analysis.verdict import WRONG
from newshole.experiments.events.exporting import SHAPES
from newshole.experiments.metrics import METRICS
from newshole.experiments.reporting.words import CHECKS, OUTCOMES

DOCS = Path(__file__).parents[3] / "docs"
REPORT = (DOCS / "report.md").read_text("utf-8")


def first_column(page: str, heading: str) -> set[str]:
    table = page.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    return set(re.findall(r"^\| `([^`]+)`", table, re.MULTILINE))


def test_every_check_is_documented() -> None:
    assert first_column(REPORT, "check") == set(CHECKS)


def test_every_check_that_breaks_a_test_has_words_and_says_so() -> None:
    breaking = {
        code for code in CHECKS if re.search(rf"^\| `{code}` .* \| yes[^|]* \|$", REPORT, re.MULTILINE)
    }
    assert breaking == set(WRONG)


def test_every_metric_is_documented() -> None:
    assert first_column(REPORT, "metric") == {each.name for each in METRICS}


def test_every_outcome_has_words() -> None:
    assert set(OUTCOMES) == set(get_args(Outcome))
    assert {each for each in OUTCOMES if f"`{each}`" in REPORT} >= {
        "better",
        "worse",
        "no-difference",
        "open",
    }


def test_every_column_of_the_money_is_documented() -> None:
    for column in (*COLUMNS, IMPRESSIONS):
        assert f"`{column}`" in REPORT


def test_every_form_of_an_export_is_documented() -> None:
    assert first_column((DOCS / "events.md").read_text("utf-8"), "form") == set(SHAPES)
