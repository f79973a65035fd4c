"""The key `sensitivity`, as it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, Tag

from newshole.rules.sensitivity import STANDARD_EFFECTS, STANDARD_SIGNS, Effect, Level, Override, Policy, Sign
from newshole.rules.titles import folded, standard_lists
from newshole.rules.words import OneOrSeveral, Several, Text, Word
from newshole.rules.written import Conflict, Written, expected

_CODE: Final = re.compile("(?:medtop:)?[0-9]{8}|iab:[A-Za-z0-9]{1,6}")
_PARTS: Final = ("section", "tag", "topic", "title", "meta")


def _topic(value: object) -> str:
    written = f"{value:08}" if type(value) is int and value >= 0 else value
    if isinstance(written, str) and (written == "standard" or _is_code(written)):
        return written.removeprefix("medtop:")
    raise expected('"standard", an IPTC Media Topic such as 20000062, or an IAB category such as "iab:389"')


def _is_code(written: str) -> bool:
    return _CODE.fullmatch(written) is not None


Topic = Annotated[
    str,
    Word(
        _topic,
        {
            "anyOf": [
                {"type": "string", "pattern": f"^(?:standard|{_CODE.pattern})$"},
                {"type": "integer"},
            ]
        },
    ),
]
"""A concept of the IPTC Media Topics, or a category of the IAB Content Taxonomy."""


class VerdictWritten(Written):
    """A meta element that holds an editor's word, which is final."""

    meta: Text
    """The element's name or property."""
    values: dict[Text, Level]
    """Its values, and the level that each stands for."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        if written.get("values") == {}:
            yield Conflict("needs at least one value", ("values",))


class SignalWritten(Written):
    """What speaks for a level; of several keys all must hold. `standard` stands for each one's ready list."""

    section: OneOrSeveral[Text] | None = None
    tag: OneOrSeveral[Text] | None = None
    topic: OneOrSeveral[Topic] | None = None
    """IPTC Media Topics and IAB categories by their codes, as JSON-LD and keywords name them."""
    title: OneOrSeveral[Text] | None = None
    """Words and phrases in the title, or `standard`; by themselves they give at most `review`."""
    meta: dict[Text, OneOrSeveral[Text]] | None = None
    """Values of meta elements, `present` for any."""
    level: Literal["review", "solemn"]

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        found = [part for part in _PARTS if part in written]
        if not found:
            yield Conflict('needs "section", "tag", "topic", "title" or "meta"', lacks=_PARTS)
        if found == ["title"] and written.get("level") == "solemn":
            yield Conflict(
                'a title by itself gives at most "review": add "section", "tag", "topic" or "meta"',
                ("level",),
            )
        if written.get("meta") == {}:
            yield Conflict("needs at least one meta element", ("meta",))


class EffectWritten(Written):
    """What a level changes."""

    remove: (
        Several[Literal["ad", "stories", "follow", "video", "source", "strip", "newsletter", "paid", "html"]]
        | None
    ) = None
    """The kinds of blocks that such a story does not get."""
    ads: Literal["flag", "house", "none"] = "flag"
    """`flag` tells the ad server, `house` leaves the site's own ads only, `none` none."""


class SensitivityWritten(Written):
    """What tells that a story is sensitive, and what that changes."""

    override: Several[VerdictWritten] | None = None
    """An editor's word: the first that is there decides."""
    signals: Several[SignalWritten] | None = None
    """The strictest that speaks decides; those of `standard` where absent."""
    solemn: EffectWritten | None = None
    review: EffectWritten | None = None


def _shape(written: object) -> object:
    if written != "standard" and not isinstance(written, (dict, SensitivityWritten)):
        raise expected('"standard", or a mapping of "override", "signals", "solemn" and "review"')
    return written


Sensitivity: TypeAlias = Annotated[
    Annotated[Literal["standard"], Tag("(standard)")] | Annotated[SensitivityWritten, Tag("(spelled)")],
    Discriminator(lambda written: "(standard)" if isinstance(written, str) else "(spelled)"),
    BeforeValidator(_shape),
]


def policy(written: str | SensitivityWritten | None) -> Policy | None:
    """What is written, ready to use; None where nothing is."""
    if written is None:
        return None
    standard_lists()  # they are read at the start rather than with the first page
    if isinstance(written, str):
        return Policy()
    effects = {"solemn": written.solemn, "review": written.review}
    return Policy(
        signs=tuple(_sign(n, each) for n, each in enumerate(written.signals or ())) or STANDARD_SIGNS,
        effects={level: _effect(level, each) for level, each in effects.items()},
        overrides=tuple(_override(n, each) for n, each in enumerate(written.override or ())),
    )


def _sign(n: int, written: SignalWritten) -> Sign:
    return Sign(
        path=f"sensitivity.signals[{n}]",
        level=written.level,
        sections=_folded(written.section),
        tags=_folded(written.tag),
        topics=_folded(written.topic),
        titles=_folded(written.title),
        metas=tuple((name.lower(), _folded(values)) for name, values in (written.meta or {}).items()),
    )


def _folded(written: Any) -> tuple[str, ...]:  # noqa: ANN401 - a text, several of them or none
    if written is None:
        return ()
    return tuple(map(folded, written if isinstance(written, tuple) else (written,)))


def _effect(level: str, written: EffectWritten | None) -> Effect:
    return STANDARD_EFFECTS[level] if written is None else Effect(written.remove or (), written.ads)


def _override(n: int, written: VerdictWritten) -> Override:
    values = {folded(value): level for value, level in written.values.items()}
    return Override(f"sensitivity.override[{n}]", written.meta.lower(), values)
