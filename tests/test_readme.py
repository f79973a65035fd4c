"""The README tells the truth: its code runs, its before and after are real, its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from newshole import Site

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def code(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_before_and_after_are_what_newshole_does(tmp_path: Path) -> None:
    before, after = code("html")
    rules = tmp_path / "rules.yaml"
    rules.write_text(code("yaml")[0], "utf-8")
    page = Site.load(rules).compose(before.encode(), url="https://news.example/world/bridge")
    shown = re.sub(
        rb"<style.*?</style>",
        b"<style data-newshole-runtime>\xe2\x80\xa6</style>",
        page.html,
        flags=re.DOTALL,
    )
    assert shown.decode() == after


@pytest.mark.parametrize("example", code("python"))
def test_python_examples_run(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - the README's own code
    expected = re.findall(r"print\(.*\)  # (.*)", example)
    assert capsys.readouterr().out.split() == expected


def test_both_commands_stand_on_the_first_screen() -> None:
    first_screen = README[:900]
    assert "scripts/demo" in first_screen
    assert "scripts/test" in first_screen


def test_every_link_leads_to_a_file() -> None:
    documents = [ROOT / "README.md", *ROOT.glob("docs/*.md")]
    for document in documents:
        for target in re.findall(r"\]\(([^)#]+)", document.read_text("utf-8")):
            if not target.startswith(("http", "mailto:")):
                assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_every_dependency_has_its_reason() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    listed = project.split("\ndependencies = [", 1)[1].split("\n]", 1)[0]
    extras = project.split("\n[project.optional-dependencies]\n", 1)[1].split("\n[", 1)[0]
    for name in re.findall(r'"([a-z0-9.-]+)', listed + extras):
        assert re.search(rf"^\|[^|]*\b{re.escape(name)}\b", README, re.MULTILINE), (
            f"README has no reason for {name}"
        )
