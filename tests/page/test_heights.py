"""Estimated heights: of every kind of unit, and of the body as their sum."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.page.body import Body, find_body
from newshole.page.document import Document
from newshole.page.heights import columns
from newshole.page.media import SOUND
from newshole.page.outline import Details, Outline, outline
from newshole.page.screen import WRAP, Metrics, Screen, sheet

# Lines of 20 letters on mobile and of 60 on desktop, 20 px high.
METRICS = Metrics(
    Screen(360, 800, (20 + WRAP) * 10, 20, 20, 0.5, 15), Screen(1366, 768, (60 + WRAP) * 10, 20, 20, 0.5, 15)
)
COLUMNS = tuple(screen.column for screen in (METRICS.mobile, METRICS.desktop))


def outlined(fragment: str, metrics: Metrics | None = METRICS, encoding: str = "utf-8") -> Outline:
    page = f"<!doctype html><body><main>{fragment}</main>".encode(encoding)
    document = Document(page, encoding)
    [main] = document.select("main")
    found = outline(document, Body(main, None), None, Details(metrics=metrics))
    assert found is not None
    return found


def heights(fragment: str, encoding: str = "utf-8") -> tuple[int, int]:
    """Those of the one unit that the fragment is."""
    [unit] = outlined(fragment, encoding=encoding).units
    return unit.heights


def paragraph(lines: int) -> int:
    return lines * 20 + 15


def wide(share: float) -> tuple[int, int]:
    """So much of the column's width, on both devices."""
    return round(share * COLUMNS[0]), round(share * COLUMNS[1])


def test_nothing_is_estimated_where_nobody_asks() -> None:
    assert {unit.heights for unit in outlined("<p>A b</p><img src=x>", None).units} == {(0, 0)}


@pytest.mark.parametrize(("letters", "lines"), [(1, (1, 1)), (20, (1, 1)), (21, (2, 1)), (61, (4, 2))])
def test_a_paragraph_is_as_tall_as_its_lines(letters: int, lines: tuple[int, int]) -> None:
    assert heights(f"<p>{'a' * letters}</p>") == (paragraph(lines[0]), paragraph(lines[1]))


def test_markup_and_indents_in_a_paragraph_take_no_room() -> None:
    assert heights("<p>aaaa <a href='/some/long/address'>bbbb</a>\n            cccc</p>") == (35, 35)


def test_text_without_an_element_has_no_margin() -> None:
    assert heights("Some text") == (20, 20)


@pytest.mark.parametrize("encoding", ["utf-8", "shift_jis", "gb18030", "euc_jp"])
def test_wide_letters_count_double(encoding: str) -> None:
    assert heights(f"<p>{'水' * 10}</p>", encoding) == (paragraph(1), paragraph(1))
    assert heights(f"<p>{'水' * 11}</p>", encoding) == (paragraph(2), paragraph(1))


@pytest.mark.parametrize("text", ["ä" * 20, "ж" * 20, "’" * 10 + "a" * 10, "a&rsquo;" * 10])
def test_other_letters_count_once(text: str) -> None:
    assert heights(f"<p>{text}</p>") == (paragraph(1), paragraph(1))


def test_line_breaks_begin_lines_and_blank_ones_stand_between() -> None:
    assert heights("<p>a<br>b<br>c</p>") == (paragraph(3), paragraph(3))
    assert heights("<p>a<br><br>b</p>") == (paragraph(3), paragraph(3))


def test_headings_are_taller_the_higher_they_are() -> None:
    ranks = [heights(f"<h{rank}>A heading</h{rank}>")[0] for rank in range(1, 5)]
    assert ranks == sorted(ranks, reverse=True)
    assert len({*ranks}) == 4
    assert heights("<h6>A heading</h6>") == heights("<h4>A heading</h4>")
    assert heights("<header><h2>A heading</h2><p>By her</p></header>") > heights("<h2>A heading</h2>")


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("width=1600 height=800", wide(1 / 2)),
        ("width='100px' height=40", (40, 40)),
        ("height=90", (90, 90)),
        ("", wide(9 / 16)),
        ("width='100%'", wide(9 / 16)),
        ("style='aspect-ratio: 4 / 1'", wide(1 / 4)),
        ("style='aspect-ratio:2'", wide(1 / 2)),
        ("style='width:80px;height:60px'", (60, 60)),
        ("style='aspect-ratio: 0 / 0'", wide(9 / 16)),
    ],
)
@pytest.mark.parametrize("tag", ["img", "video"])
def test_pictures_and_films_are_what_they_say_scaled_to_the_column(
    tag: str, attributes: str, expected: tuple[int, int]
) -> None:
    assert heights(f"<{tag} {attributes}></{tag}>") == expected


def test_small_pictures_stand_beside_each_other() -> None:
    small = "<img width=100 height=40>"
    assert heights(f"<div>{small}{small}</div>") == (40, 40)
    assert heights(small * 3) == (80, 40)


def test_a_caption_is_below_its_picture() -> None:
    bare = heights("<figure><img></figure>")
    named = heights("<figure><img><figcaption>A caption</figcaption></figure>")
    assert bare == wide(9 / 16)
    assert all(named[n] > bare[n] for n in (0, 1))


def test_room_that_a_figure_keeps_for_a_script_counts() -> None:
    assert heights("<figure><div style='padding-top:50%'></div></figure>") == wide(1 / 2)


def test_what_only_pages_without_scripts_show_takes_no_room() -> None:
    spare = "<noscript><img src=/a/very/long/address/of/a/picture.jpg alt='and what it shows'></noscript>"
    figure = "<figure><img>{}<figcaption>A caption</figcaption></figure>"
    plain = heights(figure.format(""))
    assert heights(figure.format(spare * 9))[0] - plain[0] <= 20


def test_a_player_of_sound_is_flat() -> None:
    assert heights("<audio src=x controls></audio>") == (SOUND, SOUND)


@pytest.mark.parametrize("host", ["www.youtube.com/embed/x", "player.vimeo.com/video/1"])
def test_films_of_other_sites_are_16_to_9(host: str) -> None:
    film = f"<iframe src='https://{host}' width=560 height=315></iframe>"
    assert heights(film) == (round(COLUMNS[0] * 315 / 560 + 15), 315 + 15)
    lazy = heights(f"<iframe data-src='https://{host}'></iframe>")
    assert lazy == (round(COLUMNS[0] * 9 / 16 + 15), round(COLUMNS[1] * 9 / 16 + 15))


@pytest.mark.parametrize(
    "markup",
    [
        "<blockquote class=twitter-tweet><p>A few words</p></blockquote>",
        "<blockquote class=instagram-media><p>A few words</p></blockquote>",
        "<blockquote class=tiktok-embed><p>A few words</p></blockquote>",
        "<iframe src=https://www.facebook.com/plugins/post.php></iframe>",
        "<iframe src=https://open.spotify.com/embed/episode/1></iframe>",
    ],
)
def test_posts_of_networks_have_the_room_that_their_scripts_take(markup: str) -> None:
    assert all(220 < height < 900 for height in heights(markup))


def test_any_other_frame_is_as_tall_as_it_says() -> None:
    assert heights("<iframe src=/poll height=420></iframe>") == (435, 435)
    assert heights("<iframe src=/poll></iframe>") == (165, 165)
    assert heights("<iframe src=https://open.spotify.com/x height=152></iframe>") == (167, 167)


def test_a_list_has_a_line_for_each_entry_at_least() -> None:
    short = heights("<ul><li>a</li><li>b</li><li>c</li></ul>")
    assert short == (paragraph(3), paragraph(3))
    assert heights(f"<ol><li>{'a ' * 99}</li><li>b</li></ol>")[0] > paragraph(10)


def test_quotes_are_narrower_than_paragraphs() -> None:
    text = "word " * 60
    assert heights(f"<blockquote><p>{text}</p></blockquote>")[0] > heights(f"<p>{text}</p>")[0]
    assert heights("<blockquote><p>a</p><p>b</p></blockquote>") == (70, 70)


def test_a_table_has_a_line_for_each_row_at_least() -> None:
    rows = "<tr><td>a</td><td>b</td></tr>"
    assert heights(f"<table>{rows * 9}</table>")[0] >= 9 * 20
    assert heights(f"<table>{rows * 18}</table>")[0] > 1.8 * heights(f"<table>{rows * 9}</table>")[0]


def test_code_is_not_wrapped() -> None:
    long = "x" * 500
    assert heights(f"<pre>{long}\n{long}\n</pre>") == heights("<pre>a\nb</pre>")


def test_a_rule_is_thin_and_an_empty_paragraph_is_nothing() -> None:
    first, rule, last = outlined("<p>A b</p><hr><p>C d</p>").units
    assert first.heights > rule.heights > (0, 0)
    assert last.heights == first.heights
    _, empty, blank, _ = outlined("<p>A b</p><p></p><p>&nbsp;</p><p>C d</p>").units
    assert empty.heights == (0, 0)
    assert blank.heights == (paragraph(1), paragraph(1))


def test_a_picture_in_a_paragraph_adds_to_its_text() -> None:
    assert heights("<p>A few <img width=50 height=90> words</p>") == (paragraph(1) + 90, paragraph(1) + 90)


def test_indents_of_bytes_and_of_letters_are_no_letters() -> None:
    assert columns("one\n\t\ttwo\n    three", is_utf8=True) == len("one two three")


def test_lines_are_never_shorter_than_a_letter() -> None:
    narrow = sheet(Screen(100, 100, 10, 60, 60, 1.5, 0))
    assert all(setting.letters >= 1 for setting in narrow.settings.values())


PARTS = (
    "<p>A paragraph of a few words.</p>", "<h2>A heading</h2>", "<figure><img width=8 height=5></figure>",
    "<ul><li>one<li>two</ul>", "<blockquote>Said</blockquote>", "<hr>", "<p></p>", "<pre>a\n</pre>",
    "<table><tr><td>1</table>", "<iframe src=//youtu.be/x></iframe><p>x</p>", "<aside>Beside it</aside>",
)  # fmt: skip


@given(st.lists(st.sampled_from(PARTS), min_size=1), st.lists(st.sampled_from(PARTS), min_size=1))
def test_heights_are_never_below_0_and_add_up(one: list[str], other: list[str]) -> None:
    mark, end = "<h2>Between</h2>", "<p>At the end stands a paragraph that is long enough.</p>"
    above, below, both = (
        outlined(f"{mark}{''.join(each)}{mark}{end}") for each in (one, other, [*one, mark, *other])
    )
    assert all(height >= 0 for unit in both.units for height in unit.heights)
    once = (*above.units[:-1], *below.units[1:])
    assert [unit.heights for unit in both.units] == [unit.heights for unit in once]
    assert both.heights == tuple(map(sum, zip(*(unit.heights for unit in once), strict=True)))


@given(st.text(max_size=200), st.sampled_from(["p", "li", "h2", "td", "pre", "blockquote", "div", "aside"]))
def test_any_text_has_a_height(text: str, tag: str) -> None:
    found = outlined(f"<p>x</p><{tag}>{text}</{tag}>")
    assert all(height >= 0 for unit in found.units for height in unit.heights)


def test_the_body_is_found_with_heights(seed_page: bytes) -> None:
    document = Document(seed_page)
    body = find_body(document)
    assert body is not None
    found = outline(document, body, None, Details(metrics=Metrics()))
    assert found is not None
    assert all(min(unit.heights) > 0 for unit in found.units)
    assert found.heights[0] > found.heights[1] > 500
