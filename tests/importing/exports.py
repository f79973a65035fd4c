"""Exports of Ad Inserter as it writes them, and what is made of one block."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ruamel.yaml import YAML

from newshole.importing.ad_inserter import Imported, import_ad_inserter
from newshole.rules.compile import load
from newshole.rules.ruleset import Rules

CODE = "<p>Our shop</p>"


def serialize(value: object) -> bytes:
    """PHP's `serialize()` of what settings are made of."""
    match value:
        case None:
            return b"N;"
        case bool():
            return b"b:%d;" % value
        case int():
            return b"i:%d;" % value
        case float():
            return f"d:{value!r};".encode()
        case str() | bytes():
            written = value.encode() if isinstance(value, str) else value
            return b's:%d:"%s";' % (len(written), written)
        case Mapping():
            inside = b"".join(serialize(key) + serialize(each) for key, each in value.items())
            return b"a:%d:{%s}" % (len(value), inside)
    raise TypeError(type(value))


def exported(settings: Mapping[Any, Any]) -> bytes:
    """An export as newer versions write it."""
    return b":AI:" + base64.b64encode(serialize(settings))


def whole(blocks: Mapping[int, Mapping[str, Any]], **settings: Any) -> Imported:
    """What is made of blocks by their numbers and of the plugin's own settings."""
    return import_ad_inserter(exported({**blocks, "global": {"VERSION": "020738", **settings}}))


def one(code: str = CODE, own: Mapping[str, Any] | None = None, **options: Any) -> Made:
    """What is made of block 1, by default before the content; `own` are options that are no names."""
    imported = whole({1: {"code": code, "display_type": "3", **options, **(own or {})}})
    return Made(imported)


class Made:
    """One block and its rule, on or off; where it is on, the rules are loaded."""

    def __init__(self, imported: Imported) -> None:
        self.imported = imported
        (self.draft,) = imported.drafts
        assert not imported.problems
        self.rule = block_of(imported, self.draft.id)

    @property
    def lost(self) -> list[str]:
        return [each.option for each in self.draft.notes]

    @property
    def off(self) -> list[str]:
        return [each.option for each in self.draft.off]

    @property
    def why(self) -> str:
        return " ".join(map(str, (*self.draft.off, *self.draft.notes)))


def block_of(imported: Imported, name: str) -> dict[str, Any]:
    """The rule of a block as it is in the file, the # before it taken away where it has one."""
    lines = imported.rules.split("\n")
    keys = [f"  {mark}{key}:" for mark in ("", "# ") for key in (name, f"'{name}'")]
    at = next(n for n, line in enumerate(lines) if line in keys)
    is_off = lines[at].startswith("  #")
    prefix = "  # " if is_off else "  "
    kept = ["blocks:"]
    for line in lines[at:]:
        if line and not line.startswith(prefix.rstrip()):
            break
        if not line and is_off:
            break
        if not is_off and line.startswith("  #"):
            break
        kept.append(f"  {line[len(prefix) :]}" if is_off else line)
    found: dict[str, Any] = YAML(typ="safe", pure=True).load("\n".join(kept))["blocks"][name]
    return found


def loaded(imported: Imported) -> Rules:
    """The rules, as a server loads them."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "rules.yaml"
        file.write_text(imported.rules, "utf-8")
        (rules,) = load(file)
        return rules
