"""A store that speaks TLS and asks for a password, with whom tells where it is. The carried Valkey has no TLS: Redis 7.0."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from redis.exceptions import RedisError
from topologies import SERVICE, Topology, free_port, insist, until

from promessa.server.store_connection import connect

REDIS_7_0 = shutil.which("redis-server")
pytestmark = pytest.mark.skipif(
    REDIS_7_0 is None or shutil.which("openssl") is None, reason="needs a server with TLS, and openssl"
)


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Options of a server with a certificate of its own, at `tmp_path`."""
    monkeypatch.setenv("PROMESSA_TEST_SERVER", str(REDIS_7_0))
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    files = ("--tls-cert-file", str(certificate), "--tls-key-file", str(key), "--tls-ca-cert-file", str(certificate))
    return (*files, "--tls-auth-clients", "no", "--tls-replication", "yes")


async def test_a_cluster_is_reached_with_tls_and_a_password(
    stores: Topology, tls: tuple[str, ...], tmp_path: Path
) -> None:
    port = free_port()
    node = stores.cluster_node("--tls-cluster", "yes", "--tls-port", str(port), *tls)
    node.client.execute_command("ACL SETUSER", "shop", "on", ">secret", "~*", "+@all")
    node.client.execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)
    until(lambda: node.client.execute_command("CLUSTER INFO")["cluster_state"] == "ok", "the cluster")
    place = f"shop:secret@127.0.0.1:{port}/?ssl_ca_certs={tmp_path / 'cert.pem'}"
    redis = connect(f"rediss+cluster://{place}")
    await insist(redis.ping)
    assert await redis.acl_whoami() == "shop"
    await redis.aclose()
    for wrong in (f"redis+cluster://{place.partition('?')[0]}", f"rediss+cluster://{place.replace('secret', 'guess')}"):
        redis = connect(wrong)
        with pytest.raises(RedisError):
            await redis.ping()
        await redis.aclose()


async def test_sentinels_are_reached_with_tls_and_a_password_of_their_own(
    stores: Topology, tls: tuple[str, ...], tmp_path: Path
) -> None:
    primary_port, sentinel_port = free_port(), free_port()
    primary = stores.node("--tls-port", str(primary_port), *tls)
    primary.client.execute_command("ACL SETUSER", "shop", "on", ">secret", "~*", "+@all")
    lines = [f"{name.removeprefix('--')} {value}" for name, value in zip(tls[::2], tls[1::2], strict=True)]
    asker = "user asker on >hush ~* +@all"
    stores.sentinel(primary, f"tls-port {sentinel_port}", asker, *lines, port=primary_port)
    query = f"ssl_ca_certs={tmp_path / 'cert.pem'}&sentinel_username=asker&sentinel_password=hush"
    redis = connect(f"rediss+sentinel://shop:secret@127.0.0.1:{sentinel_port}/{SERVICE}?{query}")
    await insist(redis.ping)
    assert await redis.acl_whoami() == "shop"
    await redis.aclose()
    redis = connect(
        f"rediss+sentinel://shop:secret@127.0.0.1:{sentinel_port}/{SERVICE}?{query.replace('hush', 'guess')}"
    )
    with pytest.raises(RedisError):
        await redis.ping()
    await redis.aclose()
