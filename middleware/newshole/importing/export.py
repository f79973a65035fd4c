"""The settings that Ad Inserter exports: base64 of a serialised array, of the whole plugin or of one block.

Versions 1.5 to 2.8 write the same: `base64(serialize(settings))`. Newer ones put `:AI:` before it, and so
does the option `ad_inserter` in WordPress' database. The settings have the blocks under 1 to 96, the codes
for head, footer and ad blocking message under `h`, `f` and `a`, the plugin's own under `global`; a block
that is exported alone is its options and nothing else. Options that have their default are left out.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from newshole.errors import UsageError
from newshole.importing.php import MOST_BYTES, NotPhpError, Php, unserialize

Settings: TypeAlias = Mapping[str, str]
"""Options by their names, every value as text: PHP compares them so."""

MOST_BLOCKS: Final = 96
CODES: Final = {"h": "header code", "f": "footer code", "a": "ad blocking message"}
"""What is no block and has code."""

_PREFIX: Final = ":AI:"
_VERSION = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})")
_UNSLASHED = re.compile(r"(?<!\\)[\"']")
_SLASHED = re.compile(r"\\([\\\"'])")


@dataclass(frozen=True, slots=True)
class Export:
    """The settings of an export; `version` is empty where they do not say theirs.

    `was_slashed` is for settings as the database has them, with a backslash before each quote; `unread` are
    keys that mean nothing to us.
    """

    blocks: Mapping[int, Settings]
    codes: Mapping[str, Settings] = field(default_factory=dict)
    settings: Settings = field(default_factory=dict)
    version: str = ""
    was_slashed: bool = False
    unread: tuple[str, ...] = ()


def read_export(exported: bytes) -> Export:
    """The settings in an export. Raises UsageError, in one line, where it is none."""
    try:
        value = unserialize(_serialized(exported))
    except NotPhpError as error:
        raise _refusal(f"its text is not whole: {error}") from error
    if not isinstance(value, dict):
        raise _refusal("it holds one value, not settings")
    named = {_text(key): each for key, each in value.items()}
    groups = {key: _settings(each) for key, each in named.items() if isinstance(each, dict)}
    if not groups and not any(key in named for key in ("code", "display_type", "name")):
        raise _refusal("it holds no blocks")
    if not any(key.isdigit() or key in ("global", *CODES) for key in groups):
        groups = {"1": _settings(value)}
        named = {}
    return _export(groups, named)


def _export(groups: Mapping[str, Settings], named: Mapping[str, Php]) -> Export:
    was_slashed = _is_slashed(groups)
    if was_slashed:
        groups = {key: {name: _plain(each) for name, each in own.items()} for key, own in groups.items()}
    blocks = {int(key): own for key, own in groups.items() if _is_block(key)}
    known = {*map(str, blocks), *CODES, "global", "extract"}
    version = groups.get("global", {}).get("VERSION") or groups.get("extract", {}).get("VERSION", "")
    return Export(
        blocks=dict(sorted(blocks.items())),
        codes={key: groups[key] for key in CODES if key in groups},
        settings=groups.get("global", {}),
        version=_version(version),
        was_slashed=was_slashed,
        unread=tuple(sorted(key for key in named if key not in known)),
    )


def _is_block(key: str) -> bool:
    return re.fullmatch("[1-9][0-9]?", key) is not None and int(key) <= MOST_BLOCKS


def _serialized(exported: bytes) -> bytes:
    """The serialised text: the export's own, or what its base64 holds."""
    if len(exported) > 2 * MOST_BYTES:
        raise _refusal(f"it has more than {2 * MOST_BYTES:,} bytes")
    stripped = exported.removeprefix(b"\xef\xbb\xbf").strip()
    if not stripped:
        raise _refusal("it is empty")
    if stripped.startswith((b"a:", b"s:")):
        return stripped
    packed = b"".join(stripped.removeprefix(_PREFIX.encode()).split())
    try:
        return base64.b64decode(packed, validate=True)
    except binascii.Error as error:
        raise _refusal("it is not base64, or a part of it is missing") from error


def _settings(group: Mapping[int | bytes, Php]) -> Settings:
    return {_text(key): _word(value) for key, value in group.items() if not isinstance(value, dict)}


def _word(value: Php) -> str:
    """A value as PHP makes text of it."""
    match value:
        case None | False:
            return ""
        case True:
            return "1"
        case bytes():
            return _text(value)
    return str(value)


def _text(value: bytes | int) -> str:
    """Text as UTF-8; a byte that is none is written `\\xNN`, so that nothing is lost."""
    return str(value) if isinstance(value, int) else value.decode("utf-8", "backslashreplace")


def _is_slashed(groups: Mapping[str, Settings]) -> bool:
    """Whether every quote in every code has a backslash before it, and there is one."""
    codes = [own.get("code", "") for own in groups.values()]
    return any("\\'" in code or '\\"' in code for code in codes) and not any(
        _UNSLASHED.search(code) for code in codes
    )


def _plain(value: str) -> str:
    return _SLASHED.sub(r"\1", value)


def _version(written: str) -> str:
    """`020714-96` is 2.7.14."""
    found = _VERSION.match(written)
    return ".".join(str(int(part)) for part in found.groups()) if found else ""


def _refusal(why: str) -> UsageError:
    return UsageError(
        f"this is no export of Ad Inserter: {why}; copy the whole text of its Settings > Export settings"
    )
