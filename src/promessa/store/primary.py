"""Connections to the primary of a store, wherever it is now: each asks again when it is opened.

Sentinels and a cluster's own map both answer the question "who is the primary?", so redis-py's pool for Sentinel serves
both. A node that says it is not the primary, or no longer has the slot, is left at once.
"""

from __future__ import annotations

from typing import Any, Protocol

from redis.asyncio import RedisCluster, Sentinel, SSLConnection
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import Connection, parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import SentinelConnectionPool, SentinelManagedConnection
from redis.backoff import NoBackoff
from redis.exceptions import AskError, ReadOnlyError, RedisClusterException
from redis.exceptions import ConnectionError as RedisConnectionError

from promessa.store.address import StoreAddress, StoreKind

GUIDE_SECONDS = 1.0
"""A sentinel or node that is silent for so long is passed over; the next one is asked."""

Place = tuple[str, int]


class Guide(Protocol):
    """Who knows where the primary is. The name is redis-py's."""

    async def discover_master(self, service_name: str) -> Place:
        """Host and port. Raises redis-py's ConnectionError if nobody knows."""


class SentinelGuide:
    """Asks one sentinel after the other."""

    def __init__(self, hosts: tuple[Place, ...], options: dict[str, Any]) -> None:
        self._hosts = hosts
        self._options = options

    async def discover_master(self, service_name: str) -> Place:
        async with Sentinel(self._hosts, sentinel_kwargs=self._options) as sentinels:
            host, port = await sentinels.discover_master(service_name)
            return host, port


class ClusterGuide:
    """Asks one node after the other for the map of the slots."""

    def __init__(self, hosts: tuple[Place, ...], options: dict[str, Any]) -> None:
        self._hosts = hosts
        self._options = options

    async def discover_master(self, service_name: str) -> Place:
        """`service_name` is a key: the primary that has its slot is meant."""
        nodes = [ClusterNode(host, port) for host, port in self._hosts]
        try:
            async with RedisCluster(startup_nodes=nodes, require_full_coverage=False, **self._options) as cluster:
                node = cluster.get_node_from_key(service_name)
        except RedisClusterException as error:
            raise RedisConnectionError(str(error)) from error
        if node is None:
            raise RedisConnectionError("No node of the cluster has the data set's slot.")
        return str(node.host), int(node.port)


class PrimaryConnection(SentinelManagedConnection):
    """A connection that is opened to the primary alone, and opened anew once that is another one."""

    async def connect_to(self, address: Place) -> None:
        await super().connect_to(address)  # type: ignore[no-untyped-call]
        await self.send_command("INFO", "replication")
        if b"role:master" not in await self.read_response():
            await self.disconnect(nowait=True)
            raise RedisConnectionError("The node that should be the primary is a replica.")

    async def read_response(self, *args: Any, **options: Any) -> Any:
        try:
            return await Connection.read_response(self, *args, **options)
        except (ReadOnlyError, AskError):  # MOVED is a kind of ASK
            self.mark_for_reconnect()  # type: ignore[no-untyped-call]
            raise


class PrimaryTlsConnection(PrimaryConnection, SSLConnection):
    """The same with TLS."""


def primary_pool(address: StoreAddress, *, key: str, **options: Any) -> SentinelConnectionPool:
    """A pool whose connections go to the primary of a service or, in a cluster, to the one that has the key's slot."""
    of_url: dict[str, Any] = {**options, **parse_url(address.url)}
    tls = of_url.pop("connection_class", None) is not None
    pool_options = {**of_url, "connection_class": PrimaryTlsConnection if tls else PrimaryConnection}
    guide_options = {**_guide_options(of_url), **({"ssl": True} if tls else {})}
    if address.kind is StoreKind.CLUSTER:
        return SentinelConnectionPool(key, ClusterGuide(address.hosts, guide_options), **pool_options)
    for name in ("username", "password"):
        guide_options.pop(name, None)
    guide_options.update(address.sentinel_options)
    return SentinelConnectionPool(address.service, SentinelGuide(address.hosts, guide_options), **pool_options)


def _guide_options(of_url: dict[str, Any]) -> dict[str, Any]:
    """How to reach those who are asked: with the credentials and certificates of the store, and little patience."""
    kept = {name: value for name, value in of_url.items() if name in ("username", "password") or name[:4] == "ssl_"}
    timeouts = dict.fromkeys(("socket_timeout", "socket_connect_timeout"), GUIDE_SECONDS)
    return {**kept, **timeouts, "retry": Retry(NoBackoff(), 0)}
