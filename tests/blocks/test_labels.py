"""The labels that the ad policies allow."""

from __future__ import annotations

from pathlib import Path

import pytest

from newshole.blocks.labels import is_allowed, label_reminders
from newshole.blocks.words import WORDS
from newshole.rules.compile import load

AD = "{kind: ad, sizes: {mobile: [[300, 250]]}, place: body-end, label: L, serve: S}"


@pytest.mark.parametrize("language", WORDS)
def test_the_label_of_every_language_is_allowed(language: str) -> None:
    assert is_allowed(WORDS[language].advertisement)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("- Advertisement -", True),
        ("ADVERTISEMENTS", True),
        ("— Sponsored  Links —", True),
        ("Gesponserte Links", True),
        ("Must read", False),
        ("Advertisement: our pick", False),
        ("Recommended", False),
        ("-", False),
    ],
)
def test_only_wordings_of_advertisement_and_sponsored_links_are_allowed(label: str, expected: bool) -> None:
    assert is_allowed(label) == expected


@pytest.mark.parametrize(
    ("serve", "is_told"),
    [
        ("{slot: a}", True),
        ("{gpt: {unit: /1/x}}", True),
        ('{adsense: {client: ca-pub-1234567890123456, slot: "1234567890"}}', True),
        ("{amp: {type: adsense}}", True),
        ("{amp: {type: taboola}}", False),
        ("{html: <p>x</p>}", False),
    ],
)
def test_a_label_is_told_of_where_google_may_fill_the_ad(tmp_path: Path, serve: str, is_told: bool) -> None:
    file = tmp_path / "news.yaml"
    file.write_text(f"blocks: {{x: {AD.replace('L', 'Our picks').replace('S', serve)}}}", encoding="utf-8")
    [rules] = load(file)
    assert bool(label_reminders(rules)) == is_told


def test_a_label_that_an_override_sets_is_told_of(tmp_path: Path) -> None:
    file = tmp_path / "news.yaml"
    block = AD.replace("L", "Advertisement").replace("S", "{slot: a}")
    change = "{name: a, when: {section: X}, set: {blocks.x.label: Hot}}"
    file.write_text(f"blocks: {{x: {block}}}\noverrides: [{change}]", encoding="utf-8")
    [rules] = load(file)
    [line] = label_reminders(rules)
    assert line.startswith('blocks.x.label: Google\'s ad policies do not allow "Hot"')


def test_the_pack_of_the_reference_page_has_none() -> None:
    [rules] = load("reference")
    assert label_reminders(rules) == []
