"""What operators' templates are made of, so that filling one in takes time and room that its length bounds.

A sandbox keeps a template from reaching into Python, and not from counting to a billion. So nothing is called
or repeated that could: a loop goes over a list that is written out and stands in no other one, what is set is
not set again from what was set, and filters are those that make nothing much longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from jinja2 import nodes

FILTERS: Final = frozenset(
    "abs capitalize count d default e escape first float forceescape int last length list lower max min "
    "reject rejectattr reverse safe select selectattr sort string striptags sum title trim truncate unique "
    "upper urlencode wordcount".split()
)
"""The filters that templates have."""

MOST_ITEMS: Final = 100
"""Entries of a list that a loop goes over."""

MOST_FILTERS: Final = 500
"""Filters in a template; each may make what it gets a few times as long."""

_REFUSED: Final[dict[type[nodes.Node], str]] = {
    nodes.Call: "nothing can be called in a template",
    nodes.Macro: "a template has no macros",
    nodes.CallBlock: "a template has no macros",
    nodes.Include: "a template takes in no other one",
    nodes.Import: "a template takes in no other one",
    nodes.FromImport: "a template takes in no other one",
    nodes.Extends: "a template takes in no other one",
    nodes.Block: "a template has no blocks",
    nodes.With: 'a template has no "with": use "set"',
    nodes.Mul: '"*" has no place in a template',
    nodes.Pow: '"**" has no place in a template',
    nodes.Mod: '"%" has no place in a template: "is divisibleby" tells odd from even',
}


class Excess(NamedTuple):
    """What a template may not do, and in which line, from 1."""

    sentence: str
    line: int


def excesses(template: nodes.Template) -> Iterator[Excess]:
    """What in a template could take any time, or any room."""
    for kind, sentence in _REFUSED.items():
        yield from (Excess(sentence, each.lineno) for each in template.find_all(kind))
    filters = [*template.find_all(nodes.Filter)]
    for each in filters:
        if each.name not in FILTERS:
            yield Excess(f"No filter named '{each.name}'.", each.lineno)
    if len(filters) > MOST_FILTERS:
        yield Excess(f"more than {MOST_FILTERS} filters", filters[0].lineno)
    for loop in template.find_all(nodes.For):
        yield from _of_loop(loop)
    yield from _of_sets(template)


def _of_loop(loop: nodes.For) -> Iterator[Excess]:
    if any(True for part in (*loop.body, *loop.else_) for _ in _loops_in(part)):
        yield Excess("no loop may stand in another one", loop.lineno)
    listed = loop.iter.items if isinstance(loop.iter, nodes.List | nodes.Tuple) else None
    if listed is None or len(listed) > MOST_ITEMS or loop.recursive:
        yield Excess(f"a loop goes over a list that is written out, of {MOST_ITEMS} at most", loop.lineno)


def _loops_in(node: nodes.Node) -> Iterator[nodes.Node]:
    if isinstance(node, nodes.For):
        yield node
    yield from node.find_all(nodes.For)


def _of_sets(template: nodes.Template) -> Iterator[Excess]:
    """What is set from what was set, or from what a loop goes over."""
    texts, blocks = [*template.find_all(nodes.Assign)], [*template.find_all(nodes.AssignBlock)]
    targets = [each.target for each in texts] + [each.target for each in template.find_all(nodes.For)]
    targets += [each.target for each in blocks]
    own = {name for target in targets for name in _names_in(target)}
    values: list[tuple[int, nodes.Node]] = [(each.lineno, each.node) for each in texts]
    values += [(each.lineno, part) for each in blocks for part in each.body]
    for line, value in values:
        for name in sorted(own.intersection(_names_in(value))):
            yield Excess(f'nothing may be set from "{name}", which the template itself sets', line)


def _names_in(node: nodes.Node) -> Iterator[str]:
    """The names of variables in a part of a template."""
    if isinstance(node, nodes.Name):
        yield node.name
    yield from (each.name for each in node.find_all(nodes.Name))
