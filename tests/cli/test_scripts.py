"""The scripts of the checkout: that they can be run from anywhere, and what they say where they cannot."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ("scripts/demo", "scripts/test", ".ci/run")
NEEDED = ("sh", "dirname", "basename", "cat", "cksum", "id", "rm", "mkdir", "env", "chmod")
OLD = "#!/bin/sh\nexit 1\n"
WITHOUT_VENV = """\
#!/bin/sh
case "$*" in
  *ensurepip*) exit 1 ;;
  *venv*) echo python3.11-venv ;;
esac
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The scripts and the metadata of the project, in a folder with a space in its name."""
    clone = tmp_path / "a clone"
    for name in ("scripts", ".ci"):
        shutil.copytree(ROOT / name, clone / name)
    shutil.copy(ROOT / "pyproject.toml", clone)
    return clone


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with the few programs that a script needs, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in NEEDED:
        program = shutil.which(name)
        assert program, name
        (folder / name).symlink_to(program)
    return folder


def start(script: Path, programs: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [script], cwd=cwd, env={"PATH": str(programs)}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_executable_and_well_formed(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    subprocess.run(["sh", "-n", ROOT / script], check=True)
    subprocess.run(["sh", "-n", ROOT / "scripts" / "environment"], check=True)


def test_a_missing_python_is_told(clone: Path, programs: Path) -> None:
    done = start(clone / "scripts" / "demo", programs, cwd=clone.parent)
    told = "demo: needs Python 3.11 or newer: install it, or name it with PYTHON=/path/to/python3\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", told)
    assert not (clone / ".venv").exists()


def test_an_old_python_is_none(clone: Path, programs: Path) -> None:
    _write(programs / "python3", OLD)
    done = start(clone / "scripts" / "demo", programs, cwd=clone)
    assert done.stderr.startswith("demo: needs Python 3.11 or newer")


def test_a_missing_venv_module_is_told_with_its_package(clone: Path, programs: Path) -> None:
    _write(programs / "python3", WITHOUT_VENV)
    done = start(clone / "scripts" / "demo", programs, cwd=clone)
    told = "demo: python3 has no venv module: install it (on Debian: apt-get install python3.11-venv)\n"
    assert (done.returncode, done.stderr) == (2, told)


def test_the_tests_say_what_they_cannot_install(clone: Path, programs: Path) -> None:
    done = start(clone / ".ci" / "run", programs, cwd=clone.parent)
    skipped, python = done.stderr.splitlines()
    assert skipped.startswith("not installed, tests that need them are skipped or weaker: chromium ")
    assert "fonts-noto-core" in skipped
    assert python.startswith("test: needs Python 3.11 or newer")
    assert done.returncode == 2


def _write(program: Path, text: str) -> None:
    program.write_text(text, "utf-8")
    program.chmod(0o755)
