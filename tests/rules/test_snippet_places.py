"""What is wrong in a snippet is told where it stands in the file, however YAML has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.files import marked, mistakes, rules

BLOCK = "blocks:\n  x:\n    kind: html\n    place: body-end\n    html: "


@pytest.mark.parametrize(
    "written",
    [
        "<b>{{ site }} ¦<i></b>",
        "'<b>¦<i></b>'",
        '"<b>¦<i></b>"',
        "|\n      <b>\n        ¦<i>\n      </b>",
        "|- # a remark\n\n      <b>\n      {% if site %}x{% endif %} ¦<i></b>",
        "|2\n        <b>¦<i></b>",
        ">\n      <b>¦<i></b>",
    ],
)
def test_line_and_column_are_those_of_the_file(tmp_path: Path, written: str) -> None:
    text, at = marked(BLOCK + written)
    assert mistakes(tmp_path, text) == [f"{at}: blocks.x.html: <i> is never closed"]


@pytest.mark.parametrize(
    ("written", "line"),
    [('¦"<b>\\n<i></b>"', 2), ("¦'<b>it''s<i></b>'", 1), ("¦>\n      <b>\n      <i></b>", 1)],
)
def test_where_the_file_has_the_text_otherwise_the_line_of_the_snippet_is_told(
    tmp_path: Path, written: str, line: int
) -> None:
    text, at = marked(BLOCK + written)
    told = f"{at}: blocks.x.html: line {line} of the snippet: <i> is never closed"
    assert mistakes(tmp_path, text) == [told]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("¦<script>f()</script>", '<script> needs "scripts: true" beside the html'),
        ('¦<b onclick="f()">x</b>', 'onclick of <b> needs "scripts: true" beside the html'),
        ("¦<a href=' JavaScript:f()'>x</a>", "href of <a> is a script; write an address"),
        (
            "¦<img src=http://a/b width=1 height=1 alt=x>",
            "src of <img> is of http, which a page of https does not load",
        ),
        (
            "¦<img srcset='/a 1x, http://a/b 2x' width=1 height=1 alt=x>",
            "srcset of <img> is of http, which a page of https does not load",
        ),
        (
            "<p>x</p>¦<form action='http://a/b'></form>",
            "action of <form> is of http, which a page of https does not load",
        ),
    ],
)
def test_what_a_snippet_must_not_do_is_told(tmp_path: Path, written: str, told: str) -> None:
    text, at = marked(BLOCK + "|\n      " + written)
    assert mistakes(tmp_path, text) == [f"{at}: blocks.x.html: {told}"]


@pytest.mark.parametrize(
    "written", ["<a href=http://a/b>a link</a>", "<a href=/javascript:>x</a>", "<svg><path d='M0 0'/></svg>"]
)
def test_what_harms_nothing_is_right(tmp_path: Path, written: str) -> None:
    assert rules(tmp_path, BLOCK + "|\n      " + written).blocks


def test_scripts_need_permission(tmp_path: Path) -> None:
    text, at = marked(BLOCK + "¦<script>f()</script>\n    scripts: false\n")
    assert [each.split(": ")[0] for each in mistakes(tmp_path, text)] == [at]
    assert rules(tmp_path, text.replace("false", "true")).blocks


def test_the_markup_of_an_ad_is_vetted_the_same(tmp_path: Path) -> None:
    ad = "blocks:\n  x:\n    kind: ad\n    sizes: {mobile: [[1, 1]]}\n    place: body-end\n    serve:\n"
    text, at = marked(ad + "      html: |\n        <p>\n        ¦<script>f()</script></p>\n")
    told = f'{at}: blocks.x.serve.html: <script> needs "scripts: true" beside the html'
    assert mistakes(tmp_path, text) == [told]
