"""Rules in a few lines: what every test of the language is written with."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from newshole.errors import RulesError
from newshole.rules.compile import load
from newshole.rules.ruleset import Block, Rules


def write(folder: Path, **files: str) -> Path:
    """Files by their stems, their text without its indentation; the folder."""
    for stem, text in files.items():
        (folder / f"{stem}.yaml").write_text(dedent(text), encoding="utf-8")
    return folder


def marked(text: str) -> tuple[str, str]:
    """The text without its `¦`, and the line and column of that."""
    before, after = text.split("¦")
    lines = before.split("\n")
    return before + after, f"{len(lines)}:{len(lines[-1]) + 1}"


def rules(folder: Path, text: str) -> Rules:
    """The rules of one file."""
    (loaded,) = load(write(folder, site=text) / "site.yaml")
    return loaded


def block(folder: Path, keys: str) -> Block:
    """One block `x`, by its keys in a flow mapping: a source, unless they name a kind."""
    kind = "" if "kind:" in keys else "kind: source, "
    return rules(folder, f"blocks:\n  x: {{{kind}{keys}}}\n").blocks[0]


def problems(rules: Path) -> list[str]:
    """Every problem of a file or folder, without the folder's own path."""
    folder = rules if rules.is_dir() else rules.parent
    with pytest.raises(RulesError) as caught:
        load(rules)
    return [str(each).removeprefix(f"{folder}/") for each in caught.value.problems]


def mistakes(folder: Path, text: str) -> list[str]:
    """The problems of one file, `LINE:COLUMN: message`."""
    found = problems(write(folder, site=text) / "site.yaml")
    return [each.removeprefix("site.yaml:") for each in found]
