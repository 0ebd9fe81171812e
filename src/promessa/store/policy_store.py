"""Versions of policies in the store: written once, and given another state."""

from __future__ import annotations

from typing import Any, NamedTuple

from redis.asyncio import Redis

from promessa.domain.errors import FailedPrecondition
from promessa.domain.fingerprint import Fingerprint
from promessa.domain.limits import POLICY_VERSIONS_MAX
from promessa.domain.policy import PolicyHead, PolicyState, PolicyVersion
from promessa.store import answers
from promessa.store.catalogue_codec import (
    FiledPolicy,
    decode_version,
    encode_version,
    head_of_record,
    version_name,
    version_of_record,
)
from promessa.store.group_commit import GroupCommit
from promessa.store.keys import Keys, answer_member
from promessa.store.store import read_together


class FiledVersion(NamedTuple):
    """A version after a call; `active_before` and `shadow_before` are the numbers of those that were it, 0 for none."""

    version: PolicyVersion
    active_before: int
    replayed: bool
    shadow_before: int = 0


class PolicyStore:
    """The policies of a data set. Methods may raise Unavailable, and those that change something AlreadyExists."""

    def __init__(self, redis: Redis, keys: Keys, commit: GroupCommit) -> None:
        self._redis = redis
        self.keys = keys
        self._commit = commit

    async def create_version(
        self, request_id: str, request: Fingerprint, policy_id: str, filed: FiledPolicy
    ) -> FiledVersion:
        """Keep a policy as the next version of its id, a draft. Raises FailedPrecondition (TOO_MANY_POLICY_VERSIONS)."""
        value = encode_version(filed)
        answer = await self._submit(b"policy_put", request_id, request, policy_id, value, POLICY_VERSIONS_MAX)
        if answer[0] == b"full":
            raise FailedPrecondition(
                "TOO_MANY_POLICY_VERSIONS",
                f"Policy {policy_id!r} has {POLICY_VERSIONS_MAX:,} versions, the most there can be. Give it another id.",
                policy_id=policy_id,
                versions_max=POLICY_VERSIONS_MAX,
            )
        return _filed(answer, request_id, request, policy_id)

    async def set_state(
        self, request_id: str, request: Fingerprint, *, policy_id: str, version: int, state: PolicyState
    ) -> FiledVersion | None:
        """Make a version active, and archive the one that was; or archive a version. None if there is no such version."""
        answer = await self._submit(b"policy_state", request_id, request, policy_id, version, int(state))
        return None if answer[0] == b"not_found" else _filed(answer, request_id, request, policy_id)

    async def set_shadow(
        self, request_id: str, request: Fingerprint, *, policy_id: str, version: int, percent: int
    ) -> FiledVersion | None:
        """Let a version decide in the shadow for so many per cent of the orders (0: no more). None if there is none such."""
        answer = await self._submit(b"policy_shadow", request_id, request, policy_id, version, percent)
        return None if answer[0] == b"not_found" else _filed(answer, request_id, request, policy_id)

    async def recall(self, request_id: str, request: Fingerprint, policy_id: str) -> FiledVersion | None:
        """The first answer of a request id, without doing anything; None if there is none."""
        if not request_id:
            return None
        home, member = self.keys.home_of(request_id), answer_member(request_id)
        answer = await self._commit.submit((b"recall", home, member, request.digest))
        return None if answer[0] == b"unknown" else _filed(list(answer), request_id, request, policy_id)

    async def head(self, policy_id: str) -> PolicyHead | None:
        """How many versions a policy has, and which is active; None if there is no such policy."""
        (found,) = await self._read(f"policy:{policy_id}")
        return None if found is None else head_of_record(policy_id, found)

    async def versions(self, policy_id: str, numbers: range) -> list[PolicyVersion]:
        """Versions of a policy by number, those that there are."""
        names = [version_name(policy_id, number) for number in numbers]
        found = await self._read(*(f"policy_version:{name}" for name in names)) if names else []
        return [version_of_record(name, value) for name, value in zip(names, found, strict=True) if value is not None]

    async def _read(self, *fields: str) -> list[bytes | None]:
        key = self.keys.cells(self.keys.catalogue)
        (found,) = await read_together(self._redis, lambda pipe: [pipe.hmget(key, list(fields))])
        return list(found)

    async def _submit(self, operation: bytes, request_id: str, request: Fingerprint, *values: Any) -> list[Any]:
        home, member = self.keys.home_of(request_id), answer_member(request_id)
        return list(await self._commit.submit((operation, home, member, request.digest, b"policy_version", *values)))


def _filed(answer: list[Any], request_id: str, request: Fingerprint, policy_id: str) -> FiledVersion:
    replayed = answers.check(answer, request_id=request_id, request=request)
    _, value, state, version, created_ms, active_before, *shadow = answer[1:]
    percent, before = shadow or (0, 0)
    found = decode_version(policy_id, version, value, state, created_ms, percent)
    return FiledVersion(found, active_before, replayed, before)
