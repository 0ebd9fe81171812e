"""The supervisor with stand-in children: starting, tending, draining, and dying without leaving anything behind."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from redis import Redis

from promessa.server.listen_port import PortError, hold_port
from promessa.server.run_file import RunFile, read_run_file

STAND_IN = Path(__file__).with_name("stand_in.py")
SERVE = """
import sys
from promessa.server.settings import Settings
from promessa.server.supervisor import Commands, serve

prepare, applier, worker = (tuple(words.split("|")) for words in sys.argv[1:])
code = serve(Settings.load(), commands=Commands(prepare=prepare, applier=applier, worker=worker))
print("grpc" in sys.modules)
sys.exit(code)
"""


def hear_signals() -> None:
    """In the new process: what the tests' own parent ignores (nohup, a shell's background) is not ignored."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Server:
    """A supervisor in a process of its own, with stand-ins for its children."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.data_dir = directory / "data"
        self.journal_path = directory / "journal"
        self.log_path = directory / "log"
        self.extra: dict[str, tuple[str, ...]] = {"prepare": ("--exit", "0"), "applier": (), "worker": ()}
        self.settings = {
            "PROMESSA_DATA_DIR": str(self.data_dir),
            "PROMESSA_PORT": "0",
            "PROMESSA_METRICS_PORT": "0",
            "PROMESSA_REPLICA_PATH": str(directory / "replica"),
            "PROMESSA_REDIS_URL": "unix:///nowhere",
            "PROMESSA_GRACE_SECONDS": "5",
        }
        self.process: subprocess.Popen[str] | None = None

    def launch(self) -> None:
        roles = ("prepare", "applier", "worker")
        words = [
            "|".join([sys.executable, str(STAND_IN), str(self.journal_path), "--role", r, *self.extra[r]])
            for r in roles
        ]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PROMESSA_")} | self.settings
        with self.log_path.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVE, *words], stdout=subprocess.PIPE, stderr=log, env=environment, text=True,
                preexec_fn=hear_signals,
            )  # fmt: skip

    def start(self) -> str:
        """The line that says that the server is ready."""
        self.launch()
        return self.read_line()

    def read_line(self) -> str:
        assert self.process is not None
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the server ended: {self.log}"
        return line

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=60)

    @property
    def log(self) -> str:
        return self.log_path.read_text()

    @property
    def journal(self) -> list[str]:
        return self.journal_path.read_text().splitlines() if self.journal_path.exists() else []

    @property
    def run(self) -> RunFile:
        found = read_run_file(self.data_dir)
        assert found is not None
        return found

    def pids(self) -> list[int]:
        found = self.run
        return [*found.children.values(), *([found.store_pid] if found.store_pid else [])]

    def clean_up(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    server.clean_up()


def wait_until(condition: Callable[[], bool], *, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def events(journal: list[str], word: str) -> list[str]:
    return [line.split()[0] for line in journal if line.split()[1] == word]


def test_it_starts_in_order_says_where_it_is_and_drains_backwards(server: Server) -> None:
    line = server.start()
    found = server.run
    assert line.startswith(f"promessa is ready on 127.0.0.1:{found.port} (2 workers, store by URL")
    assert found.ready
    assert set(found.children) == {"applier", "worker-0", "worker-1"}
    started = events(server.journal, "started")
    assert started[0] == "prepare"
    assert set(started[1:]) == {"applier", "worker-0", "worker-1"}
    assert f"{found.port} unix:///nowhere" in server.journal[0]

    assert server.stop() == 0

    assert set(events(server.journal, "stopped")[:2]) == {"worker-0", "worker-1"}
    assert events(server.journal, "stopped")[2:] == ["applier"]
    assert all(is_gone(pid) for pid in found.children.values())
    assert not (server.data_dir / "run.json").exists()
    assert server.read_line() == "False\n", "the supervisor must not import grpc"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_other_wishes_to_stop_drain_as_well(server: Server, number: int) -> None:
    server.start()
    assert server.stop(number) == 0
    assert len(events(server.journal, "stopped")) == 3


def test_it_is_ready_only_when_every_child_is(server: Server) -> None:
    gate = server.directory / "gate"
    server.extra["worker"] = ("--gate", str(gate))
    server.launch()
    wait_until(lambda: {"worker-0", "worker-1"} <= set(events(server.journal, "started")))
    assert server.process is not None
    assert select.select([server.process.stdout], [], [], 0.2)[0] == []
    assert not server.run.ready
    gate.touch()
    assert server.read_line().startswith("promessa is ready")
    assert server.run.ready


def test_killed_children_are_started_again(server: Server) -> None:
    server.start()
    before = server.run.children
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)

    wait_until(lambda: len(events(server.journal, "ready")) == 6)

    wait_until(lambda: set(server.run.children) == set(before))
    assert set(server.run.children.values()).isdisjoint(before.values())
    assert server.log.count("child_died") == 3
    assert server.stop() == 0


def test_stopping_while_the_children_start_leaves_nothing(server: Server) -> None:
    server.extra["applier"] = ("--gate", "/nowhere")
    server.launch()
    wait_until(lambda: "applier" in events(server.journal, "started"))
    pids = server.pids()
    assert server.stop() == 0
    assert all(is_gone(pid) for pid in pids)


def test_stopping_while_the_data_set_is_prepared_leaves_nothing(server: Server) -> None:
    server.extra["prepare"] = ("--gate", "/nowhere")
    server.launch()
    wait_until(lambda: events(server.journal, "started") == ["prepare"])
    pids = [*server.pids(), int(server.journal[0].split()[2])]
    assert len(pids) == 4
    assert server.stop() == 0
    assert all(is_gone(pid) for pid in pids)
    assert events(server.journal, "started") == ["prepare"], "no child begins without a data set"


def test_a_child_that_dies_waiting_for_the_data_set_is_started_again_and_waits_for_it(server: Server) -> None:
    gate = server.directory / "gate"
    server.extra["prepare"] = ("--gate", str(gate), "--exit", "0")
    server.launch()
    wait_until(lambda: events(server.journal, "started") == ["prepare"])
    before = server.run.children
    os.kill(before["worker-0"], signal.SIGKILL)
    wait_until(lambda: server.run.children.get("worker-0") not in (None, before["worker-0"]))
    assert events(server.journal, "started") == ["prepare"]
    gate.touch()
    assert server.read_line().startswith("promessa is ready")
    assert set(events(server.journal, "started")[1:]) == {"applier", "worker-0", "worker-1"}
    assert server.stop() == 0


def test_a_child_that_never_gets_ready_ends_the_start(server: Server) -> None:
    server.extra["worker"] = ("--exit", "7")
    server.launch()
    assert server.process is not None
    assert server.process.wait(timeout=60) == 1
    assert "ended 5 times before the server was ready, the last time with exit code 7" in server.log
    assert events(server.journal, "stopped") == ["applier"]


def test_a_data_set_that_cannot_be_prepared_ends_the_start(server: Server) -> None:
    server.extra["prepare"] = ("--exit", "3")
    server.launch()
    assert server.process is not None
    assert server.process.wait(timeout=60) == 1
    assert "could not be prepared (exit code 3)" in server.log
    assert events(server.journal, "started") == ["prepare"]


def test_a_child_that_does_not_stop_is_killed_and_the_exit_code_tells(server: Server) -> None:
    server.extra["worker"] = ("--deaf",)
    server.settings["PROMESSA_GRACE_SECONDS"] = "0.1"
    server.start()
    pids = server.pids()
    assert server.stop() == 1
    assert "children_killed" in server.log
    assert all(is_gone(pid) for pid in pids)
    assert events(server.journal, "stopped") == ["applier"]


def test_a_second_wish_to_stop_does_not_wait(server: Server) -> None:
    server.extra["worker"] = ("--deaf",)
    server.settings["PROMESSA_GRACE_SECONDS"] = "500"
    server.start()
    assert server.process is not None
    server.process.terminate()
    wait_until(lambda: '"event": "stopping"' in server.log)
    assert server.stop() == 1


def test_a_killed_supervisor_leaves_no_children(server: Server) -> None:
    del server.settings["PROMESSA_REDIS_URL"]
    server.extra["worker"] = ("--deaf",)
    server.start()
    pids = server.pids()
    assert len(pids) == 4
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    wait_until(lambda: all(is_gone(pid) for pid in pids))
    assert read_run_file(server.data_dir) is None, "a file left behind must not be believed"


def test_a_server_can_take_over_at_once_from_a_killed_one(server: Server) -> None:
    del server.settings["PROMESSA_REDIS_URL"]
    server.start()
    server.settings["PROMESSA_PORT"] = str(server.run.port)
    with Redis(unix_socket_path=str(server.run.store_socket)) as redis:
        redis.set("kept", "yes")
    server.clean_up()
    server.start()
    with Redis(unix_socket_path=str(server.run.store_socket)) as redis:
        assert redis.get("kept") == b"yes"
    assert server.stop() == 0


def test_the_store_comes_back_with_its_data_while_the_workers_go_on(server: Server) -> None:
    del server.settings["PROMESSA_REDIS_URL"]
    server.start()
    before = server.run
    with Redis(unix_socket_path=str(before.store_socket)) as redis:
        redis.set("kept", "yes")
    os.kill(before.store_pid or 0, signal.SIGKILL)
    wait_until(lambda: server.run.store_pid not in (None, before.store_pid))
    after = server.run
    assert after.store_socket == before.store_socket
    assert after.children == before.children
    with Redis(unix_socket_path=str(after.store_socket)) as redis:
        assert redis.get("kept") == b"yes"
    assert server.stop() == 0
    assert is_gone(after.store_pid or 0)


def test_a_second_server_on_the_same_directory_is_refused(server: Server, tmp_path: Path) -> None:
    server.start()
    second = Server(tmp_path)
    second.log_path = tmp_path / "second-log"
    second.launch()
    assert second.process is not None
    assert second.process.wait(timeout=60) == 1
    second.clean_up()
    assert f"in use by process {server.run.supervisor_pid}" in second.log
    assert server.run.ready
    assert server.stop() == 0


def test_a_port_in_use_is_refused_before_anything_starts(server: Server) -> None:
    del server.settings["PROMESSA_REDIS_URL"]
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as stranger:
        server.settings["PROMESSA_PORT"] = str(stranger.getsockname()[1])
        server.launch()
        assert server.process is not None
        assert server.process.wait(timeout=60) == 1
    assert "another program uses it. Stop that program, or choose another port with PROMESSA_PORT" in server.log
    assert server.journal == []
    assert not (server.data_dir / "store").exists()


def test_a_metrics_port_in_use_is_refused(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        server.settings["PROMESSA_METRICS_PORT"] = str(stranger.getsockname()[1])
        server.launch()
        assert server.process is not None
        assert server.process.wait(timeout=60) == 1
    assert "PROMESSA_METRICS_PORT" in server.log


def test_the_metrics_page_adds_up_all_workers(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server.settings["PROMESSA_METRICS_PORT"] = str(port)
    line = server.start()
    assert f"http://127.0.0.1:{port}/metrics" in line
    os.kill(server.run.children["worker-1"], signal.SIGKILL)
    wait_until(lambda: len(events(server.journal, "ready")) == 4)

    def page() -> list[str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            return str(answer.read().decode()).splitlines()

    wait_until(lambda: 'promessa_process_up{process="worker-1"} 1.0' in page())
    assert "stand_in_starts_total 4.0" in page()
    assert 'promessa_process_restarts_total{process="worker-1"} 1.0' in page()
    assert 'promessa_process_up{process="worker-0"} 1.0' in page()
    assert server.stop() == 0
    assert not (server.directory / "replica.metrics").exists()


def test_a_slip_in_the_name_of_a_setting_is_noticed(server: Server) -> None:
    server.settings["PROMESSA_WORKRES"] = "4"
    server.start()
    assert "PROMESSA_WORKRES" in server.log


def test_a_held_port_takes_workers_but_no_second_holder() -> None:
    with hold_port("127.0.0.1", 0) as held:
        port = held.getsockname()[1]
        with pytest.raises(PortError, match="another program uses it"):
            hold_port("127.0.0.1", port)
        with (
            socket.create_server(("127.0.0.1", port), reuse_port=True) as worker,
            socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
        ):
            accepted, _ = worker.accept()
            assert accepted.getpeername() == connection.getsockname()
            accepted.close()
    # The connection above is in TIME_WAIT now, which must not keep a new server out.
    hold_port("127.0.0.1", port).close()


def test_an_address_of_another_machine_is_told_apart() -> None:
    with pytest.raises(PortError, match="no address of this machine"):
        hold_port("192.0.2.1", 50051)
