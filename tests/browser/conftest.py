"""A real server with the demo."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Final

import pytest
import uvicorn

from newshole.demo.app import demo_app

PATIENCE: Final = 30.0


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The URL of the demo, served by uvicorn on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(demo_app(), log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    deadline = time.monotonic() + PATIENCE
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.started
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(PATIENCE)
    listener.close()
