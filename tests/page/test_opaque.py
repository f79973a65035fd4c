"""Opaque spots: what nothing reads, held against the source of what reads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import newshole
from newshole.page.document import Document, check_selector
from newshole.page.opaque import READ_ATTRIBUTES, READ_OF, Watched, are_opaque
from newshole.page.story import METAS_READ

PACKAGE = Path(newshole.__file__).parent
READERS = tuple(
    path
    for path in (*sorted(PACKAGE.glob("*.py")), *sorted((PACKAGE / "page").glob("*.py")))
    if path.name not in ("frame.py", "opaque.py")
)
"""The modules that see a page's tree."""

ASKING = {"attr": 0, "attribute": 1}
"""The methods that ask for an attribute, and which of their arguments is its name."""

IN_SELECTOR = re.compile(r"\[\s*([\w:\\-]+)\s*(?=[~|^$*]?=|\])")


def opaque(page: str, *watched: str) -> bool:
    """Whether nothing reads what stands where the page says TOKEN."""
    start = page.index("TOKEN")
    return are_opaque(Document(page.encode()), [(start, start + len("TOKEN"))], Watched(watched))


@pytest.mark.parametrize("name", sorted(METAS_READ))
def test_what_a_story_is_read_from_is_not_opaque(name: str) -> None:
    for naming in ("name", "property", "itemprop"):
        assert not opaque(f'<meta {naming}="{name.upper()}" content="TOKEN">')
        assert not opaque(f'<meta content="TOKEN" {naming}="{name}">')


def test_what_other_meta_elements_say_is_opaque() -> None:
    assert opaque('<meta name="csrf-token" content="TOKEN">')
    assert opaque('<meta content="TOKEN">')
    assert not opaque('<meta http-equiv="content-security-policy" content="TOKEN">')
    assert not opaque('<meta charset="utf-8" content="TOKEN">')
    assert not opaque('<meta name="csrf-token" content="TOKEN">', "meta[content]")


def test_what_meta_elements_say_that_the_rules_look_at_is_read() -> None:
    page = Document(b'<meta property="Ad-Type" content="TOKEN"><p>x')
    token = [(34, 39)]
    assert page.page[34:39] == b"TOKEN"
    assert are_opaque(page, token, Watched(metas=frozenset({"sponsor"})))
    assert not are_opaque(page, token, Watched(metas=frozenset({"ad-type"})))


@pytest.mark.parametrize("name", sorted(READ_ATTRIBUTES))
def test_no_attribute_that_is_read_is_opaque(name: str) -> None:
    assert not opaque(f'<div {name.upper()}="TOKEN">')
    assert opaque(f'<div data-{name}="TOKEN">')


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ('"', '"', True),
        ("'", "'", True),
        ('"/x?a=1&amp;', '"', True),
        ('"a ', '"', False),
        ('"', ' b"', False),
        ('"<', '"', False),
        ('"', '>"', False),
        ('"a>', '"', False),
        ('"!', '"', False),
        ('"é', '"', False),
        ("", "", False),
    ],
)
def test_a_token_in_an_attribute_stands_in_quotes_and_beside_punctuation(
    before: str, after: str, expected: bool
) -> None:
    assert opaque(f"<div data-x={before}TOKEN{after}>") is expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ('<script>"', '"</script>', True),
        ("<div><script defer>'", "'</script></div>", True),
        ("<script>`", "`</script>", True),
        ("<script type=application/json>{'a':'", "'}</script>", True),
        ('<script>"', "'</script>", False),
        ('<script>"a ', '"</script>', False),
        ("<script>(", ")</script>", False),
        ('<script>"', '"', False),
        ('<script type="application/LD+json">"', '"</script>', False),
        ('<p><script>"', '"</script></p>', False),
        ('<h1><script>"', '"</script></h1>', False),
        ('<svg><script>"', '"</script></svg>', False),
        ('<template><script>"', '"</script></template>', False),
        ('<noscript><script>"', '"</script></noscript>', False),
        ('<textarea><script>"', '"</script></textarea>', False),
        ('<style>"', '"</style>', False),
        ('"', '"', False),
    ],
)
def test_a_token_in_a_script_is_a_whole_string(before: str, after: str, expected: bool) -> None:
    assert opaque(f"<body>{before}TOKEN{after}") is expected


@pytest.mark.parametrize(
    "markup",
    [
        '<b data-x="TOKEN">',
        '<a data-x="TOKEN">',
        '<html data-x="TOKEN">',
        '<body data-x="TOKEN">',
        '<p>a<body data-x="TOKEN">',
        '<svg data-x="TOKEN">',
        '<math><mi data-x="TOKEN">',
        '<select data-x="TOKEN">',
        '<template data-x="TOKEN">',
        '<div data-x="a" data-x="TOKEN">',
        '<tr data-x="TOKEN">',
        '</p data-x="TOKEN">',
        '<textarea><p data-x="TOKEN">',
        '<!-- <p data-x="TOKEN"> -->',
        '<plaintext><p data-x="TOKEN">',
        '<p data-x="TOKEN"',
    ],
)
def test_nothing_is_opaque_where_the_parser_may_look_at_it_or_drops_it(markup: str) -> None:
    assert not opaque(markup)


def test_every_attribute_that_reading_asks_for_is_known() -> None:
    asked = {name for path in READERS for name in _asked_for(path)}
    assert {"class", "hidden", "itemtype", "property", "q:container", "role", "xml:lang"} <= asked
    assert asked <= READ_ATTRIBUTES | READ_OF.keys()


@pytest.mark.parametrize(
    ("markup", "is_opaque"),
    [
        ('<iframe src="/TOKEN?"></iframe>', False),
        ('<img src="/?TOKEN">', True),
        ('<img src="/" width="TOKEN">', False),
    ],
)
def test_what_tells_a_height_is_read(markup: str, is_opaque: bool) -> None:
    assert opaque(markup) is is_opaque


def test_attributes_are_asked_for_by_name_alone() -> None:
    """A reader that went through all attributes, or through their values, would read more than is known."""
    found = {path.name for path in READERS if re.search(r"\.attrs(?:\[|\.\w)", path.read_text())}
    assert found == {"document.py"}  # where an attribute stands that was asked for by its name


def test_what_looks_at_a_page_s_bytes_is_known() -> None:
    """Beside these the pre-scan and the encoding's: see `frame` for why tokens mean nothing to each."""
    seen = {path.name for path in READERS if re.search(r"\bdocument\.page\b", path.read_text())}
    assert seen == {"amp.py", "heights.py", "hydration.py", "outline.py", "proof.py", "told.py"}


def _asked_for(path: Path) -> Iterator[str]:
    module = ast.parse(path.read_text())
    types = {arg for node in ast.walk(module) if _is_cast(node) for arg in ast.iter_child_nodes(node)}
    for node in ast.walk(module):
        if node in types:
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ASKING:
            yield from _texts(node.args[ASKING[node.func.attr]], module, path)
        elif isinstance(node, ast.Compare) and ast.unparse(node.comparators[0]).endswith("attrs"):
            yield from _texts(node.left, module, path)
        elif isinstance(node, ast.Constant | ast.JoinedStr):
            yield from _in_selector(node)


def _is_cast(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "cast"


def _texts(node: ast.expr, module: ast.Module, path: Path) -> Iterator[str]:
    """The names that an expression stands for: a text, or a loop's variable over a tuple of texts."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
        return
    loops = [each for each in ast.walk(module) if isinstance(each, ast.For | ast.comprehension)]
    ranges = [each.iter for each in loops if ast.unparse(each.target) == ast.unparse(node)]
    for over in ranges:
        value = _assigned(over, module)
        yield from map(str, ast.literal_eval(value))
    # `Document.attribute` hands on the name that it was asked for.
    assert ranges or path.name == "document.py", f"{path.name}:{node.lineno}: which attribute is that?"


def _assigned(node: ast.expr, module: ast.Module) -> ast.expr:
    for each in module.body:
        if isinstance(each, ast.AnnAssign) and ast.unparse(each.target) == ast.unparse(node) and each.value:
            return each.value
    return node


def _in_selector(node: ast.Constant | ast.JoinedStr) -> Iterator[str]:
    """The attributes that a text names if it is a CSS selector; what is filled in stands for a name."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    text = "".join(
        str(each.value) if isinstance(each, ast.Constant) else "x"
        for each in parts
        if not isinstance(each, ast.Constant) or isinstance(each.value, str)
    )
    names = IN_SELECTOR.findall(text)
    if names and check_selector(text) is None:
        yield from (name.replace("\\", "") for name in names)
