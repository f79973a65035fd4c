"""Imports run downward through the package, as docs/architecture.md has it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import newshole

MOST_MODULES: Final = 240
"""Modules of ours that the middleware may load."""

PACKAGE: Final = Path(__file__).parents[1] / "middleware" / "newshole"

LAYERS: Final = (
    "cli", "demo", "console", "serving", "review", "importing", "http", "cache", "live", "cdn", "explaining",
    "site", "lasting", "exposing", "composing", "rendering", "plan", "blocks", "library", "consent", "rules",
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


def loaded_by(statement: str) -> set[str]:
    """The modules that a new interpreter has after a statement."""
    code = f"{statement}; import sys; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return set(told.stdout.split())


def test_the_package_alone_loads_nothing_of_what_it_is_used_by() -> None:
    loaded = loaded_by("import newshole; newshole.__version__")
    assert {each for each in loaded if each.startswith("newshole")} == {"newshole", "newshole.version"}
    assert loaded.isdisjoint({"pydantic", "starlette", "asyncio", "lxml", "jinja2"})


def test_all_that_the_package_names_is_there() -> None:
    assert {name: getattr(newshole, name).__name__ for name in newshole.__all__} == {
        name: name for name in newshole.__all__
    }
    assert set(newshole.__all__) <= set(dir(newshole))
    with pytest.raises(AttributeError, match="no attribute 'Newhole'"):
        newshole.Newhole  # noqa: B018 - the look-up fails


def test_the_middleware_loads_neither_what_reads_rules_nor_what_few_workers_have() -> None:
    loaded = loaded_by("from newshole import Newshole")
    assert loaded.isdisjoint(
        {"sqlite3", "redis", "aiohttp", "ruamel.yaml", "bs4", "uvicorn", "typer", "rich"}
        | {f"newshole.{each}" for each in ("cli", "console", "demo", "review", "serving", "importing")}
        | {f"newshole.{each}" for each in ("rules.model", "rules.compile", "live.desk", "live.ledger")}
    )
    assert sum(each.startswith("newshole.") for each in loaded) <= MOST_MODULES
