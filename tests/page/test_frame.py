"""Frames: pages that differ by tokens alone have one plan, and no others are taken for them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from newshole import Site
from newshole.page.document import Document
from newshole.page.frame import _MARK as MARK
from newshole.page.frame import (
    LONGEST_TOKEN,
    MOST_TOKENS,
    WHOLE,
    Digested,
    Frame,
    Stable,
    learn,
    whole_digest,
)
from newshole.page.hydration import _WHOLE_PAGE as HYDRATED
from newshole.page.opaque import Watched
from newshole.page.outline import STACKS
from newshole.page.prescan import MAX_PAGE
from tests.pages import SENTENCE, SOUP

URL = "https://news.example/news/bridge"

SLOT = "\x01"
"""Where a token goes in a template of a page."""

OPAQUE_HEAD = (
    f'<meta name="csrf-token" content="{SLOT}">',
    f'<script nonce="{SLOT}">x()</script>',
    f'<script>var a="{SLOT}", b=`{SLOT}`;</script>',
    f"<link rel=preload nonce='{SLOT}' href=/x.css>",
    f"<style nonce='{SLOT}'>p{{}}</style>",
)
OPAQUE_BODY = (
    f'<form action="/poll?id={SLOT}&amp;x=1"><input type=hidden name=csrf value="{SLOT}"></form>',
    f'<img alt="" src="https://px.example/{SLOT}?r={SLOT}">',
    f"<div data-views='{SLOT}'></div>",
    f'<p data-id="{SLOT}">{SENTENCE * 3}</p>',
    f'<section><script type="application/json">{{"token":"{SLOT}"}}</script></section>',
    f'<div title="a &lt; {SENTENCE} ({SLOT})">x</div>',
    f"<h2 onclick=\"go('{SLOT}')\">Bridge</h2>",
)
READ = (
    f'<meta property="article:section" content="{SLOT}">',
    f'<meta name=description content="{SLOT}">',
    f'<meta http-equiv="refresh" content="{SLOT}">',
    f'<link rel=canonical href="/{SLOT}">',
    f'<link rel="{SLOT}" href="/canonical">',
    f'<title>"{SLOT}"</title>',
    f'<script type="application/ld+json">{{"@type":"NewsArticle","articleSection":"{SLOT}"}}</script>',
    f'<script type="{SLOT}">{{"@type":"NewsArticle","articleSection":"x"}}</script>',
    f'<p class="{SLOT}">{SENTENCE * 3}</p>',
    f'<p id="{SLOT}">{SENTENCE * 3}</p>',
    f'<p style="{SLOT}:none">{SENTENCE}</p>',
    f'<div role="{SLOT}"><p>{SENTENCE * 3}</p></div>',
    f"<p data-x={SLOT}>{SENTENCE}</p>",
    f'<p {SLOT}="x">{SENTENCE}</p>',
    f"<p>({SLOT})</p>",
    f'<p><b data-x="{SLOT}">{SENTENCE}</b></p>',
    f'<p>{SENTENCE}<script>x("{SLOT}")</script></p>',
    f'<!-- "{SLOT}" -->',
    f'<template><p data-x="{SLOT}">x</p></template>',
    f'<noscript><p data-x="{SLOT}">x</p></noscript>',
    f'<svg><g data-x="{SLOT}"/></svg>',
    f'<select><option value="{SLOT}">x</select>',
    f'<body data-x="{SLOT}">',
    f"<script>var a=({SLOT});</script>",
    f'<script>var a="b {SLOT}";</script>',
    f"<div title=\"a > '{SLOT}'\">x</div>",
    f'<textarea>"{SLOT}"</textarea>',
    f'<style>a{{content:"{SLOT}"}}</style>',
)

RUN = re.compile(rb"[A-Za-z0-9+/=_-]*")
RANDOM = st.text("ABCabc019+/=_-", min_size=1, max_size=40)
TRICKY = st.sampled_from(
    "a amp hidden - -- / = charset=utf-8 script /p 3 display canonical articleBody application/ld+json nav "
    "comments".split()
) | st.sampled_from(("", "x" * 3000))
TOKENS = st.lists(RANDOM | TRICKY, min_size=MOST_TOKENS, max_size=MOST_TOKENS)


@dataclass(frozen=True)
class Template:
    """A page with slots in it."""

    text: str

    @classmethod
    def of(cls, *, head: str = "", body: str = "", paragraphs: int = 5) -> Template:
        text = "".join(f"<p>{SENTENCE * 2}</p>\n" for _ in range(paragraphs))
        return cls(
            f"<!doctype html><html lang=en><meta charset=utf-8><title>The bridge stays</title>{head}</head>"
            f"<body><main><article><h1>The bridge stays</h1>{body}{text}</article></main></body></html>"
        )

    def filled(self, tokens: list[str], encoding: str = "utf-8") -> bytes:
        """The page with its tokens, which begin again where they do not reach."""
        parts = self.text.split(SLOT)
        slots = [tokens[n % len(tokens)] for n in range(len(parts) - 1)]
        return "".join(part + token for part, token in zip(parts, [*slots, ""], strict=True)).encode(encoding)


def page(*slots: str, tokens: list[str]) -> bytes:
    return Template.of(body="".join(slots)).filled(tokens)


def learned(template: Template, one: str = "abc", other: str = "XYZW") -> Frame | None:
    return learn(template.filled([one]), Document(template.filled([other])))


def fitted(frame: Frame | None, body: bytes) -> Stable:
    """The page seen through a frame that it is known to fit."""
    assert frame is not None
    stable = frame.stable(body)
    assert stable is not None
    return stable


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Rules that put a block at every stack and at as many gaps as there are."""
    path = tmp_path_factory.mktemp("rules") / "everywhere.yaml"
    stacks = "".join(f"  {name}: {{kind: html, html: <p>x</p>, place: {name}}}\n" for name in STACKS)
    inside = "  inside: {kind: html, html: <p>x</p>, place: {after: unit, nth: [1, 2, 3, 4, 5, 6, -2, -1]}}\n"
    path.write_text(f"site: x\nlayout: {{blocks: 30, gap: 1 unit}}\nblocks:\n{stacks}{inside}")
    return Site.load(path)


def check_one_plan(
    site: Site,
    frame: Frame | None,
    known: bytes,
    found: bytes,
    content_type: str = "text/html; charset=utf-8",
) -> None:
    """The plan of a page that a frame takes for a known one is the known page's plan."""
    before, now = fitted(frame, known), fitted(frame, found)
    assert before.digest == now.digest
    expected, composed = (site.compose(body, url=URL, content_type=content_type) for body in (known, found))
    assert composed.untouched == expected.untouched
    assert replace(composed.story, url="") == replace(expected.story, url="")
    moved = [
        replace(each, offset=now.to_page(before.to_frame(each.offset))[0]) for each in expected.insertions
    ]
    assert moved == list(composed.insertions)


@pytest.mark.slow
@given(
    head=st.lists(st.sampled_from(OPAQUE_HEAD), max_size=4).map("".join),
    body=st.lists(st.sampled_from(OPAQUE_BODY), max_size=4).map("".join),
    old=TOKENS,
    new=TOKENS,
    later=TOKENS,
)
def test_a_page_with_other_tokens_is_found_again_and_has_the_same_plan(
    site: Site, head: str, body: str, old: list[str], new: list[str], later: list[str]
) -> None:
    template = Template.of(head=head, body=body)
    frame = learn(template.filled(old), Document(template.filled(new)))
    assert frame is not None
    slots = template.text.count(SLOT)
    assume(all(one != other for one, other in zip(old[:slots], new[:slots], strict=True)))
    check_one_plan(site, frame, template.filled(new), template.filled(later))


@given(
    parts=st.lists(st.sampled_from(OPAQUE_HEAD + OPAQUE_BODY + READ) | SOUP, min_size=1, max_size=6),
    later=TOKENS,
    tokens=st.lists(RANDOM, min_size=2, max_size=2, unique=True),
)
def test_in_any_markup_a_frame_finds_only_pages_with_the_same_plan(
    site: Site, parts: list[str], later: list[str], tokens: list[str]
) -> None:
    template = Template.of(body="".join(parts))
    known, found = template.filled(tokens[1:]), template.filled(later)
    frame = learn(template.filled(tokens[:1]), Document(known))
    fits = frame and frame.stable(found)
    if frame is not None and fits and fits.digest == fitted(frame, known).digest:
        check_one_plan(site, frame, known, found)


@pytest.mark.parametrize("slot", OPAQUE_HEAD + OPAQUE_BODY)
def test_a_token_where_nothing_reads_it_makes_a_frame(slot: str) -> None:
    frame = learned(Template.of(body=slot))
    assert frame is not None
    assert len(frame.lengths) == slot.count(SLOT) + 1


@pytest.mark.parametrize("slot", READ)
def test_a_token_where_something_may_read_it_makes_none(slot: str) -> None:
    assert learned(Template.of(body=slot)) is None
    assert learned(Template.of(head=slot)) is None


def test_a_kept_page_has_the_digest_of_its_bytes() -> None:
    kept = Digested(b"<p>One")
    assert whole_digest(kept) == whole_digest(bytes(kept)) != whole_digest(b"<p>Two")


def test_pages_that_are_equal_are_stable_as_a_whole() -> None:
    body = page(tokens=["x"])
    assert learn(body, Document(body)) is WHOLE
    assert fitted(WHOLE, body).tokens == ()
    assert fitted(WHOLE, body).digest != fitted(WHOLE, body + b" ").digest
    assert fitted(WHOLE, body).to_page(7) == [fitted(WHOLE, body).to_frame(7)] == [7]


@given(body=st.lists(st.sampled_from(OPAQUE_BODY), min_size=1, max_size=4).map("".join), tokens=TOKENS)
def test_segments_and_tokens_are_all_of_a_page(body: str, tokens: list[str]) -> None:
    template = Template.of(body=body)
    frame = learned(template)
    assert frame is not None
    found = template.filled(tokens)
    spans = fitted(frame, found).tokens
    for (start, end), token in zip(spans, tokens, strict=False):
        assert RUN.fullmatch(found, start, end)
        assert found[start:end].endswith(token.encode())
        assert not RUN.fullmatch(found, start - 1, end)
        assert not RUN.fullmatch(found, start, end + 1)
    edges = [0, *(edge for span in spans for edge in span), len(found)]
    assert tuple(end - start for start, end in zip(edges[::2], edges[1::2], strict=True)) == frame.lengths


EDITED = Template.of(head="".join(OPAQUE_HEAD), body="".join(OPAQUE_BODY))


@given(at=st.integers(0, len(EDITED.filled(["token"])) - 1), byte=st.integers(0, 255), cut=st.integers(0, 3))
@example(at=0, byte=0, cut=1)
def test_an_edit_outside_the_tokens_is_another_page(at: int, byte: int, cut: int) -> None:
    known = EDITED.filled(["token"])
    frame = learned(EDITED)
    before = fitted(frame, known)
    assume(not any(start <= at <= end for start, end in before.tokens))
    edited = known[:at] + bytes([byte]) + known[at + cut :]
    assume(edited != known)
    now = frame.stable(edited) if frame else None
    assert now is None or now.digest != before.digest


def test_offsets_mean_the_same_place_on_every_page_of_a_digest() -> None:
    template = Template.of(body=OPAQUE_BODY[0] + "<p>here</p>")
    known, found = template.filled(["abc"]), template.filled(["longer/token=="])
    frame = learned(template)
    before, now = fitted(frame, known), fitted(frame, found)
    for mark in (b"<!doctype", b"<form", b"<input", b"<p>here", b"</html>"):
        offset = now.to_page(before.to_frame(known.index(mark)))[0]
        assert offset == found.index(mark)
    assert now.to_page(before.to_frame(len(known))) == [len(found)]


def test_no_offset_in_a_token_or_at_its_edge_has_a_meaning() -> None:
    template = Template.of(body=OPAQUE_BODY[2])
    stable = fitted(learned(template), template.filled(["token"]))
    [(start, end)] = stable.tokens
    assert [stable.to_frame(start - 1), stable.to_frame(end + 1)] == [start - 1, start + 1]
    for offset in range(start, end + 1):
        with pytest.raises(ValueError, match="token"):
            stable.to_frame(offset)
    with pytest.raises(ValueError, match="token"):
        stable.to_page(start)


def test_two_shapes_never_share_a_digest() -> None:
    body = b'<p data-x="1" data-y="2">'
    one, other = Frame((11, 13)), Frame((22, 2))
    assert fitted(one, body).digest != fitted(other, body).digest != fitted(WHOLE, body).digest


@pytest.mark.parametrize("mark", ["__next_f", "x__remixContext=", "__sveltekit_1", "data-newshole"])
def test_a_token_that_holds_a_mark_does_not_fit(mark: str) -> None:
    template = Template.of(body=OPAQUE_BODY[2])
    frame = learned(template)
    assert frame is not None
    assert frame.stable(template.filled(["harmless__"])) is not None
    assert frame.stable(template.filled([mark])) is None
    assert learned(template, "abc", mark) is None


def test_the_marks_of_hydration_are_marks() -> None:
    assert HYDRATED.pattern in MARK.pattern.split(b"|", 1)


def test_a_token_has_an_end() -> None:
    template = Template.of(body=OPAQUE_BODY[2])
    frame = learned(template)
    assert frame is not None
    assert frame.stable(template.filled(["x" * LONGEST_TOKEN])) is not None
    assert frame.stable(template.filled(["x" * (LONGEST_TOKEN + 1)])) is None
    assert learned(template, "x", "x" * (LONGEST_TOKEN + 1)) is None


def test_a_frame_has_so_many_tokens_at_most() -> None:
    assert learned(Template.of(body=OPAQUE_BODY[2] * MOST_TOKENS)) is not None
    assert learned(Template.of(body=OPAQUE_BODY[2] * (MOST_TOKENS + 1))) is None


def test_a_page_beyond_the_limit_does_not_fit() -> None:
    template = Template.of(body=OPAQUE_BODY[2])
    text = template.text.replace("</html>", f"<!--{'x' * (MAX_PAGE - len(template.text) - 30)}--></html>")
    frame = learned(Template(text))
    assert frame is not None
    assert frame.stable(Template(text).filled(["x" * 10])) is not None
    assert frame.stable(Template(text).filled(["x" * 100])) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<p data-x="a b">', '<p data-x="a c d">'),
        ('<p data-x="a">', "<p data-x='a'>"),
        ('<p data-x="a">', '<p data-x="">x'),
        ('<p data-x="a" data-y="b">', '<p data-x="c">'),
        ('<p data-x="a">', '<p data-x="a">more'),
        ('<p data-x="é">', '<p data-x="ü">'),
    ],
)
def test_pages_that_differ_in_more_than_tokens_have_no_frame(old: str, new: str) -> None:
    assert learn(page(old, tokens=[""]), Document(page(new, tokens=[""]))) is None


@pytest.mark.parametrize(
    "before",
    [
        "\x00" * 60,
        f"<!-- {'<' * 4000} -->",
    ],
)
def test_a_page_on_which_the_pre_scan_may_change_its_mind_has_no_frame(before: str) -> None:
    assert learned(Template(before + Template.of(body=OPAQUE_BODY[2], paragraphs=3).text)) is None


def test_a_frame_that_fits_an_edited_page_proves_nothing_of_it() -> None:
    template = Template.of(body=f'<div data-x="{SLOT}">')
    edited = Template(template.text.replace("data-x", " class"))
    frame = learned(template)
    assert frame is not None
    assert frame.proved(Document(template.filled(["abc"]))) == frame.stable(template.filled(["abc"]))
    assert frame.stable(edited.filled(["abc"])) is not None
    assert frame.proved(Document(edited.filled(["abc"]))) is None


def test_an_attribute_that_the_rules_select_by_is_read() -> None:
    template = Template.of(body=f'<div data-x="{SLOT}">')
    one, other = template.filled(["abc"]), Document(template.filled(["xyz"]))
    assert learn(one, other, Watched(("main .data-x", "[data-y] > p:first-child"))) is not None
    for selector in ("[data-x]", "main:not(.a, [DATA-X^='a'])", "p:lang(en)", r"[data\-x]"):
        assert learn(one, other, Watched(("article", selector))) is None


def test_a_byte_order_mark_does_not_shift_the_spots(site: Site) -> None:
    template = Template("\ufeff" + Template.of(head=OPAQUE_HEAD[2], body=OPAQUE_BODY[3]).text)
    frame = learned(template)
    assert frame is not None
    check_one_plan(site, frame, template.filled(["XYZW"]), template.filled(["another-one"]))


def test_line_ends_of_any_kind_do_not_shift_the_spots(site: Site) -> None:
    template = Template.of(head=OPAQUE_HEAD[1], body=OPAQUE_BODY[3])
    template = Template(template.text.replace("\n", "\r\n").replace("><", ">\r<"))
    frame = learned(template)
    assert frame is not None
    check_one_plan(site, frame, template.filled(["XYZW"]), template.filled(["another-one"]))


def test_a_page_that_reads_otherwise_without_scripts_is_looked_at_both_ways() -> None:
    hidden = f'<noscript><div title="</noscript><p data-x="{SLOT}">x</p>'
    assert learned(Template.of(body=hidden)) is None
    assert learned(Template.of(body=f"<noscript><img src=x></noscript>{OPAQUE_BODY[2]}")) is not None


@pytest.mark.parametrize(
    ("encoding", "word"), [("shift_jis", "表示"), ("gb18030", "表示"), ("windows-1252", "Brücke")]
)
def test_a_token_beside_letters_of_another_encoding_moves_nothing(
    site: Site, encoding: str, word: str
) -> None:
    text = Template.of(head=OPAQUE_HEAD[2], body="".join(OPAQUE_BODY)).text
    before, now, later = (
        Template(text.replace("bridge", word)).filled([token], encoding) for token in ("abc", "XYZW", "a--")
    )
    frame = learn(before, Document(now, encoding))
    check_one_plan(site, frame, now, later, f"text/html; charset={encoding}")
