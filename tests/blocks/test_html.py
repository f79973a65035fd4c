"""The operator's own markup."""

from __future__ import annotations

import pytest

from newshole import blocks
from newshole.rules.kinds.html import Html
from newshole.types import Story
from tests.blocks.newsroom import STORY, block, fragment, parsed, view, why_empty


def test_markup_is_kept_and_its_variables_are_escaped() -> None:
    story = Story(url=STORY.url, section="<World>", language="en")
    markup = fragment(
        block(Html(html="<p>{{ section }} &amp; {{ site }}, {{ n }}</p>")), view(story=story), ordinal=2
    )
    assert b"<p>&lt;World&gt; &amp; News Example, 2</p>" in markup


def test_room_is_reserved_where_the_rules_say_so() -> None:
    made = block(Html(html="<p>x</p>", reserve=120))
    assert parsed(fragment(made)).get("class") == "nh-html nh-extra nh-room-120-120"
    assert b".nh-room-120-120:not(#n#n){min-height:120px}" in blocks.runtime([made])
    assert parsed(fragment(block(Html(html="<p>x</p>")))).get("class") == "nh-html nh-extra"


@pytest.mark.parametrize(
    "html",
    [
        "<div>", "</aside>", "<a href=/x>x", "<table><tr><td>", "{{ x }}", "",
        "<noscript></aside><div></noscript><p>ad</p>",
    ],
)  # fmt: skip
def test_markup_that_breaks_out_shows_nothing(html: str) -> None:
    assert why_empty(block(Html.model_construct(html=html))).startswith("its ")


@pytest.mark.parametrize("html", ["{{ [1, 2, 3] | random }}", "{{ self._TemplateReference__context }}"])
def test_a_template_can_neither_throw_dice_nor_look_behind_itself(html: str) -> None:
    assert why_empty(block(Html.model_construct(html=html))).startswith("its template fails")
