"""The last good version on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from newshole.live.disk import LastGood, StateFile, state_folder
from newshole.live.entries import Published
from newshole.live.source import SourceError
from newshole.types import Switch
from tests.live.rules import FIRST, SECOND, source_of

SOURCE = source_of(FIRST)
VERSION = Published(SOURCE.digest, 1.0, "anna")
OFF = (Switch("all", until=5.0),)


def state_file(folder: Path, secret: bytes = b"") -> StateFile:
    return StateFile(folder / "state", "site", "redis://user:password@127.0.0.1:6379/0", secret)


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    file = state_file(tmp_path)
    assert file.read() is None
    file.keep(VERSION, OFF, SOURCE)
    assert state_file(tmp_path).read() == LastGood(VERSION, SOURCE, OFF)
    assert [each.name for each in file.file.parent.iterdir()] == [file.file.name]
    assert file.file.stat().st_mode & 0o077 == 0


def test_switches_are_kept_with_the_files_that_are_there(tmp_path: Path) -> None:
    file = state_file(tmp_path)
    file.keep(VERSION, (), None)
    assert file.read() is None
    file.keep(VERSION, (), SOURCE)
    file.keep(VERSION, OFF, None)
    assert file.read() == LastGood(VERSION, SOURCE, OFF)
    file.keep(Published(source_of(SECOND).digest, 2.0), (), None)
    assert file.read() == LastGood(VERSION, SOURCE, OFF)


@pytest.mark.parametrize(("length", "more"), [(-1, b""), (0, b""), (None, b" ")])
def test_a_damaged_file_is_told(tmp_path: Path, length: int | None, more: bytes) -> None:
    file = state_file(tmp_path)
    file.keep(VERSION, OFF, SOURCE)
    file.file.write_bytes(file.file.read_bytes()[:length] + more)
    with pytest.raises(SourceError, match="damaged"):
        file.read()


def test_a_file_of_another_secret_or_another_version_is_told(tmp_path: Path) -> None:
    state_file(tmp_path, b"one").keep(VERSION, OFF, SOURCE)
    with pytest.raises(SourceError, match="another secret"):
        state_file(tmp_path, b"two").read()
    state_file(tmp_path).keep(VERSION, OFF, source_of(SECOND))
    with pytest.raises(SourceError, match="does not hold"):
        state_file(tmp_path).read()


def test_two_servers_and_two_names_have_files_of_their_own_and_no_password_in_them(tmp_path: Path) -> None:
    files = {
        StateFile(tmp_path, name, address).file
        for name in ("a", "b")
        for address in ("redis://x:password@one", "redis://x:password@two", "redis://y:other@one")
    }
    assert len(files) == 4
    assert not any("password" in each.name for each in files)


def test_the_folder_is_the_one_that_the_system_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NEWSHOLE_STATE", "STATE_DIRECTORY", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/anna")
    assert state_folder() == Path("/home/anna/.local/state/newshole")
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert state_folder() == Path("/state/newshole")
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/newshole:/var/lib/other")
    assert state_folder() == Path("/var/lib/newshole")
    monkeypatch.setenv("NEWSHOLE_STATE", "/here")
    assert state_folder() == Path("/here")
