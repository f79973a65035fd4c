"""A folder with ten different mistakes, two of them duplicate keys: exactly ten problems, exactly placed."""

from __future__ import annotations

from pathlib import Path

import pytest

from newshole.errors import RulesError
from newshole.rules.compile import load
from tests.rules.files import write

HOUSE = """\
timezone: Mars/Olympus
layout:
  gap: [3 units, 120 words]
  start: 60 words
  gap: [2 units]
defaults:
  ad:
    sizes: {mobile: [[300]]}
"""

NEWS = """\
site: News
extends: house.yaml
hosts: news.example
layout:
  clear: {heading: {after: nevr}}
blocks:
  inline-ad:
    kind: ad
    serve: {slot: inline}
    place: {after: paragraph, nth: 4}
    repeat: {every: often, max: 3}
  follow:
    kind: follow
    netwrok: facebook
    page: News
    url: https://social.example/news
    place: body-end
  source:
    kind: source
    place: body-end
  source:
    kind: source
    place: body-start
"""

SPORT = """\
site: Sport
hosts: [sport.example, Bad.example]
blocks:
  more:
    kind: storys
    place: body-after
  latest:
    kind: stories
    source: latest
"""

TEN = """\
house.yaml:1:11: timezone: expected a time zone such as Europe/Warsaw, found "Mars/Olympus"
house.yaml:5:3: layout.gap: the same key twice; the first is in line 3
house.yaml:8:22: defaults.ad.sizes.mobile[0]: expected a size in pixels such as [300, 250], width before \
height, found a list
news.yaml:5:28: layout.clear.heading.after: expected a distance such as "350 words" or "4 paragraphs", or \
"never", found "nevr"
news.yaml:11:21: blocks.inline-ad.repeat.every: expected a distance such as "350 words" or "4 paragraphs", \
found "often"
news.yaml:14:5: blocks.follow.netwrok: unknown key; did you mean "network"?
news.yaml:21:3: blocks.source: the same key twice; the first is in line 18
sport.yaml:2:24: hosts[1]: expected a host in lower case, such as "news.example" or "*.news.example", \
found "Bad.example"
sport.yaml:5:11: blocks.more.kind: expected one of ad, stories, follow, video, source, strip, newsletter, \
paid, html, found "storys"; did you mean "stories"?
sport.yaml:8:5: blocks.latest: needs "place", "prefer" or "repeat"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path, house=HOUSE, news=NEWS, sport=SPORT)


def test_a_folder_with_ten_mistakes_gives_exactly_ten_lines(folder: Path) -> None:
    with pytest.raises(RulesError) as caught:
        load(folder)
    assert str(caught.value).replace(f"{folder}/", "") == TEN.rstrip("\n")
    assert len(caught.value.problems) == 10


def test_a_problem_says_in_fields_where_it_is(folder: Path) -> None:
    with pytest.raises(RulesError) as caught:
        load(folder)
    problem = caught.value.problems[5]
    assert (problem.file, problem.line, problem.column) == (folder / "news.yaml", 14, 5)
    assert NEWS.split("\n")[problem.line - 1][problem.column - 1 :] == "netwrok: facebook"


def test_nothing_else_is_wrong_in_that_folder(tmp_path: Path) -> None:
    mended = {
        "house": HOUSE.replace("Mars/Olympus", "UTC")
        .replace("  gap: [2 units]\n", "")
        .replace("[[300]]", "[[300, 250]]"),
        "news": NEWS.replace("nevr", "never")
        .replace("often", "350 words")
        .replace("netwrok", "network")
        .replace("  source:\n    kind: source\n    place: body-start\n", ""),
        "sport": SPORT.replace("Bad", "bad")
        .replace("storys", "source")
        .replace("source: latest", "source: latest\n    place: body-end"),
    }
    assert [rules.site for rules in load(write(tmp_path, **mended))] == ["News", "Sport"]
