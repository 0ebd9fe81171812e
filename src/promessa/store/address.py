"""Where a store is: the forms of its URL.

    redis://[user:password@]host:port/db          one instance; rediss:// with TLS
    unix:///path/to/socket?db=0                   one instance
    redis+sentinel://host:port,host:port/service  whichever instance the sentinels name the primary of a service;
                                                  user and password are the store's, sentinel_username and
                                                  sentinel_password in the query are the sentinels'
    redis+cluster://host:port,host:port           the primary that has the data set's slot; the hosts are some nodes

With rediss+sentinel:// and rediss+cluster:// every connection uses TLS. Options of redis-py may stand in the query.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Self
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit


class StoreKind(Enum):
    """Who knows where the primary is."""

    INSTANCE = "the URL"
    SENTINEL = "the sentinels"
    CLUSTER = "the cluster"


_KINDS = {
    "redis": StoreKind.INSTANCE,
    "rediss": StoreKind.INSTANCE,
    "unix": StoreKind.INSTANCE,
    "redis+sentinel": StoreKind.SENTINEL,
    "rediss+sentinel": StoreKind.SENTINEL,
    "redis+cluster": StoreKind.CLUSTER,
    "rediss+cluster": StoreKind.CLUSTER,
}
_PORTS = {StoreKind.SENTINEL: 26379, StoreKind.CLUSTER: 6379}
_FORMS = {
    StoreKind.SENTINEL: "redis+sentinel://host:26379,host:26379/service",
    StoreKind.CLUSTER: "redis+cluster://host:6379,host:6379",
}
SCHEMES = tuple(_KINDS)


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """A URL, taken apart. Nothing of it is shown: it may hold passwords.

    `url` is what redis-py reads: the whole of it for an instance, else credentials, database and options of the store.
    `hosts` are the sentinels, or nodes of the cluster; `service` is the name the sentinels know the primary by.
    """

    kind: StoreKind
    url: str = field(repr=False)
    hosts: tuple[tuple[str, int], ...] = ()
    service: str = ""
    sentinel_options: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """Raises ValueError with a sentence that does not repeat the URL."""
        parts = urlsplit(url)
        kind = _KINDS.get(parts.scheme)
        if kind is None:
            raise ValueError(f"must start with one of {', '.join(scheme + '://' for scheme in SCHEMES)}")
        if kind is StoreKind.INSTANCE:
            return cls(kind, url)
        user, at, places = parts.netloc.rpartition("@")
        hosts = tuple(_host_and_port(place, kind) for place in places.split(","))
        service, _, database = parts.path.strip("/").partition("/")
        if kind is StoreKind.CLUSTER and (service or database):
            raise ValueError(f"a cluster has no service and no database but 0: write {_FORMS[kind]}")
        if kind is StoreKind.SENTINEL and not service:
            raise ValueError(f"must name the service that the sentinels watch: write {_FORMS[kind]}")
        of_store, of_sentinels = _options(parts)
        rest = SplitResult(parts.scheme.partition("+")[0], user + at, f"/{database}", urlencode(of_store), "")
        return cls(kind, rest.geturl(), hosts, service, tuple(of_sentinels))


def _host_and_port(place: str, kind: StoreKind) -> tuple[str, int]:
    parts = urlsplit(f"//{place}")
    try:
        port = parts.port or _PORTS[kind]
    except ValueError:
        raise ValueError(f"has a port that is none: write {_FORMS[kind]}") from None
    if not parts.hostname:
        raise ValueError(f"must name at least one host: write {_FORMS[kind]}")
    return parts.hostname, port


def _options(parts: SplitResult) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The query's options of the store, and those of the sentinels under redis-py's names."""
    pairs = parse_qsl(parts.query)
    prefix = "sentinel_"
    of_sentinels = [(name.removeprefix(prefix), value) for name, value in pairs if name.startswith(prefix)]
    if any(name not in ("username", "password") for name, _ in of_sentinels):
        raise ValueError("knows of the sentinels' options sentinel_username and sentinel_password alone")
    return [pair for pair in pairs if not pair[0].startswith(prefix)], of_sentinels
