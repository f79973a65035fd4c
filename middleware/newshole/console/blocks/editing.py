"""One block in a form: the fields of its kind over what it says, and its file once they are filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from newshole.console.blocks.fields import fields_of, server_of
from newshole.console.blocks.filling import Form, changes_of, with_value
from newshole.console.blocks.sheets import mapped, with_changes
from newshole.console.blocks.work import Work
from newshole.console.numbers import is_number
from newshole.errors import UsageError
from newshole.live.source import Source
from newshole.rules.block_model import BLOCKS
from newshole.rules.editing.edits import Put, value_at
from newshole.rules.kinds.ad import SERVERS
from newshole.rules.kinds.creative import Extent, extents, fits
from newshole.rules.tree import Plain

PREFIX: Final = "f."
"""What the names of the controls of fields begin with in what is sent."""


@dataclass(frozen=True, slots=True)
class Editing:
    """A block with its `form`; `id` is "" for a new one, which may be a `copy` of another one. `says` is what
    it says now, `own` what its file says of it itself; `server` is who is to fill an ad."""

    id: str
    kind: str
    says: Mapping[str, Plain]
    own: Mapping[str, Plain]
    form: Form
    copy: str = ""
    server: str = ""

    @property
    def values(self) -> dict[tuple[str, ...], Plain | None]:
        """What the fields hold, and nothing for those who filled an ad before."""
        found = self.form.values()
        if self.kind == "ad":
            found |= {("serve", each): None for each in SERVERS if each != self.server}
        return found

    @property
    def is_server_changed(self) -> bool:
        """Whether somebody else is to fill an ad from now on."""
        return self.kind == "ad" and bool(self.id) and self.server != server_of(self.says)


def editing(work: Work, asked: Mapping[str, str], sent: Mapping[str, str] | None = None) -> Editing:
    """The block that is asked for, with what was `sent` in its form. Raises UsageError."""
    blocks, block, copy = work.sheet.blocks, asked.get("block", ""), asked.get("copy", "")
    says = blocks.get(block or copy, {})
    kind = str(says.get("kind", "")) or asked.get("kind", "")
    if (block or copy) and not says:
        raise UsageError(f'there is no block "{block or copy}" in these rules: choose one from the list')
    if kind not in BLOCKS:
        raise UsageError("choose what kind of block it is to be")
    server = (sent or {}).get("server", "") or server_of(says) or ("house" if kind == "ad" else "")
    if kind == "ad" and server not in SERVERS:
        raise UsageError("choose who is to fill the ad")
    typed = None if sent is None else _typed(sent)
    form = Form(fields_of(kind, server=server, zone=work.sheet.zone), says, typed)
    own = mapped(mapped(work.sheet.own, "blocks"), block) if block else {}
    return Editing(block, kind, says, own, form, copy, server)


def _typed(sent: Mapping[str, str]) -> dict[str, str]:
    return {key.removeprefix(PREFIX): value for key, value in sent.items() if key.startswith(PREFIX)}


def made(work: Work, edit: Editing, name: str) -> Source:
    """The files with what the form says of the block, which is to be named `name` where it is a new one.

    The very same files where it says what they say. Raises EditError.
    """
    values = edit.values
    if edit.id:
        changes, gone = changes_of(edit.says, edit.own, values, ("blocks", edit.id))
        return with_changes(work.source, work.sheet, changes, gone) if changes else work.source
    block: dict[str, Plain] = dict(edit.says)
    for path, value in values.items():
        block = with_value(block, path, value)
    block = {"kind": edit.kind, **{key: each for key, each in block.items() if key != "kind"}}
    return with_changes(work.source, work.sheet, [Put(("blocks", name), block)], [])


def clashes(seen: Editing, now: Editing) -> dict[str, str]:
    """The fields that somebody else changed in the draft while this form was filled in, to something else."""
    wanted, found = seen.values, {}
    for each in seen.form.fields:
        before, theirs = (value_at(dict(one.says), each.path) for one in (seen, now))
        if wanted[each.path] != before != theirs != wanted[each.path]:
            found[each.name] = "somebody else changed this meanwhile; look at both, and save again"
    return found


def touched(edit: Editing, sent: Mapping[str, str]) -> dict[str, str]:
    """What was sent without the fields in which nothing was changed."""
    values = edit.values
    same = [
        f"{PREFIX}{each.name}"
        for each in edit.form.fields
        if values[each.path] == value_at(dict(edit.says), each.path)
    ]
    return {
        key: value
        for key, value in sent.items()
        if not any(key == name or key.startswith((f"{name}@", f"{name}[")) for name in same)
    }


@dataclass(frozen=True, slots=True)
class Room:
    """The room that an ad has on a device, in CSS pixels."""

    device: str
    extent: Extent

    def holds(self, width: str, height: str) -> bool:
        """Whether a picture of a size that was typed stays within it."""
        return is_number(width) and is_number(height) and fits((int(width), int(height)), self.extent)


def rooms(block: Mapping[str, Plain]) -> tuple[Room, ...]:
    """The room on each device for which an ad has sizes."""
    sizes, reserve = mapped(block, "sizes"), block.get("reserve", "largest")
    found = {device: [*_extents(sizes.get(device))] for device in ("mobile", "desktop")}
    kept = reserve if isinstance(reserve, int | str) else "largest"
    return tuple(Room(device, extent) for device, extent in extents(found, kept).items())


def _extents(value: Plain | None) -> list[Extent]:
    pairs = value if isinstance(value, list) else []
    return [
        (width, height)
        for each in pairs
        if isinstance(each, list) and len(each) == 2
        for width, height in [each]
        if isinstance(width, int) and isinstance(height, int)
    ]
