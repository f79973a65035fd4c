"""Rules as YAML, with what they do not say in comments: above each block, and at the top."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from newshole.importing.drafts import Draft, Note

WIDTH: Final = 110
_ORDER: Final = ("kind", "sizes", "serve", "html", "scripts", "label", "reserve", "place", "repeat")
_CODES: Final = ("html",)
_OUTCOMES: Final = {"off": "not carried over", "partly": "carried over in part", "whole": "carried over"}
_UNWRITABLE: Final = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""What YAML has no place for as it is, or takes for the end of a line."""


def written(
    heading: Sequence[str],
    general: Sequence[Note],
    top: Mapping[str, Any],
    drafts: Sequence[Draft],
    pages: Sequence[Mapping[str, Any]],
) -> str:
    """The whole file."""
    lines = [*_remarks(heading), *_listed(general), ""]
    if top:
        lines += [*_yaml(top), ""]
    are_on = any(not draft.off for draft in drafts)
    lines += ["blocks:" if are_on else "blocks: {}"]
    for draft in drafts:
        lines += [f"  {line}" if line else "" for line in _block(draft)]
    if pages:
        lines += ["", *_yaml({"pages": list(pages)})]
    return "\n".join(lines).rstrip("\n") + "\n"


def rule_of(draft: Draft) -> dict[str, Any]:
    """The rule of a block, its keys in the order in which people read them."""
    keys = [*(key for key in _ORDER if key in draft.rule), *(key for key in draft.rule if key not in _ORDER)]
    rule = {key: draft.rule[key] for key in keys if draft.rule[key] not in ([], {})}
    return {**rule, "when": draft.when} if draft.when else rule


def _block(draft: Draft) -> Iterator[str]:
    """One block: what became of it, and its rule, which is a comment where the block is off."""
    yield ""
    told = _OUTCOMES[draft.outcome]
    title = draft.name if not draft.number.isdigit() else f'block {draft.number}, "{draft.name}"'
    yield from _remarks([f"{title}: {told}."])
    yield from _listed((*draft.off, *draft.notes))
    for kept in draft.kept:
        yield from (f"#     {_printable(line)}".rstrip() for line in kept.split("\n"))
    lines = _yaml({draft.id: rule_of(draft)})
    yield from (f"# {line}" if line else "#" for line in lines) if draft.off else lines


def _remarks(sentences: Iterable[str]) -> Iterator[str]:
    for sentence in sentences:
        yield from _wrapped(sentence, "# ", "# ") if sentence else ("#",)


def _listed(notes: Iterable[Note]) -> Iterator[str]:
    for note in notes:
        yield from _wrapped(str(note), "# - ", "#   ")


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        _printable(" ".join(text.split())),
        WIDTH - 2,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _printable(text: str) -> str:
    """The text with escapes for what a comment cannot hold."""
    return _UNWRITABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _yaml(value: Mapping[str, Any]) -> list[str]:
    yaml = YAML()
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(_spread(value, depth=0), out)
    return out.getvalue().rstrip("\n").split("\n")


def _spread(value: Any, depth: int) -> Any:  # noqa: ANN401 - what YAML has
    """Mappings and lists in lines of their own where codes are in them or at the top, else in one line."""
    if isinstance(value, Mapping):
        mapping = CommentedMap(
            (_spread(key, depth), _code(each) if key in _CODES else _spread(each, depth + 1))
            for key, each in value.items()
        )
        if depth > 1 and not any(key in value for key in _CODES):
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        items = CommentedSeq(_spread(each, depth + 1) for each in value)
        if depth > 1:
            items.fa.set_flow_style()
        return items
    # Inside brackets that would begin a key; ruamel.yaml reads it so, but writes it bare.
    return DoubleQuotedScalarString(value) if isinstance(value, str) and value.startswith("?") else value


def _code(code: str) -> Any:  # noqa: ANN401 - ruamel.yaml says no types
    """A code as it is, line by line, where YAML can hold it so."""
    if _UNWRITABLE.search(code) or not code.strip() or code.startswith((" ", "\t")):
        return DoubleQuotedScalarString(code)
    return LiteralScalarString(code)
