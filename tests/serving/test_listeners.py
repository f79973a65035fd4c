"""Sockets that listen, and those that cannot."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from newshole.errors import UsageError
from newshole.serving import descriptors
from newshole.serving.listeners import address_of, listen, listen_at


def test_all_addresses_are_listened_on_for_both_families() -> None:
    with listen("::", 0) as listener:
        port = listener.getsockname()[1]
        for host in ("127.0.0.1", "::1"):
            socket.create_connection((host, port), timeout=10).close()


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match=r"cannot listen on nothing\.invalid, port 0: .*; choose"):
        listen("nothing.invalid", 0)


def test_the_address_of_everywhere_is_one_that_a_browser_can_go_to() -> None:
    assert address_of("0.0.0.0", 1) == address_of("::", 1) == "http://localhost:1"  # noqa: S104 - told of
    assert address_of("::1", 1) == "http://[::1]:1"


def test_a_socket_that_nobody_listens_at_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "newshole.sock"
    listen_at(path).close()
    assert path.exists()
    with listen_at(path):
        client = socket.socket(socket.AF_UNIX)
        client.connect(str(path))
        client.close()


def test_a_socket_that_somebody_listens_at_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "newshole.sock"
    with (
        listen_at(path),
        pytest.raises(UsageError, match="already in use; choose another with --unix"),
    ):
        listen_at(path)


def test_a_file_is_never_removed_for_a_socket(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("mine", "utf-8")
    with pytest.raises(UsageError, match="cannot listen at"):
        listen_at(path)
    assert path.read_text("utf-8") == "mine"


def test_each_request_has_room_for_a_connection_to_the_site() -> None:
    assert descriptors.room_for_connections(20_000, 1000) == 20_000 - 1000 - descriptors.OWN
    assert descriptors.room_for_connections(1024, 1000) == 512


def test_few_open_files_are_warned_of_with_what_to_do() -> None:
    assert descriptors.warning(descriptors.FEW) is None
    told = descriptors.warning(1024)
    assert told is not None
    assert "only 1024 files" in told
    assert "LimitNOFILE=" in told
