"""The label of paid content."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from newshole.blocks.words import LANGUAGES
from newshole.rules.kinds.paid import Paid
from newshole.site import Site
from tests.blocks.newsroom import STORY, block, fragment, in_language, text, view
from tests.rules.files import mistakes, write

RULES = """
articles: [{path: /**}]
blocks:
  label: {kind: paid, meta: Sponsor, place: headline-before}
  source: {kind: source, url: "https://agency.example", place: body-end}
  call: {kind: follow, network: x, page: P, url: "https://x.com/p", place: body-end}
overrides:
  - {name: paid-for, when: {meta: {sponsor: present}}, only: [label, source]}
"""
PAGE = """<!doctype html><html lang=en><head><title>T</title>{}</head><body><article><h1>T</h1><div>
{}</div></article></body></html>"""


def said(options: Paid, *metas: str) -> str:
    story = replace(STORY, metas=(("sponsor", metas),) if metas else ())
    return text(fragment(block(options), view(story=story)))


def test_the_label_stands_also_where_nobody_says_who_paid() -> None:
    assert said(Paid()) == "Paid content"
    assert said(Paid(meta="sponsor")) == "Paid content"


def test_who_paid_is_named() -> None:
    assert said(Paid(by="Acme")) == "Sponsored by Acme"
    assert said(Paid(meta="Sponsor"), "  Acme\n Works ") == "Sponsored by Acme Works"


def test_the_page_goes_before_the_rules() -> None:
    assert said(Paid(by="Acme", meta="sponsor"), "Borealis") == "Sponsored by Borealis"
    assert said(Paid(by="Acme", meta="sponsor")) == "Sponsored by Acme"


@pytest.mark.parametrize("word", ["true", "1", "Yes", "sponsored"])
def test_a_meta_element_that_only_says_so_names_nobody(word: str) -> None:
    assert said(Paid(meta="sponsor"), word) == "Paid content"


def test_a_text_of_its_own() -> None:
    options = Paid(text="{by} paid for this story in {section}", meta="sponsor")
    assert said(options, "Acme") == "Acme paid for this story in World"
    assert said(options) == "Paid content"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_label_with_and_without_a_name(language: str) -> None:
    without, named = (
        text(fragment(block(options), in_language(language))) for options in (Paid(), Paid(by="Acme"))
    )
    assert "Acme" in named
    assert without
    assert without != named


def test_a_paid_story_gets_the_label_and_its_source_alone(tmp_path: Path) -> None:
    site = Site.load(write(tmp_path, site=RULES) / "site.yaml")
    lines = f"<p>{'One more line of a long story. ' * 20}</p>" * 6
    paid = site.compose(
        PAGE.format("<meta name=sponsor content=Acme>", lines).encode(), url="https://n.example/a"
    )
    free = site.compose(PAGE.format("", lines).encode(), url="https://n.example/a")
    assert {each.block for each in paid.insertions} == {"label", "source"}
    assert b"Sponsored by Acme" in paid.html
    assert {each.block for each in free.insertions} == {"label", "source", "call"}


def test_an_unknown_variable_is_a_mistake(tmp_path: Path) -> None:
    text = "blocks:\n  x: {kind: paid, place: body-end, text: 'By {buy}'}\n"
    [mistake] = mistakes(tmp_path, text)
    assert mistake.endswith('unknown variable "{buy}"; did you mean "{by}"?')
