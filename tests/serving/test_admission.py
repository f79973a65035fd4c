"""How many requests are answered at once."""

from __future__ import annotations

import asyncio

from starlette.types import Message, Receive, Scope, Send

from newshole.serving.admission import Admission
from tests.http.asgi import Client, ask, asked, body, start


def test_one_too_many_is_told_to_come_back_and_the_next_is_let_in() -> None:
    async def run() -> list[int]:
        gate = asyncio.Event()

        async def slow(_scope: Scope, _receive: Receive, send: Send) -> None:
            await gate.wait()
            await send(start())
            await send(body(b"done"))

        admission = Admission(slow, most=2)
        asking = [asyncio.create_task(status(admission)) for _ in range(3)]
        done, _ = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
        assert [task.result() for task in done] == [503]
        gate.set()
        statuses = sorted(await asyncio.gather(*asking))
        assert (admission.in_flight, admission.refused) == (0, 1)
        return [*statuses, await status(admission)]

    assert asyncio.run(run()) == [200, 200, 503, 200]


async def status(app: Admission) -> int:
    """The status of an answer."""
    statuses: list[int] = []

    async def send(message: Message) -> None:
        statuses.append(message.get("status", 0))

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    await app(asked(), receive, send)
    return statuses[0]


def test_a_request_that_fails_makes_room_too() -> None:
    async def failing(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("site")

    admission = Admission(failing, most=1)
    for _ in range(2):
        try:
            ask(admission, asked())
        except RuntimeError:
            continue
    assert (admission.in_flight, admission.refused) == (0, 0)


def test_one_that_is_refused_is_told_when_to_come_back() -> None:
    client: Client = ask(Admission(Admission, most=0), asked())  # type: ignore[arg-type]  # never called
    assert client.messages[0]["status"] == 503
    assert client.header(b"retry-after") == b"1"
    assert client.header(b"cache-control") == b"no-store"
