"""What fails while settings are read again leaves everything as it is."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from typing import cast

import pytest

from newshole import UsageError
from newshole.serving.process import WorkerProcess
from newshole.serving.settings import Settings, SiteSettings
from newshole.serving.supervisor import FAULT, Supervisor

SETTINGS = Settings((SiteSettings("http://127.0.0.1:1"),))


def failing(error: Exception) -> Callable[[], Settings]:
    def read() -> Settings:
        raise error

    return read


@pytest.mark.parametrize("error", [UsageError("no such rules"), OSError(13, "denied"), LookupError("odd")])
def test_whatever_fails_in_reading_again_is_refused(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async def reload() -> None:
        with socket.socket() as listener:
            supervisor = Supervisor(SETTINGS, listener, failing(error))
            await supervisor.reload()
            assert supervisor.reloads == {"refused": 1}
            assert not supervisor.stopping.is_set()

    asyncio.run(reload())
    assert str(error).split("] ")[-1] in caplog.text


def test_a_system_that_starts_no_worker_keeps_the_old_ones(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")

    async def reload() -> None:
        with socket.socket() as listener:
            supervisor = Supervisor(SETTINGS, listener, lambda: SETTINGS)
            old = cast("WorkerProcess", object())
            supervisor.workers[1] = old
            await supervisor.reload()
            assert supervisor.reloads == {"refused": 1}
            assert supervisor.workers == {1: old}

    asyncio.run(reload())
    assert "the old ones stay" in caplog.text


def test_a_fault_of_the_parent_ends_it_with_a_code_that_services_start_again_after() -> None:
    async def run() -> int:
        with socket.socket() as listener:
            supervisor = Supervisor(SETTINGS, listener, lambda: SETTINGS)
            supervisor._spawn = failing(LookupError("odd"))  # type: ignore[method-assign,assignment]  # noqa: SLF001
            return await supervisor.run(lambda: None)

    assert asyncio.run(run()) == FAULT
