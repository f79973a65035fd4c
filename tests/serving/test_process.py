"""Workers as processes of the parent."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

import pytest

from newshole.serving.process import spawn
from newshole.serving.settings import Settings, SiteSettings


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_worker_that_cannot_be_started_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    settings = Settings((SiteSettings("http://127.0.0.1:1"),))

    async def fail(listener: socket.socket) -> None:
        with pytest.raises(OSError, match="nowhere"):
            await spawn(1, settings, listener)
        await asyncio.sleep(0)

    async def fail_often() -> None:
        with socket.socket() as listener:
            await fail(listener)
            before = open_files()
            for _ in range(3):
                await fail(listener)
            assert open_files() == before

    asyncio.run(fail_often())
