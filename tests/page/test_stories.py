"""Every form of story is outlined as a person would see it."""

from __future__ import annotations

from newshole.page.body import find_body
from newshole.page.document import Document
from newshole.page.outline import Outline, outline
from newshole.page.words import count_words
from tests.page import stories
from tests.pages import SENTENCE


def outlined(page: bytes) -> Outline:
    document = Document(page)
    body = find_body(document)
    assert body is not None
    found = outline(document, body, None)
    assert found is not None
    return found


def kinds(found: Outline) -> list[str]:
    return [unit.kind for unit in found.units]


def closed(found: Outline) -> list[tuple[str, str]]:
    """The kinds of the neighbours between which no block may stand."""
    open_ = {gap.unit for gap in found.gaps}
    names = kinds(found)
    return [(names[n - 1], names[n]) for n in range(1, len(names)) if n not in open_]


def test_an_obituary() -> None:
    found = outlined(stories.OBITUARY)
    assert kinds(found) == [
        "paragraph", "image", "paragraph", "paragraph", "quote", "paragraph", "other", "paragraph",
    ]  # fmt: skip
    assert closed(found) == [("image", "paragraph")]
    assert found.units[4].words == 18  # what she said of her and who said it
    assert found.paragraphs == 5


def test_a_live_blog() -> None:
    found = outlined(stories.LIVE_BLOG)
    entry = ["heading", "paragraph", "paragraph", "embed"]
    assert kinds(found) == ["paragraph", *entry * 3]
    assert closed(found) == []
    page = stories.LIVE_BLOG
    between = [gap.offset for gap in found.gaps if found.units[gap.unit].kind == "heading"]
    assert all(page[at - 1 :].startswith((b"><section", b"><h3")) for at in between)
    assert len(between) == 3


def test_a_recipe() -> None:
    found = outlined(stories.RECIPE)
    assert kinds(found) == [
        "paragraph", "image", "heading", "paragraph", "list", "heading", "list", "paragraph",
    ]  # fmt: skip
    assert closed(found) == [("paragraph", "list")]


def test_an_interview() -> None:
    found = outlined(stories.INTERVIEW)
    assert kinds(found) == ["paragraph"] * 9
    assert [gap.unit for gap in found.gaps] == [1, 3, 5, 6, 8]


def test_a_gallery() -> None:
    found = outlined(stories.GALLERY)
    assert kinds(found) == ["paragraph", *["image"] * 4, "paragraph"]
    assert len(found.gaps) == 5
    assert found.paragraphs == 2


def test_a_brief() -> None:
    found = outlined(stories.BRIEF)
    assert kinds(found) == ["paragraph"] * 4
    assert found.words == 7 * count_words(SENTENCE)
    assert [gap.paragraphs for gap in found.gaps] == [1, 2, 3]


def test_a_long_read() -> None:
    found = outlined(stories.LONG_READ)
    assert found.paragraphs == stories.PARAGRAPHS_OF_LONG_READ + 1
    assert found.words > 6000
    assert kinds(found).count("quote") == 3
    assert len(found.gaps) == len(found.units) - 1
    first = count_words("The river rose first.") + 2 * count_words(SENTENCE)
    assert found.gaps[0].words == first


def test_a_right_to_left_story() -> None:
    found = outlined(stories.RIGHT_TO_LEFT)
    assert kinds(found) == ["paragraph", "paragraph", "promo", "paragraph", "paragraph", "list", "paragraph"]
    assert closed(found) == [("paragraph", "list")]
    assert found.units[2].words == 0


def test_a_story_in_japanese() -> None:
    found = outlined(stories.JAPANESE)
    assert kinds(found) == ["paragraph", "image", "paragraph", "ad", "paragraph", "promo", "paragraph"]
    assert closed(found) == []
    paragraph = count_words(stories.JAPANESE_SENTENCE * 3)
    assert found.words == 4 * paragraph + found.units[1].words
    assert 40 < paragraph < 70
