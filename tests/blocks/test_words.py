"""The words of every language."""

from __future__ import annotations

import re
from dataclasses import asdict

import pytest
from babel import Locale

from newshole.blocks.follow import NETWORKS
from newshole.blocks.words import LANGUAGES, WORDS, direction, language_of, locale_of

SPOKEN = "en de fr es pt it nl pl cs sk uk ru sv no da fi tr el ro hu ar he ja zh ko".split()
BRACES = {
    "source_named": {"name"},
    "over": {"number"},
    "on": {"network"},
    "follow": {"page", "on"},
    "join": {"followers", "page", "on"},
    "follow_all": {"page"},
    "paid_by": {"name"},
}


MAY_BE_THE_SAME = {"over", "on", "on_network", "source_named"}
"""Words that another language may have as English has them."""


def test_all_twenty_five_languages_are_spoken() -> None:
    assert set(SPOKEN) <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word_with_its_braces(language: str) -> None:
    for name, word in asdict(WORDS[language]).items():
        if name != "on_network":
            assert word.strip() == word != "", name
            assert set(re.findall(r"\{(\w+)\}", word)) == BRACES.get(name, set()), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_phrases_are_for_networks_that_there_are(language: str) -> None:
    assert WORDS[language].on_network.keys() <= NETWORKS.keys()


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_no_language_was_left_in_english(language: str) -> None:
    words, english = asdict(WORDS[language]), asdict(WORDS["en"])
    for name in words.keys() - MAY_BE_THE_SAME:
        assert words[name] != english[name], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_locale_for_its_dates(language: str) -> None:
    assert Locale.parse(locale_of(language)).language == language.partition("-")[0]


@pytest.mark.parametrize(
    ("tag", "language", "locale"),
    [
        ("en", "en", "en"),
        ("en-US", "en", "en_US"),
        ("pt-br", "pt", "pt_BR"),
        ("de_CH", "de", "de_CH"),
        ("nb-NO", "no", "nb_NO"),
        ("iw", "he", "he_IL"),
        ("zh-CN", "zh", "zh_Hans_CN"),
        ("zh-TW", "zh-Hant", "zh_Hant_TW"),
        ("hi", "en", "hi"),
        ("xx", "en", "en"),
        ("", "en", "en"),
        ("../../etc/passwd", "en", "en"),
        ("English", "en", "en"),
    ],
)
def test_a_tag_finds_its_language_and_locale(tag: str, language: str, locale: str) -> None:
    assert language_of(tag) == language
    assert locale_of(tag) == locale


def test_directions() -> None:
    assert [direction(tag) for tag in ("ar-EG", "he", "iw", "fa", "en", "ja")] == ["rtl"] * 4 + ["ltr"] * 2
