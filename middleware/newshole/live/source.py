"""Rules as they are published: every file of theirs, so that nothing anybody wrote is lost.

The files are kept by their paths below the folder that holds them all, and read again as they were: from a
folder with just them. What they take from the environment (`${NAME}`) is not filled in.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final

from newshole.errors import NewsholeError, RulesError, UsageError
from newshole.rules.files import looked_at
from newshole.rules.packs import find_pack, packs
from newshole.site import Site

MOST_BYTES: Final = 8_000_000
"""The largest version, all files together."""


class SourceError(NewsholeError):
    """Published files that cannot be the ones that were published."""


@dataclass(frozen=True)
class Source:
    """The `files` of rules, texts by their paths, and which `entry` to read: one of them, or a folder."""

    entry: str
    files: Mapping[str, str]

    @cached_property
    def digest(self) -> str:
        """What tells these files from all others, in 32 hexadecimal digits."""
        digest = hashlib.blake2b(digest_size=16)
        for part in (self.entry, *(part for pair in sorted(self.files.items()) for part in pair)):
            encoded = part.encode()
            digest.update(b"%d:" % len(encoded))
            digest.update(encoded)
        return digest.hexdigest()


def gather(rules: str | Path) -> Source:
    """The files of rules that are right. Raises UsageError where they cannot be published."""
    pack = find_pack(str(rules))
    path = _plain(pack or Path(rules))
    folder = path if path.is_dir() else path.parent
    files = sorted({_plain(file) for file in looked_at(rules)} - _packs(beside=folder))
    texts = {file: file.read_bytes().decode() for file in files if file.is_file()}
    if sum(map(len, texts.values())) > MOST_BYTES:
        raise UsageError(f"the rules in {rules} are over {MOST_BYTES:,} bytes together: split them by site")
    root = Path(os.path.commonpath([folder, *(each.parent for each in texts)]))
    named = {file.relative_to(root).as_posix(): text for file, text in texts.items()}
    return Source(path.relative_to(root).as_posix(), named)


def check_whole(source: Source) -> None:
    """See to it that the files say all, wherever they are unpacked.

    Raises UsageError where they need one that is not among them: it is named by its absolute path.
    """
    with tempfile.TemporaryDirectory(prefix="newshole-") as folder:
        needed = {
            _plain(file) for file in looked_at(unpack(source, Path(folder))) if file.is_file()
        } - _packs()
        outside = sorted(str(file) for file in needed if not file.is_relative_to(_plain(Path(folder))))
    if outside:
        raise UsageError(f"the rules extend {outside[0]} by its absolute path: write it relative to the file")


def _packs(*, beside: Path | None = None) -> set[Path]:
    """The files of packs, which every newshole has, but for those beside the rules: they are found there."""
    found = (_plain(file) for name in packs() if (file := find_pack(name)))
    return {file for file in found if file.parent != beside}


def _plain(path: Path) -> Path:
    """The path without `..`, links not followed."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links


def unpack(source: Source, folder: Path) -> Path:
    """Write the files below a folder; where the rules are there.

    Raises SourceError for paths that would leave it, OSError where it cannot be written.
    """
    for path in (source.entry, *source.files):
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts or "\0" in path:
            raise SourceError(f"the published files hold one outside of their folder: {path!r}")
    for path, text in source.files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")
    return folder / source.entry


def load_site(source: Source) -> Site:
    """The site of published files.

    Raises RulesError with every problem, the files told by their own paths, and SourceError, UsageError or
    OSError where the files cannot be those of rules.
    """
    with tempfile.TemporaryDirectory(prefix="newshole-") as folder:
        try:
            return Site.load(unpack(source, Path(folder)))
        except RulesError as error:
            below = (
                replace(each, file=each.file.relative_to(folder))
                if each.file.is_relative_to(folder)
                else each
                for each in error.problems
            )
            raise RulesError(below) from None
