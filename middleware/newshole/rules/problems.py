"""From pydantic's errors to problems: one sentence each, at the place in the file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from newshole.rules.tree import Mark, Node, Scalar, Told, in_words, is_nothing, plain, walk
from newshole.rules.written import meant, meant_or_known

Model = TypeVar("Model", bound=BaseModel)

_EXPECTED: Final = {
    "model_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong: what, the path of the rule for people and key by key, and where it stands;
    `is_absent` where it is that something is missing."""

    sentence: str
    path: str
    steps: tuple[str, ...]
    mark: Mark
    is_absent: bool


def read_as(model: type[Model], node: Node, told: Told, *, complete: bool = True) -> Model | None:
    """The tree as a model; None where something is wrong, which is told.

    Where the tree is not `complete`, for another file's keys may go over it or under it, no key is missing,
    and one without a value may take another file's away.
    """
    read, found = judged(model, node)
    for mistake in found:
        if complete or not mistake.is_absent:
            told.tell(mistake.mark, mistake.sentence, mistake.path)
    return read


def judged(model: type[Model], node: Node) -> tuple[Model | None, list[Mistake]]:
    """The tree as a model, and what is wrong with it."""
    try:
        return model.model_validate(plain(node)), []
    except ValidationError as failed:
        return None, [_mistake(error, node) for error in failed.errors(include_url=False)]


def _mistake(error: ErrorDetails, root: Node) -> Mistake:
    is_key = error["type"] == "extra_forbidden"
    path, mark, node = walk(root, iter((*error["loc"], "[key]") if is_key else error["loc"]))
    is_absent = error["type"] in ("missing", "needs") or (not is_key and is_nothing(node))
    steps = tuple(str(step) for step in error["loc"] if not str(step).startswith(("(", "[")))
    sentence, place = _sentence(error, node, path), error.get("ctx", {})
    if "line" in place:
        mark, sentence = _within(node, mark, sentence, (place["line"], place["column"]))
    return Mistake(sentence, path, steps, mark, is_absent)


def _within(node: Node, mark: Mark, sentence: str, place: tuple[int, int]) -> tuple[Mark, str]:
    """Where in the file a line and a column of a text stand, and the sentence, which says it where the file
    does not have the text as it is."""
    line, column = place
    first = node.first if isinstance(node, Scalar) else None
    if first is None:
        return mark, f"line {line} of the snippet: {sentence}"
    return Mark(first.file, first.line + line - 1, first.column + column - 1), sentence


def _sentence(error: ErrorDetails, node: Node, path: str) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind in ("wrong", "needs"):
        return str(context["sentence"])
    if kind == "missing":
        return f'needs "{error["loc"][-1]}"'
    if kind == "extra_forbidden":
        return f"unknown key{meant_or_known(str(error['loc'][-1]), context['names'])}"
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", context["expected"])
        return _expected(f"one of {', '.join(allowed)}", node, allowed)
    if kind == "expected" and error["loc"][-1:] == ("[key]",):
        return f'expected {context["what"]}, found "{path.rpartition(".")[2]}"'
    return _expected(context["what"] if kind == "expected" else _EXPECTED[kind], node, [])


def _expected(what: str, node: Node, allowed: list[str]) -> str:
    found = in_words(node)
    hint = meant(found.strip('"'), allowed)
    return f"expected {what}, found {found}{hint}"
