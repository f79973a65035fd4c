"""The documentation as a site: it builds, no link leads nowhere, and it asks nobody else for anything."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built strictly: a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(folder)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    return folder


def test_every_page_is_in_the_menu(site: Path) -> None:
    first = (site / "index.html").read_text("utf-8")
    for page in (ROOT / "docs").rglob("*.md"):
        path = page.relative_to(ROOT / "docs").with_suffix(".html").as_posix()
        assert f'href="{path}"' in first, path


def test_nothing_is_asked_of_others(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        loaded = re.findall(r'<(?:script|img|iframe)[^>]* src="([^"]+)"', text)
        loaded += re.findall(r'<link[^>]* rel="(?:stylesheet|preload|preconnect)"[^>]* href="([^"]+)"', text)
        assert not [each for each in loaded if each.startswith(("http:", "https:", "//"))], page


def test_the_reference_has_every_command_and_every_key_of_the_rules(site: Path) -> None:
    commands = (site / "reference" / "commands.html").read_text("utf-8")
    assert "newshole publish" in commands
    assert "--rules" in commands
    keys = (site / "reference" / "keys.html").read_text("utf-8")
    assert "unfilled" in keys
    assert "compose" in (site / "reference" / "python.html").read_text("utf-8")
