"""The changes that the docs show, as rules: what readers get under them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newshole import Composition, Reader, Site
from tests.pages import SENTENCE, check_composed
from tests.rules.files import write

DOCS = (Path(__file__).parents[2] / "docs" / "rules.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)


def example(name: str, folder: Path) -> Site:
    """The site of the one example that has an override of this name."""
    [written] = [each for each in EXAMPLES if f"- name: {name}\n" in each]
    return Site.load(write(folder, site=f"site: Evening News\n{written}") / "site.yaml")


def page(section: str, *tags: str, paragraphs: int = 40) -> bytes:
    metas = "".join(f'<meta property="article:tag" content="{tag}">' for tag in tags)
    text = "".join(f"<p>{SENTENCE * 3}</p>\n" for _ in range(paragraphs))
    return (
        f'<!doctype html><html lang="en"><head><title>Bridge</title>{metas}<meta property="article:section" '
        f'content="{section}"></head><body><main><h1>Bridge</h1><div>{text}</div></main></body></html>'
    ).encode()


def composed(site: Site, body: bytes, reader: Reader | None = None) -> Composition:
    made = site.compose(body, url="https://news.example/a/bridge", reader=reader)
    check_composed(body, made)
    return made


def blocks(made: Composition) -> list[str]:
    return [each.block for each in made.insertions]


def test_business_has_more_ads_nearer_to_each_other(tmp_path: Path) -> None:
    site = example("business-denser", tmp_path)
    elsewhere, business = (composed(site, page(section)) for section in ("Sport", "Business"))
    assert (len(elsewhere.insertions), elsewhere.overrides) == (4, ())
    assert (len(business.insertions), business.overrides) == (7, ("business-denser",))


def test_units_and_positions_are_those_of_the_section_and_the_copy(tmp_path: Path) -> None:
    made = composed(example("business-denser", tmp_path), page("Business"))
    for n, each in enumerate(made.insertions, 1):
        assert b"/1234/evening-news/business" in each.html
        assert f"inline-{n}".encode() in each.html


@pytest.mark.parametrize(
    ("section", "day", "is_taken_over"),
    [
        ("Business", 12, True),
        ("Business", 14, True),
        ("Business", 11, False),
        ("Business", 15, False),
        ("Sport", 13, False),
    ],
)
def test_a_takeover_has_all_the_ads_of_its_section_for_three_days_and_nothing_beside(
    tmp_path: Path, section: str, day: int, is_taken_over: bool
) -> None:
    reader = Reader(now=datetime(2026, 3, day, 12, tzinfo=UTC))
    made = composed(example("acme-takeover", tmp_path), page(section), reader)
    assert blocks(made) == (["top-ad", "end-ad"] if is_taken_over else ["top-ad", "end-ad", "follow"])
    assert (b'data-nh-slot="acme-top"' in made.html) == is_taken_over
    assert (b'data-nh-slot="top"' in made.html) != is_taken_over


def test_a_sponsored_story_has_no_ads_and_says_who_paid_for_it(tmp_path: Path) -> None:
    site = example("paid-for", tmp_path)
    made = composed(site, page("Sport", "sponsored"))
    assert blocks(made) == ["paid-for-by"]
    assert b"Paid for by Acme" in made.html
    dropped = [each.reasons[0] for each in made.decisions if each.block == "end-ad"]
    assert [(each.code, each.bound) for each in dropped] == [("dropped", "overrides[paid-for].only")]
    assert blocks(composed(site, page("Sport"))) == ["end-ad"]
