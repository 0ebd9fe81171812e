"""The use cases of PolicyService: versions of policies, which of them decides, and what is doubtful about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from promessa.domain.catalogue import Catalogue
from promessa.domain.errors import FailedPrecondition, InvalidRequest, NotFound
from promessa.domain.fingerprint import Fingerprint, fingerprint
from promessa.domain.policy import DEFAULT_POLICY_ID, Policy, PolicyHead, PolicyState, PolicyVersion
from promessa.domain.policy_checks import Problem, problems_of, with_line
from promessa.domain.policy_lint import Doubt, Finding, Surroundings, lint
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.service.node_facts import lint_nodes
from promessa.service.policy_documents import InvalidPolicy, read_document
from promessa.store.catalogue_codec import FiledPolicy, encode_version, version_name
from promessa.store.policy_store import FiledVersion, PolicyStore

_FIELDS = ("method", "source", "comment")
_STATE_FIELDS = ("method", "policy_id", "version")
_SHADOW_FIELDS = (*_STATE_FIELDS, "shadow_percent")


class Draft(NamedTuple):
    """A policy as it came: a document with the lines of its fields, or a message, which has neither."""

    policy: Policy | None
    problems: Sequence[Problem]
    lines: dict[str, int]
    document: str = ""


def draft_of_document(text: str) -> Draft:
    """A document in YAML or JSON."""
    policy, problems, lines = read_document(text)
    return Draft(policy, problems or _reserved(policy, lines), lines, text)


def draft_of_policy(policy: Policy) -> Draft:
    """A policy that came as a message."""
    return Draft(policy, problems_of(policy) or _reserved(policy, {}), {})


def _reserved(policy: Policy | None, lines: dict[str, int]) -> list[Problem]:
    """What is wrong with an id that stands for something else."""
    if policy is None or policy.policy_id != DEFAULT_POLICY_ID:
        return []
    problem = Problem("policy", f"must not be {DEFAULT_POLICY_ID!r}, which stands for no policy. Give it another id.")
    return [with_line(problem, lines) if lines else problem]


@dataclass(slots=True)
class Policies:
    """The policies of a data set. `now_ms` is the wall clock, for dates only."""

    keeper: CatalogueKeeper
    store: PolicyStore
    now_ms: Callable[[], int]

    async def create(self, request_id: str, draft: Draft, comment: str) -> tuple[FiledVersion, list[Doubt]]:
        """Keep a policy as the next version of its id, and what is doubtful about it.

        Raises InvalidRequest (INVALID_POLICY), FailedPrecondition (TOO_MANY_POLICY_VERSIONS), AlreadyExists.
        """
        if draft.policy is None or draft.problems:
            raise InvalidPolicy(draft.problems)
        filed = FiledPolicy(draft.policy, comment, draft.document)
        source = draft.document or encode_version(FiledPolicy(draft.policy))
        request = fingerprint(_FIELDS, "CreatePolicyVersion", source, comment)
        found = await self.store.create_version(request_id, request, draft.policy.policy_id, filed)
        await self._take_over(draft.policy.policy_id)
        return found, self._doubts(draft.policy, draft.lines)

    async def activate(self, request_id: str, policy_id: str, version: int) -> tuple[FiledVersion, list[Doubt]]:
        """Let a version decide. Raises NotFound (POLICY_NOT_FOUND), FailedPrecondition (POLICY_UNFIT), AlreadyExists."""
        request = fingerprint(_STATE_FIELDS, "ActivatePolicyVersion", policy_id, version)
        wanted = await self.get(policy_id, version)
        doubts = self._doubts(wanted.policy, _lines_of(wanted))
        found = await self._first_answer(_unfit(wanted, doubts), request_id, request, policy_id)
        if found is None:
            found = await self.store.set_state(
                request_id, request, policy_id=policy_id, version=version, state=PolicyState.ACTIVE
            )
        assert found is not None, "versions are never deleted"
        await self._take_over(policy_id, version, found.active_before)
        return found, doubts

    async def shadow(
        self, request_id: str, policy_id: str, version: int, percent: int
    ) -> tuple[FiledVersion, list[Doubt]]:
        """Let a version decide beside whatever decides, for so many per cent of the orders, and only count; 0: no more.

        Raises NotFound (POLICY_NOT_FOUND), FailedPrecondition (POLICY_UNFIT, POLICY_ACTIVE), AlreadyExists.
        """
        request = fingerprint(_SHADOW_FIELDS, "ActivatePolicyVersion", policy_id, version, percent)
        wanted = await self.get(policy_id, version)
        doubts = self._doubts(wanted.policy, _lines_of(wanted))
        problem = (_unfit(wanted, doubts) or _decides_already(wanted)) if percent else None
        found = await self._first_answer(problem, request_id, request, policy_id)
        if found is None:
            found = await self.store.set_shadow(
                request_id, request, policy_id=policy_id, version=version, percent=percent
            )
        assert found is not None, "versions are never deleted"
        await self._take_over(policy_id, version, found.shadow_before)
        return found, doubts

    async def _first_answer(
        self, problem: FailedPrecondition | None, request_id: str, request: Fingerprint, policy_id: str
    ) -> FiledVersion | None:
        """What a call was answered that would be refused now. Raises the problem if it never came."""
        if problem is None:
            return None
        found = await self.store.recall(request_id, request, policy_id)
        if found is None:
            raise problem
        return found

    async def archive(self, request_id: str, policy_id: str, version: int) -> FiledVersion:
        """Let a version decide no more. Raises NotFound (POLICY_NOT_FOUND), AlreadyExists."""
        request = fingerprint(_STATE_FIELDS, "ArchivePolicyVersion", policy_id, version)
        found = await self.store.set_state(
            request_id, request, policy_id=policy_id, version=version, state=PolicyState.ARCHIVED
        )
        if found is None:
            raise policy_not_found(policy_id, version)
        await self._take_over(policy_id, version)
        return found

    async def get(self, policy_id: str, version: int) -> PolicyVersion:
        """A version as the store has it; 0 is the active one, else the newest. Raises NotFound (POLICY_NOT_FOUND)."""
        if not version:
            head = await self._head(policy_id)
            version = head.active_version or head.versions
        found = await self.store.versions(policy_id, range(version, version + 1))
        if not found:
            raise policy_not_found(policy_id, version)
        return found[0]

    def list_policies(
        self, *, page_size: int, position: str
    ) -> tuple[list[tuple[PolicyHead, PolicyVersion | None]], str]:
        """A page of the policies this process knows, each with its active version, and where the next page begins."""
        catalogue = self.keeper.catalogue
        page: list[tuple[PolicyHead, PolicyVersion | None]] = []
        for index in range(page_start(position), len(catalogue.policies.ids)):
            head = catalogue.policies.by_id.get(catalogue.policies.ids[index])
            if head is None:
                continue
            if len(page) == page_size:
                return page, str(index)
            page.append((head, _active(catalogue, head)))
        return page, ""

    async def list_versions(self, policy_id: str, *, page_size: int, position: str) -> tuple[list[PolicyVersion], str]:
        """A page of a policy's versions, newest first, and where the next begins. Raises NotFound (POLICY_NOT_FOUND)."""
        newest = page_start(position) or (await self._head(policy_id)).versions
        oldest = max(1, newest - page_size + 1)
        page = await self.store.versions(policy_id, range(oldest, newest + 1))
        return page[::-1], str(oldest - 1) if oldest > 1 else ""

    async def lint(self, draft: Draft) -> list[Doubt]:
        """Everything that is wrong with a policy, or doubtful here and now."""
        if draft.policy is None or draft.problems:
            return [Doubt(Finding.INVALID, True, each.field, each.message, each.line) for each in draft.problems]
        return self._doubts(draft.policy, draft.lines)

    async def lint_version(self, policy_id: str, version: int) -> list[Doubt]:
        """The same of a version that was kept. Raises NotFound (POLICY_NOT_FOUND)."""
        found = await self.get(policy_id, version)
        return self._doubts(found.policy, _lines_of(found))

    def _doubts(self, policy: Policy, lines: dict[str, int]) -> list[Doubt]:
        catalogue = self.keeper.catalogue
        around = Surroundings(lint_nodes(catalogue), list(catalogue.policy_versions.by_id.values()), self.now_ms())
        found = lint(policy, around)
        if not lines:
            return found
        return [each._replace(line=with_line(Problem(each.field, ""), lines).line) for each in found]

    async def _head(self, policy_id: str) -> PolicyHead:
        head = await self.store.head(policy_id)
        if head is None:
            raise policy_not_found(policy_id, 0)
        return head

    async def _take_over(self, policy_id: str, *versions: int) -> None:
        """Know at once what a call of this process changed: all of it, or nothing."""
        names = [("policy_version", version_name(policy_id, version)) for version in versions if version]
        await self.keeper.refresh_together([*names, ("policy", policy_id)])


def policy_not_found(policy_id: str, version: int) -> NotFound:
    """No such policy, or no such version of it."""
    if version:
        message = f"Policy {policy_id!r} has no version {version}. See ListPolicyVersions for those it has."
    else:
        message = f"There is no policy {policy_id!r}. Create a version of it first, or correct the id."
    return NotFound("POLICY_NOT_FOUND", message, policy_id=policy_id, version=version)


def page_start(token: str) -> int:
    """The position in a page token. Raises InvalidRequest (INVALID_PAGE_TOKEN)."""
    if token and not (token.isascii() and token.isdigit() and len(token) < 12):
        raise InvalidRequest(
            "INVALID_PAGE_TOKEN", "The page_token is none that this method gave. Start again without one."
        )
    return int(token or 0)


def _active(catalogue: Catalogue, head: PolicyHead) -> PolicyVersion | None:
    return catalogue.policy_versions.by_id.get(version_name(head.policy_id, head.active_version))


def _lines_of(version: PolicyVersion) -> dict[str, int]:
    return read_document(version.document).lines if version.document else {}


def _unfit(version: PolicyVersion, doubts: Sequence[Doubt]) -> FailedPrecondition | None:
    """Why a version cannot decide, None if it can."""
    field, rule = next(((each.field, each.message) for each in doubts if each.error), ("", ""))
    if not field:
        return None
    return FailedPrecondition(
        "POLICY_UNFIT",
        f"Version {version.version} of policy {version.policy_id!r} cannot decide: {field} {rule} "
        "Create a version without that.",
        policy_id=version.policy_id,
        version=version.version,
        field=field,
        rule=rule,
    )


def _decides_already(version: PolicyVersion) -> FailedPrecondition | None:
    """Why a version cannot decide in the shadow: it is what casts it."""
    if version.state != PolicyState.ACTIVE:
        return None
    return FailedPrecondition(
        "POLICY_ACTIVE",
        f"Version {version.version} of policy {version.policy_id!r} is active, so that beside it there is nothing to compare. "
        "Name another version.",
        policy_id=version.policy_id,
        version=version.version,
    )
