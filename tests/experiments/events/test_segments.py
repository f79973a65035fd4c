"""What a worker has written is there, whatever becomes of it: killed, without room, beside others."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from newshole.experiments.events.segments import (
    SEGMENT_BYTES,
    SEGMENT_SECONDS,
    Segments,
    Tally,
    ready,
    records,
)

WRITER = """
import os, sys
from pathlib import Path
from newshole.experiments.events.segments import Segments
segments = Segments(Path(sys.argv[1]))
n = 0
while True:
    assert segments.append(b"%d" % n)
    os.write(1, b"%d\\n" % n)
    n += 1
"""


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def kept(folder: Path) -> list[bytes]:
    return [record for segment in ready(folder) for record in records(segment)]


def test_what_was_written_is_ready_once_the_segment_is_closed(tmp_path: Path) -> None:
    segments = Segments(tmp_path)
    assert all(segments.append(record) for record in (b"one", b"two"))
    assert kept(tmp_path) == []
    segments.close()
    assert kept(tmp_path) == [b"one", b"two"]
    assert segments.tally == Tally(kept=2)


def test_a_segment_is_ready_when_it_is_old(tmp_path: Path) -> None:
    clock = Clock()
    segments = Segments(tmp_path, clock=clock)
    segments.append(b"one")
    segments.rotate()
    assert kept(tmp_path) == []
    clock.now += SEGMENT_SECONDS
    segments.rotate()
    assert kept(tmp_path) == [b"one"]
    segments.append(b"two")
    segments.close()
    assert kept(tmp_path) == [b"one", b"two"]


def test_a_segment_is_ready_when_it_is_full(tmp_path: Path) -> None:
    segments = Segments(tmp_path, clock=Clock())
    record = b"x" * 65_536
    for _ in range(SEGMENT_BYTES // len(record) + 1):
        segments.append(record)
    assert len(ready(tmp_path)) == 1
    segments.close()
    assert len(kept(tmp_path)) == segments.tally.kept


def test_an_unused_worker_leaves_no_file(tmp_path: Path) -> None:
    Segments(tmp_path).close()
    assert list(tmp_path.iterdir()) == []
    assert ready(tmp_path / "not-there") == []


def test_a_full_folder_refuses_and_takes_again_when_it_is_emptied(tmp_path: Path) -> None:
    clock = Clock()
    segments = Segments(tmp_path, most=10, clock=clock)
    segments.append(b"0123456789")
    segments.close()
    assert not segments.append(b"lost")
    for segment in ready(tmp_path):
        segment.unlink()
    assert not segments.append(b"lost too: the folder is not looked at for each record")
    clock.now += SEGMENT_SECONDS
    assert segments.append(b"kept")
    segments.close()
    assert kept(tmp_path) == [b"kept"]
    assert segments.tally == Tally(kept=2, lost=2)


def test_a_segment_that_is_taken_while_the_folder_is_looked_at_costs_no_record(tmp_path: Path) -> None:
    # What the folder still lists and is not there any more.
    (tmp_path / "w-1-0-000001.ready").symlink_to(tmp_path / "gone")
    segments = Segments(tmp_path)
    assert segments.append(b"kept")
    assert segments.tally == Tally(kept=1)


def test_segments_of_killed_workers_take_room_too(tmp_path: Path) -> None:
    (tmp_path / "w-1-0-000001.open").write_bytes(b"0123456789\n")
    assert not Segments(tmp_path, most=10).append(b"lost")


def test_small_segments_take_the_room_that_a_disk_gives_them(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"w-1-0-00000{number}.ready").write_bytes(b"0\n")
    assert not Segments(tmp_path, most=3 * 4096).append(b"lost")
    assert Segments(tmp_path, most=3 * 4096 + 1).append(b"kept")


def test_where_many_segments_wait_the_next_ones_grow_older(tmp_path: Path) -> None:
    for number in range(1000):
        (tmp_path / f"w-1-0-{number:06}.ready").write_bytes(b"0\n")
    clock = Clock()
    segments = Segments(tmp_path, clock=clock)
    segments.append(b"one")
    clock.now += 2 * SEGMENT_SECONDS - 0.1
    segments.rotate()
    assert len(ready(tmp_path)) == 1000
    clock.now += 0.1
    segments.rotate()
    assert len(ready(tmp_path)) == 1001


def test_a_worker_that_cannot_write_at_all_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    segments = Segments(tmp_path / "file")
    assert not segments.append(b"lost")
    segments.close()
    assert segments.tally == Tally(lost=1)


def test_a_torn_record_is_left_out_and_the_next_one_is_whole(tmp_path: Path) -> None:
    pid = os.fork()
    if pid == 0:
        # The system writes up to the limit and then nothing: as a full disk does.
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
        segments = Segments(tmp_path)
        outcomes = [segments.append(b"%02d" % n + b"x" * 40) for n in range(4)]
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        segments.close()
        os._exit(0 if outcomes == [True, True, False, False] else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert [record[:2] for record in kept(tmp_path)] == [b"00", b"01"]


def test_after_a_torn_record_the_next_begins_on_a_line_of_its_own(tmp_path: Path) -> None:
    pid = os.fork()
    if pid == 0:
        segments = Segments(tmp_path)
        resource.setrlimit(resource.RLIMIT_FSIZE, (60, resource.RLIM_INFINITY))
        first = [segments.append(b"%02d" % n + b"x" * 40) for n in range(2)]
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        first.append(segments.append(b"02"))
        segments.close()
        os._exit(0 if first == [True, False, True] else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert [record[:2] for record in kept(tmp_path)] == [b"00", b"01", b"02"]


@pytest.mark.parametrize("times", [3, pytest.param(50, marks=pytest.mark.slow)])
def test_a_killed_worker_loses_nothing(tmp_path: Path, times: int) -> None:
    for turn in range(times):
        folder = tmp_path / str(turn)
        with subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE) as worker:
            assert worker.stdout is not None
            os.set_blocking(worker.stdout.fileno(), True)
            told = b""
            while len(told) < 1_000 * (turn + 1):
                told += os.read(worker.stdout.fileno(), 4096)
            assert ready(folder) == []
            worker.send_signal(signal.SIGKILL)
            told += worker.stdout.read()
        acknowledged = told.split(b"\n")[:-1]
        found = kept(folder)
        assert found[: len(acknowledged)] == acknowledged
        assert len(found) - len(acknowledged) <= 1


def test_workers_share_a_folder(tmp_path: Path) -> None:
    segments = [Segments(tmp_path) for _ in range(4)]
    for n, each in enumerate(segments):
        each.append(b"%d" % n)
    for each in segments:
        each.close()
    assert sorted(kept(tmp_path)) == [b"0", b"1", b"2", b"3"]
