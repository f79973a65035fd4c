"""A block's code: what kind it makes, what only WordPress can fill in, and that none is lost."""

from __future__ import annotations

import pytest

from tests.importing.exports import loaded, one, whole

ADSENSE = """<script async src="https://pagead2.googlesyndication.com/pagead/js/adsbygoogle.js"></script>
<ins class="adsbygoogle" style="display:inline-block;width:728px;height:90px" data-ad-slot="1"></ins>
<script>(adsbygoogle = window.adsbygoogle || []).push({});</script>"""
GPT = """<div id="div-gpt-ad-1"><script>
googletag.defineSlot('/1234/news/inline', [[300, 250], [970, 250]], 'div-gpt-ad-1');
</script></div>"""


def test_markup_is_a_block_of_kind_html() -> None:
    made = one("<p>Our shop</p>\r\n<p>opens</p>\n", name="The Shop")
    assert (made.draft.id, made.draft.outcome) == ("the-shop", "whole")
    assert made.rule == {"kind": "html", "html": "<p>Our shop</p>\n<p>opens</p>", "place": "body-start"}


def test_ads_are_known_and_have_their_sizes() -> None:
    made = one(ADSENSE)
    assert made.rule["kind"] == "ad"
    assert made.rule["serve"] == {"html": ADSENSE, "scripts": True}
    assert made.rule["sizes"] == {"desktop": [[728, 90]]}
    assert "no size of it fits phones" in made.why
    assert one(GPT).rule["sizes"] == {"mobile": [[300, 250]], "desktop": [[300, 250], [970, 250]]}


def test_an_ad_without_a_size_gets_that_of_its_block_or_usual_ones() -> None:
    responsive = '<ins class="adsbygoogle" data-ad-format="auto"></ins>'
    own = one(responsive, block_width="320", block_height="100")
    assert own.rule["sizes"] == {"mobile": [[320, 100]], "desktop": [[320, 100]]}
    assert own.draft.outcome == "whole"
    usual = one(responsive)
    assert usual.rule["sizes"] == {"mobile": [[300, 250]], "desktop": [[300, 250], [336, 280]]}
    assert "usual ones are assumed" in usual.why


def test_the_label_of_the_plugin_is_that_of_its_ads() -> None:
    imported = whole({1: {"code": GPT, "display_type": "3", "show_label": "1"}}, AD_LABEL="Sponsored links")
    assert "label: Sponsored links" in imported.rules
    marked = whole({1: {"code": GPT, "display_type": "3", "show_label": "1"}}, AD_LABEL="<b>Ad</b>")
    assert "    label:" not in marked.rules
    assert "AD_LABEL" in [each.option for each in marked.general]
    assert one(show_label="1").lost == ["show_label"]


def test_braces_of_scripts_are_none_of_the_template() -> None:
    code = "<script>var a = {{b: 1}, c: '{% x %}'}; {# y</script>"
    imported = one(code).imported
    assert one(code).rule["html"] == f"{{% raw %}}{code}{{% endraw %}}"
    (block,) = loaded(imported).blocks
    from newshole.rules.snippets import SANDBOX

    assert SANDBOX.from_string(block.options.html).render() == code  # type: ignore[union-attr]  # it is html
    ended = "<p>{{ x }} {% endraw %}</p>"
    assert SANDBOX.from_string(one(ended).rule["html"]).render() == ended


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("<?php echo date('Y'); ?>", "it is PHP, which is not run here"),
        ("<p><?= $a ?></p>", "it is PHP, which is not run here"),
        ("<p>A</p>\n[ADINSERTER ROTATE]\n<p>B</p>", "made of alternatives, at [ADINSERTER ROTATE]"),
        ("<p>A</p>|rotate|<p>B</p>", "made of alternatives, at |rotate|"),
        ('[ADINSERTER CHECK viewport="1"]<p>A</p>', "made of alternatives"),
        ("<p>More of {title}</p>", "the plugin fills {title} in"),
        ("<p>{short-tag}</p>", "the plugin fills {short-tag} in"),
        ('[contact-form id="5"]', '[contact-form id="5"] is a shortcode'),
        ("<div><p>Ad</div>", "<p> is never closed"),
        ('<img src="/a.png">', "<img> needs width and height"),
        ("<html><p>x</p></html>", "<html> has no place in a block"),
    ],
)
def test_what_cannot_be_filled_in_here_is_kept_as_a_comment(code: str, why: str) -> None:
    made = one(code)
    assert made.draft.outcome == "off"
    assert made.off == ["code"] * len(made.off)
    assert why in made.why
    kept = made.rule["html"]
    assert kept.replace(' alt=""', "") == code
    assert loaded(made.imported).blocks == ()


def test_arrays_in_scripts_are_no_shortcodes() -> None:
    assert one("<script>a[i] = b[name]; c = [x]</script><p>[Advertisement]</p>").draft.outcome == "whole"


def test_the_part_for_amp_is_kept_beside_the_other() -> None:
    made = one("<p>A</p>\n[ADINSERTER AMP]\n<amp-ad\n  type=x></amp-ad>")
    assert (made.rule["html"], made.lost) == ("<p>A</p>", ["code"])
    assert "#     <amp-ad\n  #       type=x></amp-ad>\n" in made.imported.rules


def test_a_picture_gets_the_room_that_it_lacks() -> None:
    made = one('<a href="/shop"><img src="/up/shop-300x250.jpg"></a>')
    assert (
        made.rule["html"]
        == '<a href="/shop"><img width="300" height="250" alt="" src="/up/shop-300x250.jpg"></a>'
    )
    assert (made.draft.outcome, made.lost) == ("partly", ["code"])
    own = one('<img src="/a.png" alt="Our > shop" data-width="1">', block_width="200", block_height="80")
    assert own.rule["html"].startswith('<img width="200" height="80" src=')
    assert own.rule["reserve"] == 80
    whole = '<img src="/a.png" width="1" height="2" alt="x">'
    assert (one(whole).rule["html"], one(whole).lost) == (whole, [])
