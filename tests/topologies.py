"""Stores of several processes on loopback: a primary with replicas, sentinels that watch them, a cluster."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis as SyncRedis
from redis.crc import key_slot
from redis.exceptions import RedisError
from serving import StoreProcess, server_program

from promessa.domain.errors import Unavailable
from promessa.store.embedded.binary import inspect_binary

SERVICE = "shop"
SLOTS = 16384


def has_waitaof() -> bool:
    """Whether the program under test can wait for the disks of replicas."""
    return inspect_binary(Path(server_program())).version >= (7, 2, 0)


needs_waitaof = pytest.mark.skipif(not has_waitaof(), reason="the store under test has no WAITAOF")


def until(condition: Callable[[], Any], what: str, *, seconds: float = 60.0) -> Any:
    """Ask again until it holds; an error of the connection counts as "not yet"."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            found = condition()
        except RedisError as error:
            found, what_else = None, f": {error}"
        else:
            what_else = ""
        if found:
            return found
        assert time.monotonic() < deadline, f"{what} did not come{what_else}"
        time.sleep(0.02)


async def insist(call: Callable[[], Awaitable[Any]]) -> Any:
    """Again and again with the same request id, as a client must after UNAVAILABLE."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return await call()
        except (Unavailable, RedisError):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Node(StoreProcess):
    """A store on a loopback port and a Unix socket."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.port = free_port()
        listening = ("--port", str(self.port), "--bind", "127.0.0.1", "--repl-diskless-sync-delay", "0")
        super().__init__(directory, *listening, *options)
        self.client = SyncRedis(unix_socket_path=self.socket)

    @property
    def tcp_url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    def info(self, section: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.info(section)  # type: ignore[assignment]
        return found

    def end(self) -> None:
        """Whatever state it is in."""
        self.client.close()
        if self.process.poll() is None:
            self.signal(signal.SIGCONT)
            self.kill()


def is_in_step(replica: Node, primary: Node) -> bool:
    """Whether the replica has all that the primary wrote."""
    sent, had = primary.info("replication")["master_repl_offset"], replica.info("replication")["slave_repl_offset"]
    return bool(sent == had)


class Sentinel:
    """A sentinel with short periods."""

    def __init__(self, directory: Path, primary_port: int, *lines: str) -> None:
        self.port = free_port()
        configuration = directory / "sentinel.conf"
        configuration.write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {directory}\n"
            f"sentinel monitor {SERVICE} 127.0.0.1 {primary_port} 1\n"
            f"sentinel down-after-milliseconds {SERVICE} 2000\nsentinel failover-timeout {SERVICE} 10000\n"
            + "\n".join(lines)
        )
        self.process = subprocess.Popen(
            [server_program(), str(configuration), "--sentinel"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.client = SyncRedis(port=self.port)
        until(self.client.ping, "the sentinel")
        self.client.execute_command("SENTINEL DEBUG", "info-period", "200", "publish-period", "200")

    def fail_over(self) -> None:
        """Make the replica the primary, and wait until this sentinel names it."""
        before = self.primary_port()
        until(lambda: self.client.execute_command("SENTINEL FAILOVER", SERVICE), "a replica to fail over to")
        until(lambda: self.primary_port() != before, "another primary")

    def primary_port(self) -> int:
        return int(self.client.execute_command("SENTINEL GET-MASTER-ADDR-BY-NAME", SERVICE)[1])

    def end(self) -> None:
        self.client.close()
        self.process.kill()
        self.process.wait()


class Topology:
    """Makes processes, and ends them all."""

    def __init__(self, undo: ExitStack) -> None:
        self._undo = undo

    def node(self, *options: str) -> Node:
        node = Node(self._directory(), *options)
        self._undo.callback(node.end)
        return node

    def replica_of(self, primary: Node, *options: str) -> Node:
        """A replica in step with its primary, its append-only file too."""
        replica = self.node("--replicaof", f"127.0.0.1 {primary.port}", *options)
        until(lambda: replica.info("replication")["master_link_status"] == "up", "the replica's link")
        until(lambda: not replica.info("persistence")["aof_rewrite_in_progress"], "the replica's append-only file")
        return replica

    def sentinel(self, primary: Node, *lines: str, port: int = 0) -> Sentinel:
        """`lines` are more of its configuration; `port` is another one of the primary's than its usual."""
        sentinel = Sentinel(self._directory(), port or primary.port, *lines)
        self._undo.callback(sentinel.end)
        return sentinel

    def cluster(self, *, primaries: int = 3) -> list[Node]:
        """Primaries that share the slots evenly."""
        nodes = [self.cluster_node() for _ in range(primaries)]
        for i, node in enumerate(nodes):
            node.client.execute_command("CLUSTER ADDSLOTSRANGE", *slots_of(i, primaries))
            node.client.execute_command("CLUSTER SET-CONFIG-EPOCH", i + 1)
        for node in nodes[1:]:
            meet(node, nodes[0])
        for node in nodes:
            until(lambda node=node: knows(node, nodes), "the cluster")
        return nodes

    def cluster_node(self, *options: str) -> Node:
        bus = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()), "--cluster-node-timeout", "5000")
        return self.node(*bus, *options)

    def cluster_replica_of(self, primary: Node, nodes: list[Node]) -> Node:
        """A replica of one primary, known to all nodes."""
        replica = self.cluster_node()
        meet(replica, nodes[0])
        for node in (*nodes, replica):
            until(lambda node=node: knows(node, [*nodes, replica]), "the cluster")
        of_primary = primary.client.execute_command("CLUSTER MYID")
        replica.client.execute_command("CLUSTER REPLICATE", of_primary)
        for node in nodes:
            until(lambda node=node: node.client.execute_command("CLUSTER REPLICAS", of_primary), "the replica's news")
        until(lambda: replica.info("replication")["master_link_status"] == "up", "the replica's link")
        until(lambda: not replica.info("persistence")["aof_rewrite_in_progress"], "the replica's append-only file")
        return replica

    def _directory(self) -> Path:
        path = Path(tempfile.mkdtemp(prefix="promessa-"))
        self._undo.callback(shutil.rmtree, path, ignore_errors=True)
        return path


def meet(node: Node, other: Node) -> None:
    bus = other.client.config_get("cluster-port")["cluster-port"]
    node.client.execute_command("CLUSTER MEET", "127.0.0.1", other.port, bus)


def knows(node: Node, nodes: list[Node]) -> bool:
    """Whether a node of the cluster serves, and has heard of all others."""
    info = node.client.execute_command("CLUSTER INFO")
    return bool(info["cluster_state"] == "ok" and int(info["cluster_known_nodes"]) >= len(nodes))


def primary_of(key: str, nodes: list[Node]) -> Node:
    """The node of a new cluster that has the slot of a key."""
    return nodes[next(i for i in range(len(nodes)) if key_slot(key.encode()) <= slots_of(i, len(nodes))[1])]


def slots_of(i: int, primaries: int) -> tuple[int, int]:
    """First and last slot of a primary of a new cluster."""
    return SLOTS * i // primaries, SLOTS * (i + 1) // primaries - 1


@contextmanager
def topology() -> Iterator[Topology]:
    with ExitStack() as undo:
        yield Topology(undo)
