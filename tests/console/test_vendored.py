"""What others wrote and the console serves: whose it is, which version, and that it runs no text as code."""

from __future__ import annotations

import json
import re
from typing import Final

from newshole.console.desk import HERE

VENDOR: Final = HERE / "static" / "vendor"


def test_every_package_of_the_editor_is_named_with_its_version_beside_its_licence() -> None:
    packages = json.loads((VENDOR / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    licences = (VENDOR / "editor.LICENSE").read_text(encoding="utf-8")
    built_with = {"esbuild"}
    missing = {f"{name} {version}" for name, version in packages.items() if name not in built_with}
    assert {each for each in missing if each not in licences} == set()


def test_the_editor_runs_no_text_and_asks_nobody() -> None:
    script = (VENDOR / "editor.js").read_text(encoding="utf-8")
    assert (
        re.findall(r"\beval\(|new Function\b|\bfetch\(|XMLHttpRequest|importScripts|\bimport\(", script) == []
    )
