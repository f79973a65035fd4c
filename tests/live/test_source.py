"""Rules as they are published: every file of them, read again as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from newshole import RulesError, Site
from newshole.live.source import Source, SourceError, gather, load_site, unpack
from tests.live.rules import FIRST, SECOND, WRONG, source_of, written


def test_a_file_is_kept_byte_for_byte(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    content = ("\ufeff# Größe\r\n" + FIRST.replace("\n", "\r\n")).encode()
    file.write_bytes(content)
    source = gather(file)
    assert source.entry == "site.yaml"
    rules = unpack(source, tmp_path / "out")
    assert rules.read_bytes() == content
    assert load_site(source).digest == Site.load(file).digest


def test_files_that_are_extended_come_along_from_wherever_they_are(tmp_path: Path) -> None:
    written(tmp_path, FIRST, "shared/base.yaml")
    written(tmp_path, "extends: base.yaml\n", "shared/middle.yaml")
    written(tmp_path, "extends: ../shared/middle.yaml\nhosts: a.example\n", "rules/a.yaml")
    written(tmp_path, "extends: newspaper\nhosts: b.example\n", "rules/b.yaml")
    written(tmp_path, "no: rules\n", "rules/.draft.yaml")
    source = gather(tmp_path / "rules")
    assert source.entry == "rules"
    assert set(source.files) == {"rules/a.yaml", "rules/b.yaml", "shared/base.yaml", "shared/middle.yaml"}
    assert load_site(source).digest == Site.load(tmp_path / "rules").digest


def test_a_pack_is_published_by_its_name() -> None:
    source = gather("quiet")
    assert load_site(source).digest == Site.load("quiet").digest


def test_a_digest_tells_any_other_files_apart() -> None:
    first = source_of(FIRST)
    others = [
        source_of(SECOND),
        Source("site.yml", first.files),
        Source("site.yaml", {**first.files, "b.yaml": ""}),
        Source("site.yaml", {"site.yaml": FIRST + "\n"}),
    ]
    assert len({each.digest for each in (first, *others)}) == 5
    assert Source("site.yaml", dict(first.files)).digest == first.digest


def test_a_base_by_its_absolute_path_cannot_be_published(tmp_path: Path) -> None:
    base = written(tmp_path, FIRST, "far/base.yaml")
    written(tmp_path, f"extends: {base}\n", "rules/site.yaml")
    source = gather(tmp_path / "rules")
    with pytest.raises(RulesError, match="is not among these files: write its path from here"):
        load_site(source)


@pytest.mark.parametrize(
    "name", ["../base.yaml", "sub/../../base.yaml", "{}/base.yaml", "/proc/self/environ"]
)
@pytest.mark.parametrize("is_there", [True, False])
def test_published_files_cannot_even_ask_what_else_the_machine_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, is_there: bool
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    if is_there:
        written(tmp_path, FIRST, "base.yaml")
    with pytest.raises(RulesError) as failed:
        load_site(source_of(f'extends: "{name.format(tmp_path)}"'))
    (problem,) = failed.value.problems
    assert "is not among these files" in problem.message


def test_a_base_in_another_folder_of_the_published_files_is_read() -> None:
    files = {"rules/site.yaml": "extends: ../shared/base.yaml\n", "shared/base.yaml": FIRST}
    assert load_site(Source("rules/site.yaml", files)).digest


@pytest.mark.parametrize("path", ["../out.yaml", "/out.yaml", "a/../../out.yaml", "a\0.yaml"])
def test_no_file_leaves_its_folder(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "in"
    with pytest.raises(SourceError):
        unpack(Source("site.yaml", {"site.yaml": FIRST, path: "x"}), folder)
    assert not folder.exists()
    assert not (tmp_path / "out.yaml").exists()


def test_problems_name_the_published_files_and_not_where_they_were_read() -> None:
    with pytest.raises(RulesError) as failed:
        load_site(source_of(WRONG))
    assert {str(each.file) for each in failed.value.problems} == {"site.yaml"}
