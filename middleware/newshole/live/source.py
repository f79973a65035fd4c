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
from newshole.rules.environment import Taken, taken
from newshole.rules.extends import Reach
from newshole.rules.files import looked_at
from newshole.rules.packs import find_pack, packs
from newshole.rules.source import read_text
from newshole.rules.tree import Mapped, Told
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


def _packs(*, beside: Path) -> set[Path]:
    """The files of packs, which every newshole has, but for those beside the rules: they are found there."""
    found = (_plain(file) for name in packs() if (file := find_pack(name)))
    return {file for file in found if file.parent != beside}


def _plain(path: Path) -> Path:
    """The path without `..`, links not followed."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links


def taken_by(source: Source) -> frozenset[Taken]:
    """What files take from the environment, by what they say themselves."""
    trees = (read_text(text, Path(path), Told()) for path, text in source.files.items())
    return frozenset().union(*(taken(tree) for tree in trees if isinstance(tree, Mapped)))


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


def load_site(source: Source, known: frozenset[Taken] | None = None) -> Site:
    """The site of published files, which reach no other ones; where `known` is given, they take nothing else
    from the environment.

    Raises RulesError with every problem, the files told by their own paths, and SourceError, UsageError or
    OSError where the files cannot be those of rules.
    """
    from newshole.rules.compile import load  # what reads YAML is not needed by those who have rules

    with tempfile.TemporaryDirectory(prefix="newshole-") as name:
        folder = _plain(Path(name))
        try:
            return Site(*load(unpack(source, folder), Reach(folder, known)))
        except RulesError as error:
            below = (
                replace(each, file=each.file.relative_to(folder))
                if each.file.is_relative_to(folder)
                else each
                for each in error.problems
            )
            raise RulesError(below) from None
