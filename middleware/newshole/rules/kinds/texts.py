"""Texts of the rules in which variables may stand, and operators' own markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Final

from pydantic import ValidationError
from pydantic_core import InitErrorDetails

from newshole.rules import snippets
from newshole.rules.words import TEXT_SCHEMA, Word, read_text
from newshole.rules.written import Conflict, expected, nearest, wrong

_BRACES = re.compile(r"\{(\w+)\}")


def with_braces(*names: str) -> Word:
    """Text in which these names may stand in braces, and no other ones."""

    def read(value: object) -> str:
        text = read_text(value)
        for name in _BRACES.findall(text):
            if name not in names:
                likely = nearest(name, list(names)) or names[0]
                raise wrong(f'unknown variable "{{{name}}}"; did you mean "{{{likely}}}"?')
        return text

    return Word(read, TEXT_SCHEMA)


def _snippet(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise expected("HTML")
    if faults := list(snippets.faults(value)):
        lines = [InitErrorDetails(type=wrong(*fault), loc=(), input=None) for fault in faults]
        raise ValidationError.from_exception_data("snippet", lines)
    return value


def script_conflicts(written: Mapping[str, object]) -> Iterator[Conflict]:
    """Scripts in the `html` of a mapping that does not permit them."""
    html = written.get("html")
    if isinstance(html, str) and written.get("scripts") is not True:
        for sentence, line, column in snippets.scripts(html):
            yield Conflict(sentence, ("html",), place=(line, column))


Variables = Annotated[str, with_braces(*snippets.VARIABLES)]
"""Text with variables of the page in braces."""


PAGE_VARIABLES: Final = tuple(name for name in snippets.VARIABLES if name != "n")
"""Those of them that are the same for all copies of a block."""

PageText = Annotated[str, with_braces(*PAGE_VARIABLES)]
"""The same for what all copies of a block say."""


Snippet = Annotated[str, Word(_snippet, {**TEXT_SCHEMA, "contentMediaType": "text/html"})]
"""An operator's own markup, vetted."""
