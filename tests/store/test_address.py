"""The forms of a store's URL."""

from __future__ import annotations

import pytest

from promessa.store.address import StoreAddress, StoreKind


@pytest.mark.parametrize("url", ["redis://u:p@host:1/2?protocol=3", "rediss://host", "unix:///run/a%20b/s?db=1"])
def test_the_url_of_an_instance_is_left_to_redis_py(url: str) -> None:
    assert StoreAddress.parse(url) == StoreAddress(StoreKind.INSTANCE, url)


def test_sentinels_have_hosts_a_service_and_credentials_of_their_own() -> None:
    url = "rediss+sentinel://u:p%40@one:1,[::1]:2,three/shop/4?ssl_ca_certs=/a&sentinel_username=s&sentinel_password=t"
    address = StoreAddress.parse(url)
    assert address.kind is StoreKind.SENTINEL
    assert address.hosts == (("one", 1), ("::1", 2), ("three", 26379))
    assert address.service == "shop"
    assert address.url == "rediss://u:p%40@/4?ssl_ca_certs=%2Fa"
    assert address.sentinel_options == (("username", "s"), ("password", "t"))
    assert "p%40" not in repr(address) and "'t'" not in repr(address)


def test_a_cluster_has_nodes() -> None:
    address = StoreAddress.parse("redis+cluster://:p@one,two:7000/")
    assert address.kind is StoreKind.CLUSTER
    assert address.hosts == (("one", 6379), ("two", 7000))
    assert address.url == "redis://:p@/"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://host", r"must start with one of redis://.*redis\+sentinel://.*redis\+cluster://"),
        ("redis+sentinel://secret@host:1", "must name the service"),
        ("redis+sentinel://secret@host:1/", "must name the service"),
        ("redis+sentinel:///shop", "must name at least one host"),
        ("redis+sentinel://host,/shop", "must name at least one host"),
        ("redis+sentinel://host:secret/shop", "a port that is none"),
        ("redis+sentinel://host/shop?sentinel_secret=1", "sentinel_username and sentinel_password alone"),
        ("redis+cluster://secret@host:1/1", "no database but 0"),
    ],
)
def test_what_is_wrong_is_said_without_repeating_the_url(url: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        StoreAddress.parse(url)
    assert "secret" not in str(caught.value).replace("sentinel_secret", "")
