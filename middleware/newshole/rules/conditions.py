"""Conditions, as they are written: on articles, blocks and whatever else holds on some pages only."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, Discriminator, Field, Tag

from newshole.rules.words import OneOrSeveral, PathGlob, Several, T, Text
from newshole.rules.written import Written


class Not(Written):
    """The condition holds where none of these does."""

    excluded: OneOrSeveral[Text] = Field(alias="not")


class NotPath(Written):
    """The condition holds where none of these paths matches."""

    excluded: OneOrSeveral[PathGlob] = Field(alias="not")


DeviceName = Literal["mobile", "desktop", "present"]


class NotDevice(Written):
    """The condition holds on every other device."""

    excluded: OneOrSeveral[DeviceName] = Field(alias="not")


def _when_form(written: object) -> str:
    if isinstance(written, (list, tuple)):
        return "(list)"
    return "(not)" if isinstance(written, (dict, BaseModel)) else "(one)"


N = TypeVar("N", bound=Written)

Fact = Annotated[
    Annotated[T, Tag("(one)")] | Annotated[Several[T], Tag("(list)")] | Annotated[N, Tag("(not)")],
    Discriminator(_when_form),
]
"""What a fact must be: a value, one of a list, or not those of an `N`."""


class When(Written):
    """Conditions, which must all hold: each a value, a list of which one must fit, `present`, or {not: …}."""

    path: Fact[PathGlob, NotPath] | None = None
    """The URL's path: `/world/**` for all below /world, `*` within one part."""
    section: Fact[Text, Not] | None = None
    tag: Fact[Text, Not] | None = None
    type: Fact[Text, Not] | None = None
    """A schema.org or OpenGraph type, such as NewsArticle."""
    language: Fact[Text, Not] | None = None
    """`en` fits en-GB too."""
    device: Fact[DeviceName, NotDevice] | None = None
