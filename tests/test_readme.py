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
    shown = re.sub(r"(<(style|script)\b[^>]*>).*?(</\2>)", r"\1…\3", page.html.decode(), flags=re.DOTALL)
    assert shown == after


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
    documents = [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
    for document in documents:
        for target in re.findall(r"\]\(([^)#]+)", document.read_text("utf-8")):
            if not target.startswith(("http", "mailto:")):
                assert (document.parent / target).exists(), f"{document.name} links to {target}"


def anchors(document: Path) -> set[str]:
    """What a link may lead to in a document: its headings, as they are made into anchors."""
    text = re.sub(r"^```.*?^```$", "", document.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_every_link_leads_to_a_heading() -> None:
    for document in (ROOT / "README.md", *ROOT.glob("docs/**/*.md")):
        text = re.sub(r"^```.*?^```$", "", document.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        for file, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#([^)]*)\)", text):
            aim = document.parent / file if file else document
            assert anchor in anchors(aim), f"{document.name} links to {file}#{anchor}"


def test_every_page_of_the_docs_is_linked_from_another() -> None:
    documents = [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
    linked = {
        (document.parent / target).resolve()
        for document in documents
        for target in re.findall(r"\]\(([^):#]+\.md)", document.read_text("utf-8"))
    }
    assert {document for document in documents[1:] if document not in linked} == set()


def test_the_architecture_tells_of_every_folder_of_the_package() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    folders = {init.parent.name for init in (ROOT / "middleware" / "newshole").glob("*/__init__.py")}
    assert set(re.findall(r"^\| `(\w+)/` \|", page, re.MULTILINE)) == folders


def test_every_module_that_the_architecture_names_is_there() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    package = ROOT / "middleware" / "newshole"
    named = re.findall(r"`([\w/]+\.py)`", page)
    assert named
    assert [each for each in named if not any(package.rglob(each))] == []


def test_every_dependency_has_its_reason() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    listed = project.split("\ndependencies = [", 1)[1].split("\n]", 1)[0]
    extras = project.split("\n[project.optional-dependencies]\n", 1)[1].split("\n[", 1)[0]
    for name in re.findall(r'"([a-z0-9.-]+)', listed + extras):
        assert re.search(rf"^\|[^|]*\b{re.escape(name)}\b", README, re.MULTILINE), (
            f"README has no reason for {name}"
        )
