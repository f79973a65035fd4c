"""How a site sets its stories, as rules say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from newshole.page.screen import Metrics, Screen
from newshole.rules.compile import load
from tests.rules.files import problems, write


def metrics(folder: Path, screen: str) -> Metrics:
    write(folder, site=f"screen: {screen}\n")
    [rules] = load(folder / "site.yaml")
    return rules.metrics


def test_without_screen_a_site_is_set_as_news_sites_are(tmp_path: Path) -> None:
    write(tmp_path, site="site: News\n")
    assert load(tmp_path / "site.yaml")[0].metrics == Metrics()


def test_what_is_said_goes_over_what_is_usual(tmp_path: Path) -> None:
    said = metrics(tmp_path, "{mobile: {column: 300 px, viewport: 320x640, line: 25.5px}}")
    assert said.desktop == Metrics().desktop
    assert said.mobile == Screen(320, 640, 300, 18, 25.5, Metrics().mobile.letter, 20)


def test_every_length_can_be_said(tmp_path: Path) -> None:
    said = metrics(
        tmp_path,
        "{desktop: {viewport: 1440x900, column: 700 px, font: 19 px, line: 30 px, letter: 0.5 em, "
        "margin: 24 px}}",
    )
    assert said.desktop == Screen(1440, 900, 700, 19, 30, 0.5, 24)


@pytest.mark.parametrize(
    ("screen", "told"),
    [
        ("mobile: {viewport: wide}", 'viewport: expected a viewport such as "360x800", width before height'),
        ("mobile: {column: 300}", 'column: expected a length such as "640 px", from 100 to 4000 px'),
        ("mobile: {font: 2 px}", 'font: expected a length such as "18 px", from 6 to 60 px'),
        ("mobile: {letter: 9 px}", 'letter: expected a length such as "0.49 em", from 0.2 to 1.5 em'),
        ("mobile: {colum: 300 px}", 'colum: unknown key; did you mean "column"?'),
        (
            "mobile: {viewport: 360x800, column: 500 px}",
            "column: the column of 500 px is wider than the viewport of 360",
        ),
    ],
)
def test_mistakes_are_told_at_their_place(tmp_path: Path, screen: str, told: str) -> None:
    write(tmp_path, site=f"screen:\n  {screen}\n")
    [problem] = problems(tmp_path / "site.yaml")
    assert f"screen.mobile.{told}" in problem


def test_a_screen_is_part_of_the_digest(tmp_path: Path) -> None:
    digests = set()
    for font in (18, 19):
        write(tmp_path, site=f"screen: {{mobile: {{font: {font} px}}}}\n")
        digests.add(load(tmp_path / "site.yaml")[0].digest)
    assert len(digests) == 2
