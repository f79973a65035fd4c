"""What a server imports of experiments: never the analysis, which takes part in no request."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import newshole

PACKAGE = Path(newshole.__file__).parent
ANALYSIS = "newshole.experiments.analysis"
MAY = (
    "experiments/analysis",
    "experiments/reporting",
    "console",
    "review/designs",
    "cli",
    "live/staging/figures.py",
)


def imported(file: Path) -> Iterator[str]:
    """What a module imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{each.name}" for each in node.names)


def test_only_commands_and_the_console_import_the_analysis() -> None:
    files = {file.relative_to(PACKAGE).as_posix(): file for file in PACKAGE.rglob("*.py")}
    importing = [
        name
        for name, file in files.items()
        if not name.startswith(MAY) and any(each.startswith(ANALYSIS) for each in imported(file))
    ]
    assert importing == []
    assert any(name.startswith(MAY[0]) and set(imported(file)) for name, file in files.items())


def test_a_page_is_composed_in_an_experiment_without_it(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "blocks: {a: {kind: html, html: <p>a</p>, place: body-end}}\n"
        "experiments: {e: {unit: page, arms: {control: {}, none: {drop: a}}}}\n"
    )
    code = f"""
import sys
from newshole import Newshole, Site
site = Site.load({str(rules)!r})
Newshole(None, site=site)
text = "<p>" + "The council met and agreed to mend the bridge. " * 9 + "</p>"
body = "<!doctype html><title>A</title><main><article><h1>A</h1>" + text * 6 + "</article></main>"
page = site.compose(body.encode(), url="https://news.example/a", content_type="text/html; charset=utf-8")
assert list(page.exposures) == ["e"], page
print(*[each for each in sys.modules if each.startswith({ANALYSIS!r})])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == ""


def test_the_command_line_loads_them_only_where_it_needs_them() -> None:
    code = (
        "import sys, newshole.cli\n"
        "print([name for name in sys.modules if name.startswith(('newshole.experiments.analysis',"
        " 'newshole.experiments.reporting', 'matplotlib', 'duckdb'))])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"
