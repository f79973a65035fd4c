"""Imports run downward through the package, as docs/architecture.md has it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).parents[1] / "middleware" / "newshole"

LAYERS: Final = (
    "cli", "demo", "console", "serving", "review", "importing", "http", "cache", "live", "cdn", "explaining",
    "site", "lasting", "exposing", "composing", "plan", "blocks", "library", "consent", "rules",
    "experiments", "page", "store",
)  # fmt: skip
"""The folders and modules of the package; each imports only what stands behind it."""

SHARED: Final = frozenset(("errors", "secrets", "types", "version"))


def imports(file: Path) -> Iterator[str]:
    """The folders and modules of the package that a file imports something of."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "newshole":
            parts = node.module.split(".")
            yield from parts[1:2] or (alias.name for alias in node.names)


def own(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_every_import_runs_downward() -> None:
    upward = [
        f"{file.relative_to(PACKAGE)} imports {name}"
        for file in PACKAGE.rglob("*.py")
        if (layer := own(file)) in LAYERS
        for name in imports(file)
        if name in LAYERS and LAYERS.index(name) < LAYERS.index(layer)
    ]
    assert not upward


def test_every_folder_has_its_layer() -> None:
    folders = {each.parent.name for each in PACKAGE.glob("*/__init__.py")}
    modules = {each.stem for each in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    assert folders | modules == {*LAYERS, *SHARED}


def test_a_database_is_loaded_by_those_alone_who_keep_something_in_one() -> None:
    code = "import sys, newshole; print('sqlite3' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert told.stdout.strip() == "False"
