"""Languages that newshole has no words in."""

from __future__ import annotations

from pathlib import Path

import pytest

from newshole.blocks.unspoken import KEYS, unspoken
from newshole.blocks.words import LANGUAGES
from newshole.rules.kinds import KINDS
from tests.rules.files import rules

BLOCKS = """
blocks:
  ad: {kind: ad, sizes: {mobile: [[300, 250]]}, serve: {slot: x}, place: body-end}
  call: {kind: follow, network: x, page: P, url: "https://x.com/p", text: TEXT, place: body-end}
  mail: {kind: newsletter, action: /in, title: Hola, place: body-end}
  own: {kind: html, html: <p>x</p>, place: body-end}
"""


def test_the_words_that_stay_english_are_told_by_the_keys_that_replace_them(tmp_path: Path) -> None:
    found = rules(tmp_path, "language: ca" + BLOCKS.replace("TEXT", "{es: Hola, ca: Bon dia}"))
    [line] = unspoken(found)
    assert line == (
        "language ca: newshole has no words in it, so blocks speak English: "
        "write your own in blocks.ad.label, blocks.mail.button"
    )
    other = rules(tmp_path, "language: ca" + BLOCKS.replace("TEXT", "{es: Hola}"))
    assert "blocks.call.text" in unspoken(other)[0]


def test_an_override_may_fix_such_a_language_too(tmp_path: Path) -> None:
    text = BLOCKS.replace("TEXT", "Hi") + "overrides: [{name: hindi, set: {language: hi-IN}}]\n"
    [line] = unspoken(rules(tmp_path, text))
    assert line.startswith("language hi-IN: newshole has no words in it")


@pytest.mark.parametrize("language", ["auto", *LANGUAGES, "pt-BR", "nb", "zh-TW"])
def test_nothing_is_told_of_the_languages_that_newshole_speaks(tmp_path: Path, language: str) -> None:
    assert unspoken(rules(tmp_path, f"language: {language}" + BLOCKS.replace("TEXT", "Hi"))) == []


def test_the_keys_are_keys_of_their_kinds() -> None:
    assert all(set(keys) <= set(KINDS[kind].key_names()) for kind, keys in KEYS.items())
