"""What systemd is told."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from newshole.serving.notify import SOCKET, notify, reloading


def test_systemd_is_told_where_it_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(path)
        monkeypatch.setenv(SOCKET, path)
        notify("READY=1", "STATUS=serving")
        assert systemd.recv(4096) == b"READY=1\nSTATUS=serving"
        reloading()
        assert systemd.recv(4096).startswith(b"RELOADING=1\nMONOTONIC_USEC=")


def test_an_address_without_a_file_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("\0newshole-test-notify")
        monkeypatch.setenv(SOCKET, "@newshole-test-notify")
        notify("READY=1")
        assert systemd.recv(4096) == b"READY=1"


@pytest.mark.parametrize("address", ["", "/nowhere/at/all"])
def test_nothing_happens_where_nobody_listens(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SOCKET, address)
    notify("READY=1")
