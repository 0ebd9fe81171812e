"""The settings: where they come from, what is refused, and what is never shown."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import pytest

from promessa.server import applier_main, archiver_main, worker
from promessa.server.settings import (
    RESOLVED_VARIABLE,
    START_FD_VARIABLE,
    Settings,
    SettingsError,
    mask_url,
    read_resolved,
    report_ready,
    unknown_variables,
)


@pytest.fixture(autouse=True)
def _no_settings_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("PROMESSA_"):
            monkeypatch.delenv(name)


def test_an_argument_beats_the_environment_beats_the_file_beats_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "promessa.toml"
    file.write_text('namespace = "from-file"\nworkers = 3\nport = 4\n')
    monkeypatch.setenv("PROMESSA_CONFIG", str(file))
    monkeypatch.setenv("PROMESSA_WORKERS", "5")
    monkeypatch.setenv("PROMESSA_PORT", "6")
    monkeypatch.setenv("PROMESSA_REDIS_URL", "")
    settings = Settings.load({"port": 7, "host": None})
    assert (settings.namespace, settings.workers, settings.port) == ("from-file", 5, 7)
    assert settings.redis_url is None, "an empty variable is no setting"
    assert settings.origin("namespace") == f"file {file}"
    assert settings.origin("workers") == "environment PROMESSA_WORKERS"
    assert settings.origin("port") == "argument"
    assert settings.origin("host") == "default"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "shop.example"])
def test_listening_beyond_this_machine_without_tls_is_refused(host: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="can be reached from other machines, and there is no TLS"):
        Settings.load({"host": host})
    assert Settings.load({"host": host, "insecure_listen": True}).host == host
    key = tmp_path / "key.pem"
    key.write_text("key")
    assert not Settings.load({"host": host, "tls_cert_file": key, "tls_key_file": key}).is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "::1", "localhost"])
def test_this_machine_alone_needs_no_tls(host: str) -> None:
    assert Settings.load({"host": host}).is_loopback


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"workers": 0}, r"workers \(argument\): Input should be greater than or equal to 1"),
        ({"partitions": 1025}, "partitions"),
        ({"namespace": "Not Good"}, "namespace"),
        ({"durability": "ha"}, "needs replicas"),
        ({"store_replicas": 2}, "store_replicas counts in durability ha alone"),
        ({"store_replicas": 0, "durability": "ha"}, "store_replicas"),
        ({"redis_url": "redis+sentinel://host"}, "must name the service"),
        ({"durability": "always"}, "'single', 'ha' or 'dev'"),
        ({"redis_url": "http://host"}, "must start with one of redis://"),
        ({"tls_cert_file": "/nowhere"}, "go together"),
        ({"tls_cert_file": "/nowhere", "tls_key_file": "/nowhere"}, "missing or cannot be read"),
        ({"wrokers": 2}, "wrokers"),
    ],
)
def test_a_wrong_setting_is_named(arguments: dict[str, object], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        Settings.load(arguments)


def test_a_settings_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"missing\.toml cannot be read"):
        Settings.load(config_file=tmp_path / "missing.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("port = = 1")
    with pytest.raises(SettingsError, match=r"broken\.toml cannot be read"):
        Settings.load(config_file=broken)


def test_passwords_are_never_shown() -> None:
    secret = "hunter2"
    settings = Settings.load({"redis_url": f"rediss://shop:{secret}@redis.example:6380/0?password={secret}"})
    shown = [repr(settings), str(settings), *map(str, settings.describe())]
    shown.append(repr(settings.resolve(redis_url=str(settings.redis_url), port=1)))
    assert not [text for text in shown if secret in text]
    assert any("rediss://shop:***@redis.example:6380/0" in text for text in shown)
    with pytest.raises(SettingsError) as refusal:
        Settings.load({"redis_url": f"http://:{secret}@host"})
    assert secret not in str(refusal.value)
    assert mask_url(f"redis://shop:{secret}/{secret}@host/0") == "redis://shop:***@host/0"
    assert mask_url("unix:///run/a%20b/store.sock?db=0") == "unix:///run/a%20b/store.sock?db=0"


def test_replicas_confirm_in_durability_ha_alone() -> None:
    url = "redis+sentinel://:hunter2@one,two/shop?sentinel_password=hunter2"
    assert Settings.load().confirming_replicas == 0
    assert Settings.load({"durability": "ha", "redis_url": url}).confirming_replicas == 1
    settings = Settings.load({"durability": "ha", "redis_url": url, "store_replicas": 2})
    assert settings.resolve(redis_url=url, port=1).confirming_replicas == 2
    assert "hunter2" not in str(settings.describe())


def test_every_setting_has_a_meaning() -> None:
    lines = Settings.load().describe()
    assert [line.name for line in lines if not line.meaning] == []
    assert {line.variable for line in lines} >= {"PROMESSA_PORT", "PROMESSA_REDIS_URL", "PROMESSA_DATA_DIR"}


def test_two_servers_of_one_user_do_not_share_a_replica(tmp_path: Path) -> None:
    one, two = (Settings.load({"data_dir": tmp_path / name}) for name in ("one", "two"))
    assert one.replica_file != two.replica_file
    assert one.replica_file == Settings.load({"data_dir": tmp_path / "one"}).replica_file


def test_children_read_what_was_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    resolved = Settings.load({"port": 0}).resolve(redis_url="unix:///tmp/s?db=0", port=1234)
    monkeypatch.setenv(RESOLVED_VARIABLE, resolved.model_dump_json())
    assert read_resolved() == resolved
    assert resolved.embedded
    assert resolved.reflection, "reflection is on by default where only this machine can ask"
    assert not Settings.load({"host": "0.0.0.0", "insecure_listen": True}).resolve(redis_url="", port=1).reflection


def test_a_child_reports_ready_once_and_without_a_supervisor_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    read_fd, write_fd = os.pipe()
    monkeypatch.setenv("PROMESSA_READY_FD", str(write_fd))
    report_ready()
    report_ready()
    assert os.read(read_fd, 64) == b"ready\n"
    assert os.read(read_fd, 64) == b"", "the descriptor is closed"
    os.close(read_fd)


def test_unknown_variables_are_found() -> None:
    known = {"PROMESSA_PORT": "1", "PROMESSA_CONFIG": "x", "HOME": "/"}
    assert unknown_variables({**known, "PROMESSA_WORKRES": "2"}) == ["PROMESSA_WORKRES"]


def test_an_overdue_policy_is_checked() -> None:
    for text in ("SLIP:0", "SLIP:365", "DROP", "HOLD_AND_ALERT"):
        assert Settings.load({"overdue_policy": text}).overdue_policy == text
    for text in ("", "SLIP", "SLIP:366", "SLIP:-1", "DROP:1", "WAIT"):
        with pytest.raises(SettingsError, match="overdue_policy"):
            Settings.load({"overdue_policy": text})


@pytest.mark.parametrize("child", [worker, applier_main, archiver_main])
def test_a_child_begins_only_when_it_may(child: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    class BegunError(Exception):
        pass

    def begin() -> NoReturn:
        assert START_FD_VARIABLE not in os.environ, "it has not waited"
        raise BegunError

    gate, prepared = os.pipe()
    os.close(prepared)
    monkeypatch.setenv(START_FD_VARIABLE, str(gate))
    monkeypatch.setattr(child, "read_resolved", begin)
    with pytest.raises(BegunError):
        child.main()
