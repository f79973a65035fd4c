"""Reasons as sentences: words that an editor reads, without a code or a path of the rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import newshole
from newshole.explaining.sentences import SENTENCES, rule_in_words, sentence
from newshole.explaining.words import in_words
from newshole.types import Reason

_CODE = re.compile(r'Reason\(\s*"([a-z-]+)"')
_PASSED = re.compile(r'(?:_short|_reached)\(\s*"([a-z-]+)"|\("(gap|ads-apart)"')


def _codes() -> set[str]:
    """The codes of all reasons that the package gives."""
    sources = "".join(each.read_text("utf-8") for each in Path(newshole.__file__).parent.rglob("*.py"))
    passed = {each for found in _PASSED.findall(sources) for each in found if each}
    return {*_CODE.findall(sources), *passed}


def test_every_reason_has_a_sentence_and_every_sentence_a_reason() -> None:
    assert _codes() | {"gap", "ads-apart"} == {*SENTENCES}


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (
            Reason("gap", "layout.gap[1]", "120 words", "97 words to inline-ad"),
            "Blocks keep 120 words between them; here 97 words to inline-ad (layout: gap)",
        ),
        (
            Reason("after-heading", "layout.clear.heading.after", "1 unit", "0 units"),
            "Blocks keep 1 unit below each heading; here 0 units (layout: clear heading after)",
        ),
        (
            Reason("no-place", "blocks.follow.place", "body-end", "none"),
            "This page lacks its place: it asks for right after the story; there is none (follow: place)",
        ),
        (
            Reason("when", "blocks.follow.when.section", "Sport", "City"),
            "Its condition on section asks for Sport; here City (follow: when section)",
        ),
        (
            Reason("when", "blocks.label.when.meta.sponsor", "present", "none"),
            "Its condition on meta sponsor asks for any; here none (label: when meta sponsor)",
        ),
        (
            Reason("story", "X-Newshole", "a story that does not say no-ads", "no-ads"),
            "It wants a story that does not say no-ads; this one does (X-Newshole)",
        ),
        (
            Reason("switched-off", "switches.block[ad]", "a switch that is on", "off by jo: a complaint"),
            "It is switched off by jo: a complaint (Switches)",
        ),
    ],
)
def test_a_reason_is_a_sentence_with_its_rule(reason: Reason, said: str) -> None:
    assert in_words(reason) == said


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("layout.ads_apart[0]", "layout: ads apart"),
        ("blocks.inline-ad", "inline-ad"),
        ("blocks.inline-ad.when.section", "inline-ad: when section"),
        ("overrides[quiet].set.layout.ads", "override quiet, layout: ads"),
        ("overrides[quiet].drop", "override quiet: drop"),
        ("sensitivity.solemn.words[3]", "sensitivity: solemn words"),
        ("Content-Security-Policy", "Content-Security-Policy"),
    ],
)
def test_a_rule_is_called_by_its_keys(path: str, words: str) -> None:
    assert rule_in_words(path) == words


def test_braces_of_a_page_are_words_like_others() -> None:
    assert sentence(Reason("when", "", "{found}", "{0}")) == (
        "Its condition on pages and readers asks for {found}; here {0}"
    )
