"""Versions of policies in the store: written once, and given another state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from promessa.domain.errors import Exhausted
from promessa.domain.fingerprint import Fingerprint
from promessa.domain.limits import POLICY_VERSIONS_MAX
from promessa.domain.policy import PolicyState
from promessa.store import answers
from promessa.store.group_commit import GroupCommit
from promessa.store.keys import Keys, answer_member


@dataclass(frozen=True, slots=True)
class FiledVersion:
    """A version after a call. `value` is its JSON; `active_before` the version that was active, 0 for none."""

    index: int
    value: bytes
    state: PolicyState
    version: int
    created_ms: int
    active_before: int
    replayed: bool


class PolicyStore:
    """The policies of a data set. Every method may raise AlreadyExists (REQUEST_ID_REUSED) and Unavailable."""

    def __init__(self, keys: Keys, commit: GroupCommit) -> None:
        self.keys = keys
        self._commit = commit

    async def create_version(
        self, request_id: str, request: Fingerprint, *, policy_id: str, value: bytes
    ) -> FiledVersion:
        """Keep a document as the next version of its policy, a draft. Raises Exhausted (TOO_MANY_POLICY_VERSIONS)."""
        answer = await self._submit(b"policy_put", request_id, request, policy_id, value, POLICY_VERSIONS_MAX)
        if answer[0] == b"full":
            raise Exhausted(
                "TOO_MANY_POLICY_VERSIONS",
                f"Policy {policy_id!r} has {POLICY_VERSIONS_MAX:,} versions, the most there can be. Give it another id.",
                policy_id=policy_id,
                versions_max=POLICY_VERSIONS_MAX,
            )
        return _filed(answer, request_id, request)

    async def set_state(
        self, request_id: str, request: Fingerprint, *, policy_id: str, version: int, state: PolicyState
    ) -> FiledVersion | None:
        """Make a version active, and archive the one that was; or archive a version. None if there is no such version."""
        answer = await self._submit(b"policy_state", request_id, request, policy_id, version, int(state))
        return None if answer[0] == b"not_found" else _filed(answer, request_id, request)

    async def _submit(self, operation: bytes, request_id: str, request: Fingerprint, *values: Any) -> list[Any]:
        home, member = self.keys.home_of(request_id), answer_member(request_id)
        return list(await self._commit.submit((operation, home, member, request.digest, b"policy_version", *values)))


def _filed(answer: list[Any], request_id: str, request: Fingerprint) -> FiledVersion:
    replayed = answers.check(answer, request_id=request_id, request=request)
    index, value, state, version, created_ms, active_before = answer[1:]
    return FiledVersion(index, value, PolicyState(state), version, created_ms, active_before, replayed)
