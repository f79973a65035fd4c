"""A body is cut into the pieces that a reader sees, and each is what it looks like."""

from __future__ import annotations

import pytest
from hypothesis import given

from newshole.page.document import Document
from newshole.page.pieces import pieces
from tests.pages import SENTENCE, SOUP

LONG = f"<p>{SENTENCE * 4}</p>"


def kinds(markup: str) -> list[str]:
    document = Document(f"<body><article>{markup}</article>".encode())
    return [each.kind for each in pieces(document, document.select("article")[0])]


@pytest.mark.parametrize(
    ("markup", "kind"),
    [
        ("<p>text</p>", "paragraph"),
        ("<div>text</div>", "paragraph"),
        ("<div><b>text</b> <a href=/>more</a></div>", "paragraph"),
        ("<section><div><div>text</div></div></section>", "paragraph"),
        ("<font><p>text</p></font>", "paragraph"),
        ("<x-text><p>text</p></x-text>", "paragraph"),
        ("<x-text>text</x-text>", "paragraph"),
        ("text", "paragraph"),
        ("<h2>text</h2>", "heading"),
        ("<header><h2>a</h2><p>b</p></header>", "heading"),
        ("<hgroup><h2>a</h2></hgroup>", "heading"),
        ("<ul><li>a</ul>", "list"),
        ("<ol><li>a</ol>", "list"),
        ("<dl><dt>a<dd>b</dl>", "list"),
        ("<blockquote><p>a</p></blockquote>", "quote"),
        ("<blockquote class='twitter-tweet'>a</blockquote>", "embed"),
        ("<blockquote class=instagram-media>a</blockquote>", "embed"),
        ("<table><tr><td>a</table>", "table"),
        ("<pre>a</pre>", "code"),
        ("<img src=x>", "image"),
        ("<p><img src=x></p>", "image"),
        ("<div><a href=/><img src=x></a></div>", "image"),
        ("<picture><source srcset=x><img src=x></picture>", "image"),
        ("<svg></svg>", "image"),
        ("<video src=x>no video here</video>", "video"),
        ("<audio src=x></audio>", "video"),
        ("<iframe src=x>no frames here</iframe>", "embed"),
        ("<div><div><iframe src=x></iframe></div></div>", "embed"),
        ("<object data=x></object>", "embed"),
        ("<figure><img src=x><figcaption>text</figcaption></figure>", "image"),
        ("<figure><iframe src=x></iframe></figure>", "embed"),
        ("<figure><video src=x></video></figure>", "video"),
        ("<figure><blockquote>a</blockquote></figure>", "quote"),
        ("<figure><table><tr><td>a</table></figure>", "table"),
        ("<figure><pre>a</pre></figure>", "code"),
        ("<p></p>", "other"),
        ("<p>&nbsp;</p>", "other"),
        ("<p><br></p>", "other"),
        ("<hr>", "other"),
        ("<form><p>text</p></form>", "other"),
        ("<aside><p>text</p></aside>", "other"),
        ("<nav><a href=/>a</a></nav>", "other"),
        ("<details><summary>a</summary>b</details>", "other"),
        ("<p class=caption>text</p>", "other"),
    ],
)
def test_each_element_is_one_piece_of_its_kind(markup: str, kind: str) -> None:
    assert kinds(f"{LONG}{markup}{LONG}") == ["paragraph", kind, "paragraph"]


@pytest.mark.parametrize(
    "markup",
    [
        "",
        " \n ",
        "<!-- a -->",
        "<script>a</script>",
        "<style>a{}</style>",
        "<noscript><p>a</p></noscript>",
        "<template><p>a</p></template>",
        "<link rel=x><meta itemprop=x content=y>",
        "<p hidden>text</p>",
        "<div style='display: none'>text</div>",
        "<div STYLE='Display:None;'>text</div>",
        "<div></div>",
        "<span></span>",
    ],
)
def test_what_a_reader_does_not_see_is_no_piece(markup: str) -> None:
    assert kinds(f"{LONG}{markup}{LONG}") == ["paragraph", "paragraph"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ad-slot", "ad"),
        ("related-links", "promo"),
        ("newsletter signup", "promo"),
        ("social-share", "other"),
        ("pull-quote", "quote"),
    ],
)
def test_a_container_that_is_named_beside_the_story_is_one_piece(name: str, kind: str) -> None:
    beside = f"<div class='{name}'><p>one</p><p><a href=/>two</a></p></div>"
    assert kinds(f"{LONG}{LONG}{beside}{LONG}") == ["paragraph", "paragraph", kind, "paragraph"]


def test_a_container_that_holds_most_of_the_story_is_looked_through_whatever_its_name() -> None:
    assert kinds(f"<div class=promo>{LONG}{LONG}</div>") == ["paragraph", "paragraph"]


def test_text_between_blocks_is_a_piece_of_its_own() -> None:
    assert kinds("one<br>two <b>three</b><p>four</p>five<h2>six</h2><i>seven</i>") == [
        "paragraph", "paragraph", "paragraph", "heading", "paragraph",
    ]  # fmt: skip


def test_a_line_without_words_shows_what_it_holds() -> None:
    assert kinds("<p>a</p> <a href=/><img src=x></a> <br> <p>b</p>") == ["paragraph", "image", "paragraph"]


def test_pieces_know_the_containers_that_they_stand_in() -> None:
    document = Document(b"<body><article><section><div><p>a</p></div></section></article>")
    [piece] = pieces(document, document.select("article")[0])
    assert [each.tag for each in piece.path] == ["article", "section", "div"]


@given(SOUP)
def test_every_word_of_the_story_is_in_one_piece_at_most(soup: str) -> None:
    document = Document(f"<body><article>{soup}{LONG}".encode())
    for body in document.select("article"):
        found = pieces(document, body)
        shown = [piece for piece in found if piece.words]
        assert len({id(piece.first) for piece in shown}) == len(shown)
        assert all(piece.path[0] is body for piece in found)


@pytest.mark.parametrize(
    "caption",
    [
        "The bridge in winter. | Photo: Reuters",
        "The bridge in winter. | &copy; Smith/Example",
        "The bridge in winter (Foto: Jan Kowalski)",
        "The bridge in winter. Bild: dpa",
        "Photo: Jan Kowalski",
    ],
)
@pytest.mark.parametrize(
    "markup", ["<p>{}</p>", "<div>{}</div>", "<p><span>{}</span></p>", "<p><em>{}</em></p>"]
)
def test_a_caption_that_stands_by_itself_is_no_paragraph(caption: str, markup: str) -> None:
    assert kinds(LONG + markup.format(caption) + LONG) == ["paragraph", "other", "paragraph"]


@pytest.mark.parametrize(
    "text",
    [
        "The picture was taken in May: it shows the bridge.",
        "He said (again) that nothing was decided.",
        "The mayor, the council | nobody agreed.",
        SENTENCE * 4 + "&copy; Smith",
    ],
)
def test_a_sentence_with_a_colon_or_brackets_is_a_paragraph(text: str) -> None:
    assert kinds(f"<p>{text}</p>") == ["paragraph"]


@pytest.mark.parametrize(
    "line",
    [
        "<a class=btn href=/>Get it for free</a>",
        "<p><a href=/><span>More on the bridge</span></a></p>",
        "<div><button>Play</button> <button>Stop</button></div>",
        "<p><a href=/><strong>All pictures</strong></a></p>",
    ],
)
def test_a_line_that_is_nothing_but_links_or_buttons_is_no_paragraph(line: str) -> None:
    assert kinds(LONG + line + LONG) == ["paragraph", "other", "paragraph"]


@pytest.mark.parametrize(
    "text", ["<a href=/>The council met on Tuesday.</a>", "The council met, <a href=/>we reported</a> before"]
)
def test_a_sentence_with_links_is_a_paragraph(text: str) -> None:
    assert kinds(f"<p>{text}</p>") == ["paragraph"]


@pytest.mark.parametrize(
    "call", ["To view the full story, please subscribe to", "Please subscribe to", "To read this story, join"]
)
def test_a_pitch_before_a_paywall_is_a_promo(call: str) -> None:
    assert kinds(f"<p>{call} <a href=/>The Times</a>. You can choose a plan.</p>") == ["promo"]
