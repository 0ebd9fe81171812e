"""The command line and a server that speaks TLS."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli_command import Command

from promessa.cli.address import address_in
from promessa.server.run_file import read_run_file
from promessa.store.embedded.bound import start_bound


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_a_server_with_tls_is_reached_with_its_certificate(
    promessa: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key, data = tmp_path / "cert.pem", tmp_path / "key.pem", tmp_path / "data"
    names = ["-subj", "/CN=promessa.test", "-addext", "subjectAltName=DNS:promessa.test"]
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    command = [sys.executable, "-m", "promessa.cli.main", "serve", "--port", "0", "--metrics-port", "0"]
    options = ["--data-dir", data, "--workers", "1", "--tls-cert-file", certificate, "--tls-key-file", key]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PROMESSA_")}
    with (tmp_path / "log").open("wb") as log:
        process = start_bound([*command, *options], death_signal=signal.SIGTERM, environment=clean, output=log.fileno())
    try:
        deadline = time.monotonic() + 60
        while not ((run := read_run_file(data)) and run.ready):
            assert process.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        address = address_in(data)
        assert promessa("doctor", "--health", "--address", address).code == 1
        monkeypatch.setenv("PROMESSA_TLS_CA_FILE", str(certificate))
        monkeypatch.setenv("PROMESSA_TLS_SERVER_NAME", "promessa.test")
        assert promessa("doctor", "--health", "--address", address).code == 0
        assert promessa("audit", "--address", address).code == 0
        (tmp_path / "skus.csv").write_text("sku\ntls-sku\n")
        assert promessa("import", tmp_path / "skus.csv", "--address", address).code == 0
        monkeypatch.setenv("PROMESSA_TLS_CA_FILE", str(tmp_path / "none"))
        assert promessa("audit", "--address", address).code == 2
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
