"""`newshole serve` from its start to its end: real processes, signals and sockets."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path

import pytest

from tests.http.asgi import PATH, RULES
from tests.serving.servers import Served, begin, command, connection, is_refused, served
from tests.waiting import eventually

pytestmark = pytest.mark.slow

OUTCOMES = ("done", "refused")
PLACED = 'data-newshole="inline"'


def test_a_story_is_composed_and_the_site_s_own_headers_pass_once(origin: str, rules: Path) -> None:
    with served("--upstream", origin, "--rules", rules) as newshole:
        bare, found = headers(int(origin.rpartition(":")[2])), headers(newshole.port)
        assert PLACED in newshole.get(PATH)[1]
    assert found.get_all("server") == bare.get_all("server")
    assert len(found.get_all("date", [])) == len(bare.get_all("date", []))


def test_its_welcome_says_what_is_served_where_and_how_to_check(origin: str, rules: Path) -> None:
    with served("--upstream", origin, "--rules", rules, "--workers", "2") as newshole:
        assert f"newshole serves at http://127.0.0.1:{newshole.port} with 2 workers\n" in newshole.said
        assert f"every host: {origin}, rules {rules}\n" in newshole.said
        assert f"curl http://127.0.0.1:{newshole.port}/_newshole/ready\n" in newshole.said
        assert f"SIGHUP to process {newshole.process.pid} " in newshole.said


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_code_0(origin: str, rules: Path, ending: signal.Signals) -> None:
    with served("--upstream", origin, "--rules", rules, "--workers", "2") as newshole:
        assert newshole.end(ending) == (0, "newshole has ended.\n", "")
        assert is_refused(newshole.port)


def test_an_answer_that_has_begun_is_finished_whole_while_it_ends(
    origin: str, rules: Path, closed_gate: threading.Event
) -> None:
    with served("--upstream", origin, "--rules", rules, "--workers", "2") as newshole:
        client, answer = begin(newshole.port, "/slow")
        assert answer.readline() == b"begun\n"
        newshole.process.terminate()
        eventually(lambda: newshole.get("/_newshole/ready", admin=True)[0] == 503)
        eventually(lambda: is_refused(newshole.port))
        closed_gate.set()
        assert answer.read() == b"ended\n"
        client.close()
        assert newshole.ended() == (0, "newshole has ended.\n", "")


def test_readiness_says_why_while_it_ends_on_both_ports(
    origin: str, rules: Path, closed_gate: threading.Event
) -> None:
    with served("--upstream", origin, "--rules", rules) as newshole, connection(newshole.port) as kept:
        client, answer = begin(newshole.port, "/slow")
        kept.request("GET", "/_newshole/ready")
        assert kept.getresponse().read() == b'{"status": "ready"}\n'
        newshole.process.terminate()
        eventually(lambda: newshole.get("/_newshole/ready", admin=True)[0] == 503)
        assert "draining" in newshole.get("/_newshole/ready", admin=True)[1]
        eventually(lambda: is_refused(newshole.port))
        kept.request("GET", "/_newshole/ready")
        told = kept.getresponse()
        assert (told.status, told.headers["connection"]) == (503, "close")
        assert b"draining" in told.read()
        closed_gate.set()
        assert answer.read().endswith(b"ended\n")
        client.close()


def test_an_answer_that_takes_longer_than_the_grace_is_cut_and_does_not_look_whole(
    origin: str, rules: Path, closed_gate: threading.Event
) -> None:
    with served("--upstream", origin, "--rules", rules, "--grace", "1") as newshole:
        client, answer = begin(newshole.port, "/slow")
        assert answer.readline() == b"begun\n"
        code, _, _ = newshole.end()
        assert code == 0
        with pytest.raises(Exception, match=r"IncompleteRead|reset"):
            answer.read()
        client.close()
        assert not closed_gate.is_set()


def test_a_second_signal_ends_it_at_once(origin: str, rules: Path, closed_gate: threading.Event) -> None:
    with served("--upstream", origin, "--rules", rules, "--grace", "600") as newshole:
        client, answer = begin(newshole.port, "/slow")
        assert answer.readline() == b"begun\n"
        newshole.process.terminate()
        eventually(lambda: newshole.get("/_newshole/ready", admin=True)[0] == 503)
        code, out, _ = newshole.end()
        assert (code, out) == (130, "")
        client.close()
        assert not closed_gate.is_set()


def test_a_worker_that_is_killed_comes_back_while_the_others_serve(origin: str, rules: Path) -> None:
    with served("--upstream", origin, "--rules", rules, "--workers", "2") as newshole:
        before = newshole.pids()
        os.kill(before[1], signal.SIGKILL)
        eventually(lambda: 1 not in newshole.pids() or newshole.pids()[1] != before[1])
        assert PLACED in newshole.get(PATH)[1]
        eventually(lambda: len(newshole.pids()) == 2)
        after = newshole.pids()
        assert after[2] == before[2]
        assert newshole.counted("newshole_workers_ended_total") == 1
        _, _, told = newshole.end()
        assert "worker 1 killed by SIGKILL; another starts" in told


def test_a_worker_that_hangs_is_replaced(origin: str, rules: Path) -> None:
    config = rules.with_name("serve.yaml")
    config.write_text("silence_timeout: 1\n", "utf-8")
    with served("--upstream", origin, "--rules", rules, "--workers", "2", "--config", config) as newshole:
        before = newshole.pids()
        os.kill(before[1], signal.SIGSTOP)
        eventually(lambda: newshole.pids().get(1, before[1]) != before[1])
        assert newshole.pids()[2] == before[2]
        assert "worker 1 says nothing any more, and is killed" in newshole.end()[2]


def test_workers_end_when_the_parent_is_killed(origin: str, rules: Path) -> None:
    with served("--upstream", origin, "--rules", rules, "--workers", "2") as newshole:
        newshole.process.kill()
        eventually(lambda: is_refused(newshole.port))


def test_rules_are_read_again_without_losing_a_request(origin: str, rules: Path) -> None:
    with served("--upstream", origin, "--rules", rules, "--workers", "2") as newshole:
        before = newshole.pids()
        readers = [Reader(newshole) for _ in range(4)]
        rules.write_text(RULES.replace("<p>inline</p>", "<p>changed</p>"), "utf-8")
        newshole.process.send_signal(signal.SIGHUP)
        eventually(lambda: newshole.counted("newshole_reloads_total", outcome="done") == 1)
        eventually(lambda: not set(before.values()) & {each["pid"] for each in newshole.workers()})
        for reader in readers:
            reader.stop()
        assert [reader.faults for reader in readers] == [[]] * 4
        assert all(reader.answers > 10 for reader in readers)
        assert "<p>changed</p>" in newshole.get(PATH)[1]
        composed = newshole.counted("newshole_responses_total", outcome="composed")
        assert composed == sum(reader.answers for reader in readers) + 1


def test_a_worker_that_dies_while_settings_are_read_again_leaves_none_beside(
    origin: str, rules: Path
) -> None:
    with served("--upstream", origin, "--rules", rules, "--workers", "2") as newshole:
        os.kill(newshole.pids()[2], signal.SIGKILL)
        newshole.process.send_signal(signal.SIGHUP)
        eventually(lambda: sum(newshole.counted("newshole_reloads_total", outcome=each) for each in OUTCOMES))
        eventually(lambda: sorted(newshole.pids()) == [1, 2] and len(newshole.workers()) == 2)
        children = Path(f"/proc/{newshole.process.pid}/task/{newshole.process.pid}/children")
        eventually(lambda: set(map(int, children.read_text().split())) == set(newshole.pids().values()))


def test_rules_that_are_wrong_are_refused_and_the_old_ones_serve_on(origin: str, rules: Path) -> None:
    with served("--upstream", origin, "--rules", rules) as newshole:
        before = newshole.pids()
        rules.write_text("blox: {}\n", "utf-8")
        newshole.process.send_signal(signal.SIGHUP)
        eventually(lambda: newshole.counted("newshole_reloads_total", outcome="refused") == 1)
        assert newshole.pids() == before
        assert PLACED in newshole.get(PATH)[1]
        _, _, told = newshole.end()
        assert f'{rules}:1:1: blox: unknown key; did you mean "blocks"?' in told


def test_metrics_are_those_of_all_workers_together_and_of_those_that_have_ended(
    origin: str, rules: Path
) -> None:
    with served("--upstream", origin, "--rules", rules, "--workers", "2") as newshole:
        for _ in range(40):
            newshole.get(PATH)
        assert newshole.counted("newshole_responses_total") == 40
        assert newshole.counted("newshole_workers", state="ready") == 2
        assert len({each["rules"][0] for each in newshole.workers()}) == 1
        assert newshole.counted("newshole_info") == 1
        newshole.process.send_signal(signal.SIGHUP)
        eventually(lambda: newshole.counted("newshole_reloads_total", outcome="done") == 1)
        eventually(lambda: len(newshole.workers()) == 2)
        newshole.get(PATH)
        assert newshole.counted("newshole_responses_total") == 41


def test_a_unix_socket_is_listened_on_and_gone_at_the_end(origin: str, rules: Path, tmp_path: Path) -> None:
    path = tmp_path / "newshole.sock"
    with served("--upstream", origin, "--rules", rules, "--unix", path) as newshole:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.sendall(
                b"GET /_newshole/health HTTP/1.1\r\nHost: news.example\r\nConnection: close\r\n\r\n"
            )
            answer = b"".join(iter(lambda: client.recv(4096), b""))
        assert answer.endswith(b'{"status": "alive"}\n')
        assert newshole.end()[0] == 0
    assert not path.exists()


def test_ipv6_is_listened_on(origin: str, rules: Path) -> None:
    with served("--upstream", origin, "--rules", rules, "--host", "::1") as newshole:
        port = int(newshole.said.split("http://[::1]:", 1)[1].split(" ", 1)[0])
        with socket.create_connection(("::1", port)) as client:
            client.sendall(
                b"GET /_newshole/ready HTTP/1.1\r\nHost: news.example\r\nConnection: close\r\n\r\n"
            )
            assert client.recv(4096).startswith(b"HTTP/1.1 200 ")


def test_two_sites_are_told_apart_by_host(origin: str, rules: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(RULES.replace("inline", "other"), "utf-8")
    config = tmp_path / "serve.yaml"
    config.write_text(
        f"""
sites:
  - {{hosts: [news.example, "*.news.example"], upstream: "{origin}", rules: {rules.name}}}
  - {{hosts: [other.example], upstream: "{origin}", rules: {other.name}}}
""",
        "utf-8",
    )
    with served("--config", config) as newshole:
        assert 'data-newshole="inline"' in newshole.get(PATH, host="news.example")[1]
        assert 'data-newshole="inline"' in newshole.get(PATH, host="www.news.example:8000")[1]
        assert 'data-newshole="other"' in newshole.get(PATH, host="OTHER.example")[1]
        assert newshole.get(PATH, host="foreign.example")[0] == 421
        assert newshole.counted("newshole_responses_total", site="news.example") == 2
        assert newshole.counted("newshole_responses_total", site="other.example") == 1


def refused(*arguments: str | Path) -> tuple[int, str]:
    """The exit code and the complaint of a start that fails."""
    done = subprocess.run(command(*arguments), capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_a_port_that_is_taken_is_refused(origin: str, rules: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = f"newshole: cannot listen on 127.0.0.1, port {port}: Address already in use; "
        told += "choose others with --port and --host\n"
        assert refused("--upstream", origin, "--rules", rules, "--port", port) == (2, told)
        code, told = refused("--upstream", origin, "--rules", rules, "--port", "0", "--admin-port", port)
        assert (code, told.endswith("choose others with --admin-port and --admin-host\n")) == (2, True)


def test_wrong_rules_are_told_once_with_all_problems(origin: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("site: News\nblox: {}\nlayout: {gap: often}\n", "utf-8")
    code, told = refused("--upstream", origin, "--rules", wrong, "--workers", "4", "--port", "0")
    assert code == 1
    assert [line.split(":")[1] for line in told.splitlines()] == ["2", "3"]


def test_workers_that_cannot_start_are_given_up(origin: str, rules: Path, tmp_path: Path) -> None:
    stopped = tmp_path / "sitecustomize.py"
    stopped.write_text(
        "import sys\nif 'newshole.serving.worker' in sys.orig_argv: __import__('os')._exit(7)\n", "utf-8"
    )
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"}
    done = subprocess.run(
        command("--upstream", origin, "--rules", rules, "--port", "0", "--workers", "2"),
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
        check=False,
    )
    assert done.returncode == 1
    assert "no worker could start: ended with exit code 7" in done.stderr


def headers(port: int) -> HTTPMessage:
    """The headers of the story, as a server sends it."""
    client, answer = begin(port, PATH)
    client.close()
    return answer.headers


class Reader:
    """Asks for the story again and again on one connection, as long as it is kept open."""

    def __init__(self, newshole: Served) -> None:
        self.newshole = newshole
        self.answers = 0
        self.faults: list[str] = []
        self.is_over = False
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self) -> None:
        while not self.is_over:
            with connection(self.newshole.port) as client:
                self.read_on(client)

    def read_on(self, client: HTTPConnection) -> None:
        while not self.is_over:
            try:
                client.request("GET", PATH, headers={"Host": "news.example"})
                answer = client.getresponse()
                body = answer.read()
            except OSError as error:
                self.faults.append(repr(error))
                return
            self.answers += 1
            if answer.status != 200 or b'data-newshole="inline"' not in body:
                self.faults.append(f"{answer.status}: {body[:80]!r}")
            if answer.headers["connection"] == "close":
                return

    def stop(self) -> None:
        self.is_over = True
        self.thread.join()
