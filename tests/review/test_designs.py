"""The design of an experiment, and when it began, as the rules have them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from newshole import Site
from newshole.review.designs import began

RULES = """\
timezone: Europe/Berlin
vary: {id: {cookie: uid}}
blocks:
  box: {kind: html, html: <p>More news</p>, place: {after: paragraph, nth: 3}}
experiments:
  box-later:
    arms: {control: {}, later: {set: {blocks.box.place: {after: paragraph, nth: 6}}}}
"""


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("    from: 2026-12-01T06:00\n", datetime(2026, 12, 1, 5, tzinfo=UTC)),
        ("    from: 2026-07-01\n", datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ("", None),
    ],
)
def test_an_experiment_began_at_its_from_by_the_clocks_of_its_rules(
    tmp_path: Path, written: str, moment: datetime | None
) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(RULES + written, "utf-8")
    rules = Site.load(file).rules
    expected = None if moment is None else int(moment.timestamp() * 1000)
    assert began(rules, rules[0].experiments[0]) == expected
