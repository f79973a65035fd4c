"""The ready rule packs, by name."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_FOLDERS: Final = (Path(__file__).parents[1] / "packs", Path(__file__).parents[3] / "rules")
"""Inside the package in a wheel, beside `middleware/` in the source tree and in editable installs."""


def packs() -> tuple[str, ...]:
    """The names of all packs."""
    return tuple(sorted(_files()))


def find_pack(name: str) -> Path | None:
    """The file of a pack; None where there is none of that name."""
    return _files().get(name)


def schema_file() -> Path:
    """The JSON Schema of the rules as it is shipped beside the packs; to make it takes seconds."""
    return next(file for folder in _FOLDERS if (file := folder / "schema.json").is_file())


def _files() -> dict[str, Path]:
    return {file.stem: file for folder in reversed(_FOLDERS) for file in folder.glob("*.yaml")}
