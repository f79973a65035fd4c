"""A gap is never between a thing and what belongs to it."""

from __future__ import annotations

import pytest

from newshole.page.body import Body
from newshole.page.document import Document
from newshole.page.outline import Details, Outline, outline
from newshole.page.words import count_words
from tests.pages import SENTENCE

LONG = f"<p>{SENTENCE * 4}</p>"
WORDS = count_words(SENTENCE * 4)


def outlined(markup: str, encoding: str = "utf-8", existing: tuple[tuple[str, str], ...] = ()) -> Outline:
    document = Document(f"<body><article>{markup}</article>".encode(encoding), encoding)
    found = outline(document, Body(document.select("article")[0], None), None, Details(existing=existing))
    assert found is not None
    return found


def units(markup: str, encoding: str = "utf-8") -> str:
    """The kinds of the units between two paragraphs; a bar where a block may stand."""
    found = outlined(f"{LONG}{markup}{LONG}", encoding)
    gaps = {gap.unit for gap in found.gaps}
    shown = "".join(f"{'|' if n in gaps else ' '}{unit.kind}" for n, unit in enumerate(found.units))
    assert shown.startswith(" paragraph")
    assert shown.endswith("paragraph")
    return shown.removeprefix(" paragraph").removesuffix("paragraph")


@pytest.mark.parametrize(
    "markup",
    [
        "<figure><img src=x></figure><p class=caption>The bridge in winter</p>",
        "<p><img src=x></p><p class='wp-caption-text'>The bridge in winter</p>",
        "<div><img src=x></div><div class=photo-credit>The Riverside archive</div>",
        "<div class=pic><div><img src=x></div></div><div><div class=credit>The archive</div></div>",
        "<p><img src=x></p><p>Photo: The Riverside archive</p>",
        "<p><img src=x></p><p>Photo by Jane Doe</p>",
        "<p><img src=x></p><p>Foto: Anna Nowak</p>",
        "<p><img src=x></p><p>Фото: Анна</p>",
        "<p><img src=x></p><p>写真：市役所</p>",
        "<p><img src=x></p><p>תמונה: ארכיון</p>",
        "<p><img src=x></p><p>© The Riverside archive</p>",
        "<p><img src=x></p><p>The bridge in winter (Getty Images)</p>",
        "<p><img src=x></p><p><em>The bridge in winter</em></p>",
        "<p><img src=x></p><p><small>The bridge in winter</small></p>",
        "<img src=x><p><small><i>The bridge in winter</i></small></p>",
        "<p><img src=x><br><em>The bridge in winter</em></p>",
        "<p><img src=x> Photo: The Riverside archive</p>",
        "<div><img src=x><span class=caption>The bridge in winter</span></div>",
    ],
)
def test_a_picture_and_its_caption_are_one(markup: str) -> None:
    assert units(markup) == "|image|"


def test_an_embed_and_its_caption_are_one() -> None:
    assert units("<iframe src=x></iframe><p class=caption>The bridge</p>") == "|embed|"
    assert (
        units("<video src=x></video><p>Video credit: the city</p><p>a b</p>") == "|video|paragraph|paragraph|"
    )
    assert units("<video src=x></video><p>Credit: the city</p>") == "|video|"


@pytest.mark.parametrize(
    "markup",
    [
        "<p>A short one that says something.</p>",
        "<p>Photographs of the bridge are rare.</p>",
        f"<p><em>{SENTENCE * 4}</em></p>",
        "<p>The image was clear: nobody wanted it.</p>",
    ],
)
def test_a_paragraph_below_a_picture_is_no_caption(markup: str) -> None:
    assert units(f"<p><img src=x></p>{markup}") == "|image|paragraph|"


def test_a_caption_is_found_in_other_encodings() -> None:
    assert units("<p><img src=x></p><p>写真：市役所</p>", "shift_jis") == "|image|"
    assert units("<p><img src=x></p><p>Фото: Анна</p>", "cp1251") == "|image|"


@pytest.mark.parametrize("end", [":", ":&nbsp;", ": ", "：", ":</b>", ":&#8207;", ":</span>"])
@pytest.mark.parametrize("led", ["<ul><li>a</ul>", "<ol><li>a</ol>", "<table><tr><td>a</table>"])
def test_a_lead_in_stays_with_its_list(end: str, led: str) -> None:
    kind = "table" if "table" in led else "list"
    assert units(f"<p>Some words and <b><span>then the last ones{end}</p>{led}") == f"|paragraph {kind}|"
    assert units(f"<p>Some words and then a stop.</p>{led}") == f"|paragraph|{kind}|"


def test_a_lead_in_counts_as_a_paragraph() -> None:
    found = outlined(f"{LONG}<p>We need:</p><ul><li>a</ul>{LONG}")
    assert [(gap.unit, gap.paragraphs, gap.words) for gap in found.gaps] == [
        (1, 1, WORDS),
        (3, 2, WORDS + 3),
    ]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("<b>What did you do when they closed the bridge?</b>", "I went home."),
        (
            "<strong><a href=/>Maria</a>: and what did you do then, when it was closed?</strong>",
            "I went home.",
        ),
        ("Q: What did you do?", "A: I went home."),
        ("Q. What did you do?", "I went home."),
        ("Frage: Was haben Sie getan?", "Antwort: Ich ging heim."),
        ("P: ¿Qué hizo?", "R: Fui a casa."),
        ("Вопрос: что вы сделали?", "Ответ: ушла домой."),
        ("问：你做了什么？", "答：我回家了。"),
    ],
)
def test_a_question_stays_with_its_answer(question: str, answer: str) -> None:
    assert units(f"<p>{question}</p><p>{answer}</p>") == "|paragraph paragraph|"


def test_bold_paragraphs_one_after_another_are_no_questions() -> None:
    bold = f"<p><b>{SENTENCE * 2}</b></p>"
    assert units(bold * 3) == "|paragraph|paragraph|paragraph "


def test_a_letter_and_a_colon_are_no_question_without_an_answer() -> None:
    assert units("<p>P: the letter of the day.</p><p>It was seen often.</p>") == "|paragraph|paragraph|"


@pytest.mark.parametrize(
    "by",
    [
        "<p>— Jane Doe, the mayor</p>",
        "<p>– Jane Doe</p>",
        "<p>- Jane Doe</p>",
        "<p>&mdash; Jane Doe</p>",
        "<p><cite>Jane Doe</cite></p>",
        "<cite>Jane Doe</cite>",
    ],
)
def test_a_quote_and_who_said_it_are_one(by: str) -> None:
    assert units(f"<blockquote>It is open.</blockquote>{by}") == "|quote|"
    assert outlined(f"<blockquote>It is open.</blockquote>{by}{LONG}").units[0].words >= 5


def test_speech_after_a_quote_is_text() -> None:
    long = f"<p>— {SENTENCE * 4}</p>"
    assert units(f"<blockquote>It is open.</blockquote>{long}") == "|quote|paragraph|"
    assert units("<blockquote>It is open.</blockquote><p>-5 degrees it was.</p>") == "|quote|paragraph|"


@pytest.mark.parametrize(
    "markup",
    [
        "<p><span class=dropcap>T</span>he council met.</p>",
        "<div><span class=dropcap>T</span>he council met.</div>",
        "<span class=dropcap>T</span>he council met.",
        "<p class=dropcap>T</p><p>he council met.</p>",
        "<div class=drop-cap>T</div><p>he council met.</p>",
        "<span>T</span><p>he council met.</p>",
    ],
)
def test_a_drop_cap_is_part_of_its_paragraph(markup: str) -> None:
    assert units(markup) == "|paragraph|"
    assert [unit.words for unit in outlined(markup + LONG).units] == [3, WORDS]


@pytest.mark.parametrize(
    "pull",
    [
        "<aside class=pullquote><p>It is open.</p></aside>",
        "<blockquote class=pull-quote>It is open.</blockquote>",
        "<figure class='wp-block-pullquote'><blockquote>It is open.</blockquote></figure>",
        "<div class=PullQuote><p>It is open.</p><p>Jane</p></div>",
    ],
)
def test_a_pull_quote_is_a_quote_with_a_gap_on_both_sides(pull: str) -> None:
    assert units(pull) == "|quote|"


@pytest.mark.parametrize(
    "picture",
    [
        "<img src=x style='width: 20px; float: left'>",
        "<img src=x align=right>",
        "<figure class='wp-caption alignleft'><img src=x><figcaption>a</figcaption></figure>",
        "<p><img src=x class=alignright></p>",
        "<div class=float-left><img src=x></div>",
        "<div class='image pull-right'><img src=x></div>",
    ],
)
def test_a_floated_picture_belongs_to_the_paragraph_below_it(picture: str) -> None:
    assert units(picture) == "|image "


def test_a_picture_that_is_not_floated_stands_alone() -> None:
    assert units("<img src=x style='float: none' align=middle class=aligncenter>") == "|image|"


@pytest.mark.parametrize("separator", ["<hr>", "<p>* * *</p>", "<p>***</p>", "<p>⁂</p>", "<div>— — —</div>"])
def test_a_separator_is_no_paragraph_and_has_no_words(separator: str) -> None:
    assert units(separator) == "|other|"
    assert [unit.words for unit in outlined(f"{LONG}{separator}{LONG}").units] == [WORDS, 0, WORDS]


@pytest.mark.parametrize(
    ("markup", "kind"),
    [
        ("<p><b>The second part</b></p>", "heading"),
        ("<p><strong><span>The second part</span></strong></p>", "heading"),
        ("<p><span><b>The second</b> <b>part</b></span></p>", "heading"),
        ("<div><b>The second part</b></div>", "heading"),
        ("<p><b>Ingredients:</b></p>", "heading"),
        ("<p><b>The second part.</b></p>", "paragraph"),
        ("<p><b>第二部分。</b></p>", "paragraph"),
        ("<p><b>Riverside</b> is open again</p>", "paragraph"),
        ("<p>The bridge is <b>open</b></p>", "paragraph"),
    ],
)
def test_a_short_bold_line_is_a_heading(markup: str, kind: str) -> None:
    found = outlined(LONG + markup + LONG)
    assert [unit.kind for unit in found.units] == ["paragraph", kind, "paragraph"]


def test_two_line_breaks_part_paragraphs() -> None:
    line = SENTENCE * 2
    page = f"<div>{line}<br><br>{line}<b>bold</b><br>\n&nbsp;<br />\n{line}<br>{line}</div>"
    found = outlined(page)
    assert [unit.kind for unit in found.units] == ["paragraph"] * 3
    assert [gap.paragraphs for gap in found.gaps] == [1, 2]
    source = f"<body><article>{page}</article>"
    assert all(source[: gap.offset].endswith(("<br>", "<br />")) for gap in found.gaps)
    words = count_words(line)
    assert [unit.words for unit in found.units] == [words, words + 1, 2 * words]


def test_words_are_not_cut_where_elements_meet() -> None:
    assert outlined(f"an <b>o</b>ld bridge<p>{SENTENCE}</p>").units[0].words == 3
    assert outlined(f"an old<br>bridge<p>{SENTENCE}</p>").units[0].words == 3


def between(page: str, paragraphs: int) -> str:
    """What stands right before and right behind the gap after so many paragraphs."""
    document = Document(page.encode())
    found = outline(document, Body(document.select("body")[0], None), None)
    assert found is not None
    [offset] = [gap.offset for gap in found.gaps if gap.paragraphs == paragraphs]
    return f"{page[:offset][-4:]}|{page[offset:][:4]}"


def test_paragraphs_without_end_tags_have_a_gap_between_them() -> None:
    assert between("<body><p>A<p>B<p>C</p><p>D</p>", 1) == "<p>A|<p>B"
    assert between("<body><p>A<p>B<p>C<p>D", 2) == "<p>B|<p>C"


def test_the_third_paragraph_may_be_inside_a_div() -> None:
    page = "<body><p>A</p><p>B</p><div><p>C</p><p>D</p><p>E</p><p>F</p></div>"
    assert between(page, 3) == "</p>|<p>D"


def test_what_looks_like_a_paragraph_counts_where_a_browser_makes_one() -> None:
    assert between("<body><p\nclass=x>A</p><P >B</P><p>C</p>", 2) == "</P>|<p>C"
    hidden = "<script>'<p>a</p>'</script><!-- <p>b</p> --><template><p>c</p></template>"
    assert between(f"<body><p>A</p>{hidden}<p>B</p>{hidden}<p>C</p>", 2).endswith(("|<p>C", "|<scr"))
