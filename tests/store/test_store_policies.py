"""Versions of policies: numbered, immutable, one active at most, every change once."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis
from store_kit import ANY, Shop, check_books, contents, request

from promessa.domain.errors import AlreadyExists, FailedPrecondition
from promessa.domain.policy import Mode, Policy, PolicyHead, PolicyState, Rule
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.store import policy_store
from promessa.store.catalogue_codec import FiledPolicy
from promessa.store.catalogue_log import CatalogueLog
from promessa.store.policy_store import FiledVersion, PolicyStore


@pytest.fixture
def policies(shop: Shop) -> PolicyStore:
    return PolicyStore(shop.store._redis, shop.store.keys, shop.store._commit)


def filed(name: str, comment: str = "") -> FiledPolicy:
    return FiledPolicy(Policy("near", Mode.COST, (Rule("any"),), name=name), comment, f"name: {name}  # as written")


async def put(
    policies: PolicyStore, name: str, request_id: str = "", payload: Any = ANY, of: str = "near"
) -> FiledVersion:
    return await policies.create_version(request_id, payload, of, filed(name, "why"))


async def turn(
    policies: PolicyStore, version: int, state: PolicyState, request_id: str = "", payload: Any = ANY, of: str = "near"
) -> FiledVersion | None:
    return await policies.set_state(request_id, payload, policy_id=of, version=version, state=state)


async def states(policies: PolicyStore, of: str = "near") -> list[PolicyState]:
    return [each.state for each in await policies.versions(of, range(1, 10))]


async def test_versions_are_numbered_and_keep_what_was_written(policies: PolicyStore, fixed: Any) -> None:
    assert [(await put(policies, name)).version.version for name in "ab"] == [1, 2]
    assert (await put(policies, "c", of="far")).version.version == 1
    first, second = await policies.versions("near", range(1, 10))
    assert (first.policy.name, first.comment, first.document) == ("a", "why", "name: a  # as written")
    assert (second.state, second.created_ms) == (PolicyState.DRAFT, fixed.now_ms)
    assert await policies.head("near") == PolicyHead("near", 2, 0)
    assert await policies.head("nobody") is None


async def test_activating_archives_the_one_that_was_active_in_the_same_change(
    policies: PolicyStore, shop: Shop, redis: Redis
) -> None:
    for name in "abc":
        await put(policies, name)
    await turn(policies, 1, PolicyState.ACTIVE)
    before = await redis.xlen(shop.store.keys.log(shop.store.keys.catalogue))
    activated = await turn(policies, 3, PolicyState.ACTIVE)
    assert activated is not None
    assert (activated.version.state, activated.active_before) == (PolicyState.ACTIVE, 1)
    assert await states(policies) == [PolicyState.ARCHIVED, PolicyState.DRAFT, PolicyState.ACTIVE]
    assert await policies.head("near") == PolicyHead("near", 3, 3)
    assert await redis.xlen(shop.store.keys.log(shop.store.keys.catalogue)) == before + 1, "one entry tells both"
    await check_books(redis, shop.store.keys)


async def test_archiving_the_active_version_leaves_none_and_one_can_go_back(policies: PolicyStore) -> None:
    await put(policies, "a")
    await turn(policies, 1, PolicyState.ACTIVE)
    await turn(policies, 1, PolicyState.ARCHIVED)
    assert await policies.head("near") == PolicyHead("near", 1, 0)
    await turn(policies, 1, PolicyState.ACTIVE)
    assert await states(policies) == [PolicyState.ACTIVE]


async def test_a_version_that_is_not_there_is_told(policies: PolicyStore, redis: Redis) -> None:
    await put(policies, "a")
    before = await contents(redis, without=(b"clock",))
    for version in (0, 2):
        assert await turn(policies, version, PolicyState.ACTIVE) is None
    assert await turn(policies, 1, PolicyState.ACTIVE, of="far") is None
    assert await contents(redis, without=(b"clock",)) == before


async def test_every_change_is_made_once(policies: PolicyStore, redis: Redis) -> None:
    created = await put(policies, "a", "edit-0001")
    activated = await turn(policies, 1, PolicyState.ACTIVE, "edit-0002")
    await put(policies, "b")
    await turn(policies, 2, PolicyState.ACTIVE)
    before = await contents(redis, without=(b"clock",))
    again = await put(policies, "a", "edit-0001")
    assert (again.replayed, again.version) == (True, created.version), (
        "the first answer, although it is archived by now"
    )
    assert await turn(policies, 1, PolicyState.ACTIVE, "edit-0002") == activated._replace(replayed=True)  # type: ignore[union-attr]
    with pytest.raises(AlreadyExists):
        await put(policies, "a", "edit-0001", request("other"))
    with pytest.raises(AlreadyExists):
        await turn(policies, 1, PolicyState.ACTIVE, "edit-0002", request("other"))
    assert await contents(redis, without=(b"clock",)) == before
    assert await policies.recall("edit-0001", ANY, "near") == again
    assert await policies.recall("edit-0009", ANY, "near") is None


async def test_there_are_only_so_many_versions(policies: PolicyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_store, "POLICY_VERSIONS_MAX", 2)
    await put(policies, "a")
    await put(policies, "b")
    with pytest.raises(FailedPrecondition) as refusal:
        await put(policies, "c")
    assert refusal.value.reason == "TOO_MANY_POLICY_VERSIONS"


async def test_a_worker_that_follows_the_log_knows_what_is_active(policies: PolicyStore, shop: Shop) -> None:
    loaded = CatalogueKeeper(CatalogueLog(shop.store._redis, shop.store.keys))
    followed = CatalogueKeeper(CatalogueLog(shop.store._redis, shop.store.keys))
    await followed.load()
    for name in "ab":
        await put(policies, name)
    await turn(policies, 1, PolicyState.ACTIVE)
    await turn(policies, 2, PolicyState.ACTIVE)
    await put(policies, "c", of="far")
    seen = []
    changes = followed._log.changes()
    while followed.catalogue.policies.by_id.get("far") is None:
        for record in await anext(changes):
            followed.take(record)
            seen.append(sorted(followed.catalogue.policy_versions.by_id))
    await loaded.load()
    for keeper in (loaded, followed):
        assert list(keeper.catalogue.policy_versions.by_id) == ["near@2"], "drafts and archived ones decide nothing"
        assert keeper.catalogue.policy_versions.by_id["near@2"].policy.name == "b"
        assert keeper.catalogue.policies.by_id["near"] == PolicyHead("near", 2, 2)
    version = loaded.catalogue.network_version
    await turn(policies, 2, PolicyState.ARCHIVED)
    await loaded.refresh_together([("policy_version", "near@2"), ("policy", "near")])
    assert loaded.catalogue.policy_versions.by_id == {}
    assert loaded.catalogue.network_version == version, "no destination is built anew for a policy"


EXAMPLES = count()
steps = st.lists(
    st.tuples(
        st.sampled_from(["near", "far"]),
        st.integers(0, 4),
        st.sampled_from([None, PolicyState.ACTIVE, PolicyState.ARCHIVED]),
    ),
    max_size=12,
)


@given(steps=steps)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_of_each_policy_one_version_is_active_at_most(
    policies: PolicyStore, steps: list[tuple[str, int, PolicyState | None]]
) -> None:
    example = next(EXAMPLES)
    model: dict[str, list[PolicyState]] = {f"near{example}": [], f"far{example}": []}
    for kind, version, state in steps:
        name = f"{kind}{example}"
        known = model[name]
        if state is None:
            found = await put(policies, "x", of=name)
            known.append(PolicyState.DRAFT)
            assert found.version.version == len(known)
            continue
        turned = await turn(policies, version, state, of=name)
        assert (turned is None) == (not 1 <= version <= len(known))
        if turned is None:
            continue
        if state == PolicyState.ACTIVE and PolicyState.ACTIVE in known:
            known[known.index(PolicyState.ACTIVE)] = PolicyState.ARCHIVED
        known[version - 1] = state
    for name, known in model.items():
        assert await states(policies, name) == known
        active = known.index(PolicyState.ACTIVE) + 1 if PolicyState.ACTIVE in known else 0
        head = await policies.head(name)
        assert (head or PolicyHead(name, 0, 0)) == PolicyHead(name, len(known), active)
