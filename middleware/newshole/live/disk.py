"""The last good version on disk, so that a worker starts without Redis as it would with it.

The file is replaced in one step, and sealed like all that was published. It holds what was published, and
nothing of the environment.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from newshole.live.entries import Published
from newshole.live.source import Source, SourceError
from newshole.store.seal import sealed, unsealed
from newshole.types import Switch

_PLACE: Final = b"disk:"


@dataclass(frozen=True, slots=True)
class LastGood:
    """A version that was in service, with its files, and what was switched off."""

    version: Published
    source: Source = field(repr=False)
    switches: tuple[Switch, ...] = ()


@cache
def _last_good() -> TypeAdapter[LastGood]:
    return TypeAdapter(LastGood)


class StateFile:
    """Where the last good version of the site `name`, published at `address`, is kept in a folder."""

    def __init__(self, folder: Path, name: str, address: str, secret: bytes = b"") -> None:
        # The same name on two servers is two sites, and an address may hold a password.
        told = hashlib.blake2b(address.rpartition("@")[2].encode(), digest_size=6).hexdigest()
        self.file = folder / f"{name}-{told}.rules"
        self.secret = secret

    def read(self) -> LastGood | None:
        """What is kept; None where nothing is. Raises SourceError where it is damaged, OSError where it
        cannot be read."""
        try:
            value = self.file.read_bytes()
        except FileNotFoundError:
            return None
        document = unsealed(value, _PLACE + self.file.name.encode(), self.secret)
        if document is None:
            raise SourceError(f"{self.file} is damaged, or signed with another secret")
        try:
            kept = _last_good().validate_json(document, strict=True)
        except ValidationError:
            raise SourceError(f"{self.file} cannot be read by this version of newshole") from None
        if kept.source.digest != kept.version.digest:
            raise SourceError(f"{self.file} does not hold what it says")
        return kept

    def keep(self, version: Published, switches: tuple[Switch, ...], source: Source | None) -> None:
        """Keep a version; its files are those that are kept already where `source` is None.

        Raises OSError or SourceError where it cannot be kept.
        """
        if source is None:
            before = self.read()
            if before is None or before.version.digest != version.digest:
                return
            source = before.source
        document = _last_good().dump_json(LastGood(version, source, switches))
        self._replace(sealed(document, _PLACE + self.file.name.encode(), self.secret))

    def _replace(self, content: bytes) -> None:
        """Write beside the file and move it there, so that nobody ever reads half of it."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=self.file.parent, prefix=f".{self.file.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(beside).replace(self.file)
        except BaseException:
            with suppress(OSError):
                Path(beside).unlink()
            raise


def state_folder() -> Path:
    """Where state is kept where nothing else is said: as systemd gives it, else as the desktop's rules do."""
    given = os.environ.get("NEWSHOLE_STATE") or os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if given:
        return Path(given)
    home = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")  # noqa: PTH111 - may lack
    return Path(home) / "newshole"
