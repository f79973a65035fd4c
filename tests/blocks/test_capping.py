"""What a reader's browser keeps of blocks, as far as the server writes it."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from newshole import blocks
from newshole.blocks.words import WORDS
from newshole.rules.capping import Frequency
from newshole.rules.compile import load
from newshole.rules.ruleset import Block
from newshole.rules.spans import Age
from tests.blocks.newsroom import block, fragment, in_language, parsed, skeleton
from tests.blocks.test_blocks import every_kind
from tests.rules.files import problems, write

THRICE_A_DAY = Frequency(3, timedelta(days=1))
RULES = """
blocks:
  note: {{kind: html, html: <p>x</p>, place: body-end, {}}}
"""


def capped(made: Block) -> Block:
    return replace(made, frequency=THRICE_A_DAY)


def closable(made: Block) -> Block:
    return replace(made, dismissed=Age(30, "day"))


@pytest.mark.parametrize("id_", every_kind())
def test_a_block_of_every_kind_can_be_capped_and_closed(id_: str) -> None:
    made = block(every_kind()[id_], id_)
    aside = parsed(fragment(closable(capped(made))))
    assert aside.get("data-nh-cap") == f"{id_} 3 24"
    assert aside.get("data-nh-close") == f"{id_} 1 720"
    button = aside[-1]
    assert (button.tag, button.get("type"), button.get("class")) == ("button", "button", "nh-dismiss")
    assert button.get("aria-label") == "Hide"
    aside.remove(button)
    assert [skeleton(each) for each in aside] == [skeleton(each) for each in parsed(fragment(made))]


def test_a_block_that_is_only_capped_has_no_button() -> None:
    assert not list(parsed(fragment(capped(block(every_kind()["follow"])))).iter("button"))


@pytest.mark.parametrize("language", WORDS)
def test_the_button_speaks_the_pages_language(language: str) -> None:
    button = parsed(fragment(closable(block(every_kind()["html"])), in_language(language)))[-1]
    assert (button.get("aria-label"), button.get("lang")) == (WORDS[language].dismiss, None)


def test_a_button_in_another_language_than_the_page_says_so() -> None:
    button = parsed(fragment(closable(block(every_kind()["html"])), in_language("fa")))[-1]
    assert (button.get("lang"), button.get("dir")) == ("en", "ltr")


def test_the_script_comes_once_and_right_behind_the_style() -> None:
    page = [capped(block(every_kind()["follow"], "a")), closable(block(every_kind()["gpt"], "b"))]
    runtime = blocks.runtime([block(every_kind()["gpt"], "c"), *page])
    _, _, behind = runtime.partition(b"</style>")
    assert behind.startswith(b"<script data-newshole-runtime>(() => {\nconst now")
    assert behind.count(b"localStorage.newshole = ") == 1
    assert b"googletag" in behind


def test_a_page_without_such_blocks_has_no_script() -> None:
    runtime = blocks.runtime([block(every_kind()["follow"])])
    assert b"<script" not in runtime
    assert b"nh-dismiss" not in runtime


def test_a_page_grows_by_about_six_hundred_bytes() -> None:
    plain = [block(each, id_) for id_, each in every_kind().items() if id_ != "gpt"]
    sizes = [len(gzip.compress(blocks.runtime(each))) for each in (plain, [*map(capped, plain)])]
    assert sizes[1] - sizes[0] < 640


def test_frequency_and_dismissed_are_read_from_rules(tmp_path: Path) -> None:
    text = RULES.format("frequency: {max: 2, per: week}, dismissed: 30 days")
    [rules] = load(write(tmp_path, site=text))
    assert rules.blocks[0].frequency == Frequency(2, timedelta(days=7))
    assert rules.blocks[0].dismissed == Age(30, "day")


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ("dismissed: often", 'expected a length of time such as "30 days" or "6 months", found "often"'),
        ("frequency: {max: 0, per: day}", "expected a whole number from 1 to 1000, found 0"),
        ("frequency: {max: 3, per: year}", "expected one of hour, day, week, month"),
        ("frequency: {max: 3}", 'needs "per"'),
    ],
)
def test_mistakes_are_told(tmp_path: Path, keys: str, sentence: str) -> None:
    [problem] = problems(write(tmp_path, site=RULES.format(keys)))
    assert sentence in problem


def test_an_override_may_change_how_often_a_block_is_seen(tmp_path: Path) -> None:
    text = RULES.format("frequency: {max: 2, per: week}") + (
        "overrides:\n  - {name: more, set: {blocks.note.frequency.max: 9, blocks.note.dismissed: 1 day}}\n"
    )
    [rules] = load(write(tmp_path, site=text))
    assert rules.under((0,)).blocks[0].frequency == Frequency(9, timedelta(days=7))
    assert rules.under((0,)).blocks[0].dismissed == Age(1, "day")
