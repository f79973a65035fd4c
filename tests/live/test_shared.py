"""The journal's rows in Redis: what machines share of what they served, and that Redis costs nothing else."""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from newshole.live.past.journal import COUNTED, FAULT, KEPT, SHARED, UNSHARED, Journal
from newshole.live.past.journal_file import JournalFile
from newshole.live.past.served import DAY, Served
from newshole.live.past.shared import PARTS, SharedPast, SharedRows, open_shared
from newshole.live.past.sharing import REST, Sharing
from newshole.live.past.sources import HERE, NO_REDIS, UNREADABLE, Seen, Sources
from newshole.store.archive import open_redis_archive
from tests.live.test_journal import PHONE, SERVED
from tests.store.servers import Server, cluster, cluster_url, running
from tests.waiting import PATIENCE

SECRET: Final = b"of the newsroom"
AT: Final = SERVED.at
DOCS: Final = Path(__file__).parents[2] / "docs" / "shadow.md"
OTHER: Final = replace(SERVED, offsets=(21,))


@pytest.fixture(scope="module")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("redis"))
    with running(server):
        yield server


@pytest.fixture
def server(running_server: Server) -> Server:
    """A Redis that has nothing yet."""
    running_server.ask("FLUSHALL")
    return running_server


def machine(url: str, name: str, *, secret: bytes = SECRET, room: int = PARTS * 1_000_000) -> SharedRows:
    return SharedRows(open_redis_archive(url), "site", secret, machine=name, most_bytes=room)


def added(shared: SharedRows, *rows: Served) -> int:
    """How many of these rows a machine could share."""

    async def run() -> int:
        try:
            return await shared.add(rows)
        finally:
            await shared.close()

    return asyncio.run(run())


def looked(shared: SharedRows, row: Served = SERVED, at: float = AT + 1) -> SharedPast:
    async def run() -> SharedPast:
        try:
            return await shared.lookup(row.address, row.query, at)
        finally:
            await shared.close()

    return asyncio.run(run())


def seen(file: JournalFile | None, shared: SharedRows, *, query: str = "", at: float = AT + 1) -> Seen:
    async def run() -> Seen:
        try:
            return await Sources(file, shared).lookup(SERVED.address, query, at)
        finally:
            await shared.close()

    return asyncio.run(run())


def journal(folder: Path, shared: SharedRows, *, patience: float = PATIENCE) -> Journal:
    """A machine's journal, in a file of its own; its Redis has so many seconds."""
    sharing = Sharing(shared, patience=patience, clock=lambda: 0.0)
    return Journal(JournalFile(folder / f"{shared.machine}.db"), sharing=sharing)


def noted(journal: Journal, *rows: Served) -> None:
    """Rows, and the end of the machine."""
    for row in rows:
        journal.note(row)
    asyncio.run(journal.close())


def keys(server: Server) -> list[bytes]:
    found: list[bytes] = server.ask("KEYS", "newshole:journal:*")
    return found


def test_one_asks_for_what_two_machines_served(server: Server, tmp_path: Path) -> None:
    one, two = (journal(tmp_path, machine(server.url, name)) for name in ("web-1", "web-2"))
    noted(one, SERVED)
    noted(two, replace(OTHER, at=AT + 0.5))
    assert [each.counts for each in (one, two)] == [{KEPT: 1, SHARED: 1, UNSHARED: 0}] * 2
    told = seen(one.file, machine(server.url, "web-1"))
    assert told.rows == ((replace(OTHER, at=AT + 0.5), ("web-2",)), (SERVED, (HERE,)))
    assert (told.machines, told.silent) == ((HERE, "web-2"), ())


def test_what_machines_agree_on_is_told_once(server: Server, tmp_path: Path) -> None:
    here = journal(tmp_path, machine(server.url, "web-1"))
    noted(here, SERVED)
    added(machine(server.url, "web-2"), replace(SERVED, at=AT + 0.5, page="another"))
    told = seen(here.file, machine(server.url, "web-1"))
    assert told.rows == ((SERVED, (HERE, "web-2")),)
    elsewhere = seen(None, machine(server.url, "laptop"))
    assert [machines for _, machines in elsewhere.rows] == [("web-1", "web-2")]


def test_of_each_machine_the_last_row_counts(server: Server) -> None:
    added(machine(server.url, "web-1"), SERVED, replace(OTHER, at=AT + 5))
    added(machine(server.url, "web-2"), SERVED)
    rows = {machines: row.offsets for row, machines in seen(None, machine(server.url, ""), at=AT + 9).rows}
    assert rows == {("web-1",): OTHER.offsets, ("web-2",): SERVED.offsets}


def test_a_row_that_redis_lost_makes_an_older_one_no_truth(server: Server, tmp_path: Path) -> None:
    here = journal(tmp_path, machine(server.url, "web-1"))
    noted(here, SERVED)
    here.file.write([(replace(OTHER, at=AT + 1), None)])
    assert seen(here.file, machine(server.url, "web-1")).rows == ((replace(OTHER, at=AT + 1), (HERE,)),)


def test_where_one_machine_knows_of_a_query_the_others_say_nothing_without_it(server: Server) -> None:
    added(machine(server.url, "web-1"), SERVED)
    assert [machines for _, machines in seen(None, machine(server.url, ""), query="q").rows] == [("web-1",)]
    added(machine(server.url, "web-2"), replace(OTHER, query="q"))
    assert [machines for _, machines in seen(None, machine(server.url, ""), query="q").rows] == [("web-2",)]


def test_a_machine_that_was_taken_down_says_nothing_of_the_day_after(server: Server) -> None:
    added(machine(server.url, "web-1"), SERVED)
    added(machine(server.url, "web-2"), replace(OTHER, at=AT + DAY))
    told = seen(None, machine(server.url, ""), at=AT + DAY + 1)
    assert [machines for _, machines in told.rows] == [("web-2",)]


@pytest.mark.parametrize("days", [0, 1, 7, 29])
def test_rows_are_found_for_thirty_days(server: Server, days: int) -> None:
    added(machine(server.url, "web-1"), SERVED)
    assert looked(machine(server.url, ""), at=AT + days * DAY + 1).rows == {"web-1": [SERVED]}
    assert looked(machine(server.url, ""), at=AT + 30 * DAY + DAY).rows == {}


def test_a_day_goes_thirty_days_after_it_began(server: Server) -> None:
    (seconds,) = server.ask("TIME")[:1]
    now = float(seconds)
    added(machine(server.url, "web-1"), replace(SERVED, at=now))
    (key,) = keys(server)
    goes = server.ask("PEXPIRETIME", key) / 1000
    assert goes == (now // DAY + 30) * DAY
    added(machine(server.url, "web-1"), replace(SERVED, at=now - 31 * DAY))
    assert keys(server) == [key]


def test_a_day_is_bounded_in_bytes_and_what_is_beyond_is_counted(server: Server) -> None:
    small = machine(server.url, "web-1", room=PARTS * 2000)
    rows = [replace(SERVED, at=AT + n, offsets=(n,)) for n in range(60)]
    taken = sum(added(small, row) for row in rows)
    assert 2 < taken < 20
    (key,) = keys(server)
    assert 2000 <= server.ask("STRLEN", key) < 2000 + 1000
    assert len(looked(machine(server.url, "", room=PARTS * 2000), at=AT + 99).rows["web-1"]) == taken
    assert added(machine(server.url, "web-2", room=PARTS * 2000), OTHER) == 1, "it learns it by its first row"
    assert added(small, replace(SERVED, address="news.example/elsewhere")) == 1
    assert added(small, replace(SERVED, at=AT + DAY)) == 1


def test_a_row_of_huge_size_is_not_shared(server: Server) -> None:
    huge = replace(SERVED, blocks=tuple(secrets.token_hex(16) for _ in range(2000)), offsets=(1,) * 2000)
    assert added(machine(server.url, "web-1"), huge, replace(SERVED, address="news.example/elsewhere")) == 1


def test_foreign_bytes_cost_themselves_alone(server: Server) -> None:
    added(machine(server.url, "web-1"), SERVED)
    (key,) = keys(server)
    for junk in (b"nonsense", b"\n\x00\xff", b"\nAAAA\n", b"x" * 1000):
        server.ask("APPEND", key, junk)
    added(machine(server.url, "web-2"), OTHER)
    told = seen(None, machine(server.url, ""))
    assert {machines for _, machines in told.rows} == {("web-1",), ("web-2",)}
    assert told.silent == (UNREADABLE,)


def test_what_was_sealed_for_another_day_or_site_or_with_another_secret_is_not_believed(
    server: Server,
) -> None:
    added(machine(server.url, "web-1"), SERVED)
    (key,) = keys(server)
    value = server.ask("GET", key)
    other = SharedRows(open_redis_archive(server.url), "other", SECRET, machine="")
    server.ask("SET", b"newshole:" + other.key(int(AT // DAY), SERVED.address), value)
    assert looked(other) == SharedPast(unreadable=1)
    server.ask("SET", b"newshole:" + machine(server.url, "").key(int(AT // DAY) + 1, SERVED.address), value)
    assert looked(machine(server.url, ""), at=AT + DAY).rows == {"web-1": [SERVED]}
    assert seen(None, machine(server.url, "", secret=b"another")) == Seen(silent=(UNREADABLE,))


@pytest.mark.parametrize("command", [("RPUSH", b"x"), ("SADD", b"x")])
def test_a_key_of_another_kind_costs_its_rows_alone(
    server: Server, tmp_path: Path, command: tuple[str, bytes]
) -> None:
    here, elsewhere = machine(server.url, "web-1"), replace(SERVED, address="news.example/elsewhere")
    assert here.key(0, SERVED.address) != here.key(0, elsewhere.address)
    server.ask(command[0], b"newshole:" + here.key(int(AT // DAY), SERVED.address), command[1])
    kept = journal(tmp_path, here)
    noted(kept, SERVED, elsewhere)
    assert kept.counts == {KEPT: 2, SHARED: 1, UNSHARED: 1}
    told = seen(kept.file, machine(server.url, "web-1"))
    assert (told.rows, told.silent) == (((SERVED, (HERE,)),), (UNREADABLE,))


def test_a_full_redis_costs_what_it_does_not_take(tmp_path: Path) -> None:
    server = Server(tmp_path, "--maxmemory", "1", "--maxmemory-policy", "noeviction")
    with running(server):
        here = journal(tmp_path, machine(server.url, "web-1"))
        noted(here, SERVED)
        assert here.counts == {KEPT: 1, SHARED: 0, UNSHARED: 1}
        server.ask("CONFIG", "SET", "maxmemory", "0")
        noted(here, OTHER)
        assert here.counts == {KEPT: 2, SHARED: 1, UNSHARED: 1}


def test_a_redis_that_is_gone_costs_nothing_but_rows_there(tmp_path: Path) -> None:
    server = Server(tmp_path)
    with running(server):
        here = journal(tmp_path, machine(server.url, "web-1"))
        noted(here, SERVED)
        server.kill()
        noted(here, OTHER)
        assert here.counts == {KEPT: 2, SHARED: 1, UNSHARED: 1}
        told = seen(here.file, machine(server.url, "web-1"))
        assert [row for row, _ in told.rows] == [OTHER]
        assert told.silent == (NO_REDIS,)


def test_a_frozen_redis_is_left_alone_after_a_moment(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = Server(tmp_path)
    with running(server):
        here = machine(server.url, "web-1")
        now = [0.0]
        sharing = Sharing(here, patience=0.05, clock=lambda: now[0])
        server.freeze()
        assert [sharing.put([SERVED]) for _ in range(500)] == [0] * 500
        assert [each.message for each in caplog.records] == ["the journal cannot be shared: TimeoutError"]
        server.thaw()
        now[0], sharing.patience = REST, PATIENCE
        assert sharing.put([OTHER]) == 1
        sharing.close()


def test_while_redis_is_frozen_every_row_is_in_the_file(tmp_path: Path) -> None:
    server = Server(tmp_path)
    with running(server):
        here = journal(tmp_path, machine(server.url, "web-1"), patience=0.05)
        server.freeze()
        rows = [replace(SERVED, address=f"news.example/{n}") for n in range(900)]
        noted(here, *rows)
        assert here.counts == {KEPT: 900, SHARED: 0, UNSHARED: 900}
        assert seen(here.file, machine(server.url, "web-1")).silent == (NO_REDIS,)


def test_a_file_that_cannot_be_read_leaves_what_is_shared(server: Server, tmp_path: Path) -> None:
    added(machine(server.url, "web-2"), SERVED)
    broken = tmp_path / "journal.db"
    broken.write_bytes(b"no database" * 100)
    with closing(JournalFile(broken)) as file:
        told = seen(file, machine(server.url, "web-1"))
    assert told.rows == ((SERVED, ("web-2",)),)
    assert told.silent == ("the journal of this machine cannot be read (file is not a database)",)


def test_what_the_file_did_not_take_is_not_shared(server: Server, tmp_path: Path) -> None:
    broken = tmp_path / "web-1.db"
    broken.write_bytes(b"no database" * 100)
    here = journal(tmp_path, machine(server.url, "web-1"))
    noted(here, SERVED)
    assert here.counts == {FAULT: 1}
    assert keys(server) == []


def test_a_cluster_takes_rows_too(tmp_path: Path) -> None:
    with cluster(tmp_path) as nodes:
        rows = [replace(SERVED, address=f"news.example/{n}") for n in range(40)]
        assert added(machine(cluster_url(nodes), "web-1"), *rows) == 40
        for row in rows[:9]:
            assert looked(machine(cluster_url(nodes), ""), row).rows["web-1"] == [row]


def test_nothing_of_a_row_can_be_read_off_a_key(server: Server) -> None:
    added(machine(server.url, "web-1"), SERVED, replace(SERVED, circumstances=PHONE))
    (key,) = keys(server)
    assert b"news.example" not in key


def test_a_machine_goes_by_its_host_name(server: Server) -> None:
    assert open_shared(server.url, "site", SECRET).machine == socket.gethostname()


def test_everything_that_a_journal_counts_is_documented() -> None:
    told = dict(re.findall(r"^\| `(journal-[a-z]+)` \| (.+) \|$", DOCS.read_text(), re.MULTILINE))
    assert told.keys() == COUNTED.keys()
    assert all(told[name].startswith(words) for name, words in COUNTED.items())
