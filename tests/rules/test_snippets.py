"""Operators' own HTML is vetted when the rules load, so that no page has to find out."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.blocks.markup import snippet
from newshole.rules.snippets import VARIABLES, faults, scripts

SPILLS = (
    "line 1 of the snippet: a variable may become markup: "
    'put quotes around its attribute, and leave out "safe"'
)
FAILS = "line 1 of the snippet: cannot be filled in"


@pytest.mark.parametrize(
    "markup",
    [
        "just text",
        "https://news.example/",
        "story.html",
        "<p>Hello</p>",
        "<p>a<br>b<hr></p>",
        "<p>{{ section }}, {{ site|upper }}</p>",
        "{% if section %}<b>{{ section }}</b>{% endif %}",
        "{% set x = 'a' %}{{ x }}{# a <p> in a comment #}",
        "{% for word in ['a', 'b'] %}<i>{{ word }} {{ loop.index }}</i>{% endfor %}",
        "<ul>\n{% if n == '1' %}\n<li>x</li>\n{% endif %}\n</ul>",
        "<img src=a.png width=1 height=1 alt=''>",
        "<svg viewBox='0 0 1 1'><path d='M0 0'/><g><circle r=1 /></g></svg>",
        "<script>if (a < b && c > d) f('</p>'.length)</script>",
        "<style>a > b { color: red }</style>",
        "<!-- a <p> in a comment --><p></p>",
        "a &lt; b &amp; c < d",
        '<a href="/x?{{ section|urlencode }}">x</a>',
        "<p title='{{ section }}' data-n={{ n }}>{{ '<b>x</b>'|safe }}</p>",
        "<DIV></div>",
    ],
)
def test_markup_that_closes_what_it_opens_is_right(markup: str) -> None:
    assert list(faults(markup)) == []


@pytest.mark.parametrize(
    ("markup", "told"),
    [
        ("<p>Hello", ["line 1 of the snippet: <p> is never closed"]),
        ("<div>\n<p>\n</div>", ["line 2 of the snippet: <p> is never closed"]),
        ("a\n</b>", ["line 2 of the snippet: </b> closes nothing"]),
        (
            "<b><i></b></i>",
            ["line 1 of the snippet: <i> is never closed", "line 1 of the snippet: </i> closes nothing"],
        ),
        ("<base href=/x>", ["line 1 of the snippet: <base> has no place in a block"]),
        (
            '<a href="java\nscript:f()">x</a>',
            ["line 1 of the snippet: href of <a> is a script; write an address"],
        ),
        ("<p title={{ tag }}>x</p>", [SPILLS]),
        ("<p>{{ section|safe }}</p>", [SPILLS]),
        ("<p/>", ["line 1 of the snippet: <p> is never closed"]),
        ("<p\n", ["line 1 of the snippet: a tag or comment has no end"]),
        ("x\n<!-- ", ["line 2 of the snippet: a tag or comment has no end"]),
        ("<a href='x>y</a>", ["line 1 of the snippet: a tag or comment has no end"]),
        ("<body><p></p></body>", ["line 1 of the snippet: <body> has no place in a block"]),
        ("<plaintext>", ["line 1 of the snippet: <plaintext> has no place in a block"]),
        ("<img src=a>", ["line 1 of the snippet: <img> needs width and height and alt"]),
        ("\n<img src=a width=1 height=1>", ["line 2 of the snippet: <img> needs alt"]),
        ("<![odd[x]]>", ["line 1 of the snippet: unknown status keyword 'odd' in marked section"]),
        (
            "a\n{{ site",
            ["line 2 of the snippet: unexpected end of template, expected 'end of print statement'."],
        ),
        ("{% if site %}x", None),
        ("{{ site|shout }}", ["line 1 of the snippet: No filter named 'shout'."]),
        ("{{ site|random }}", ["line 1 of the snippet: No filter named 'random'."]),
        (
            "\n{{ sectoin }}",
            ['line 2 of the snippet: unknown variable "sectoin"; did you mean "section"?'],
        ),
        (
            "{{ lipsum() }}",
            ["line 1 of the snippet: nothing can be called in a template"],
        ),
        (
            "{{ site.nmae }}",
            [f"{FAILS}: 'str object' has no attribute 'nmae'"],
        ),
        (
            "{{ 1 // (n|int - 1) }}",
            [f"{FAILS}: integer division or modulo by zero"],
        ),
        (
            "{% include site %}",
            ["line 1 of the snippet: a template takes in no other one"],
        ),
        ("{{ " + "(" * 2_000 + "1" + ")" * 2_000 + " }}", ["line 1 of the snippet: nested too deep"]),
    ],
)
def test_what_is_wrong_is_told_with_its_line_in_the_snippet(markup: str, told: list[str] | None) -> None:
    found = list(map(str, faults(markup)))
    assert found
    assert told is None or found == told


def test_a_template_cannot_reach_into_python() -> None:
    [told] = map(str, faults("{{ site.__class__.__mro__ }}"))
    assert told.startswith(f"{FAILS}: access to attribute '__class__'")


@pytest.mark.parametrize("name", VARIABLES)
def test_every_variable_may_be_used(name: str) -> None:
    assert list(faults(f"{{{{ {name} }}}}")) == []


BOMBS: Final = [
    "{{ 9 ** 9 ** 9 ** 9 }}",
    "{{ ('x' * 1000000000)|length }}",
    "{{ ('%1000000000d' % 1)|length }}",
    "{{ ('x'|center(1000000000))|length }}",
    "{{ ('%1000000000d'|format(1))|length }}",
    "{{ ('x\\ny'|indent(1000000000))|length }}",
    "{{ 'x'.ljust(1000000000) }}",
    "{{ 'x'" + "|replace('x', 'xxxx')" * 20 + " }}",
    "{% for a in ['"
    + "x" * 9000
    + "'] %}{% for b in a %}{% for c in a %}{% endfor %}{% endfor %}{% endfor %}",
    "{% for a in 'x'|list %}x{% endfor %}",
    "{% for a in [1, 2] recursive %}{{ loop([1, 2]) }}{% endfor %}",
    "{% set a = 'x' %}" + "{% set a = a ~ a %}" * 40,
    "{% for a in ['x'] %}" + "{% set a = a ~ a %}" * 40 + "{% endfor %}",
    "{% set a %}x{% endset %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 40,
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}",
    "{% with a = 'x' %}" + "{% with a = a ~ a %}" * 40 + "{% endwith %}" * 41,
    "{{ 1|round(1000000000) }}",
    "{{ '\"'" + "|tojson" * 40 + " }}",
    "{{ site" + "|e" * 600 + " }}",
    "{{ '<'" + "|forceescape" * 501 + " }}",
]


@pytest.mark.parametrize("condition", ["", "{% if section == 'sport' %}"])
@pytest.mark.parametrize("bomb", BOMBS, ids=range(len(BOMBS)))
def test_no_template_can_take_any_time_or_room(bomb: str, condition: str) -> None:
    written = condition + bomb + ("{% endif %}" if condition else "")
    found = list(map(str, faults(written)))
    assert found
    assert not any(FAILS in each for each in found)


PIECES = st.sampled_from(
    [
        *(
            "<p>",
            "</p>",
            "<b>",
            "</b>",
            "<img>",
            "<br>",
            "<svg>",
            "<path/>",
            "</svg>",
            "<script>",
            "</script>",
        ),
        *("{{ site }}", "{{", "}}", "{%", "%}", "{% if n %}", "{% endif %}", "{#", "#}", "text", "\n", " "),
        *("<", ">", "<!", "<![", "<!--", "-->", "]]>", "<?", "&", "&#", ";", "'", '"', "=", "/", "\0", "é"),
    ]
)
WORDS = dict.fromkeys(VARIABLES, "news")


@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=40))
def test_what_is_found_right_can_be_filled_in(markup: str) -> None:
    if not list(faults(markup)):
        assert snippet(markup, WORDS) is not None


@pytest.mark.parametrize(
    ("inner", "count"), [("<p>x</p>", 0), ("<script>f()</script>", 1), ("<p onclick=f()>", 1)]
)
def test_scripts_in_the_page_of_a_frame_are_scripts(inner: str, count: int) -> None:
    assert len(list(scripts(f'<iframe srcdoc="{inner}"></iframe>'))) == count
