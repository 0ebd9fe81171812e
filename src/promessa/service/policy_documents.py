"""Policy documents: YAML or JSON in, a policy or all that is wrong with it out. And those that promessa brings along."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from promessa.domain.errors import InvalidRequest
from promessa.domain.limits import POLICY_BYTES_MAX
from promessa.domain.policy import Policy
from promessa.domain.policy_checks import Problem
from promessa.domain.policy_reader import Located, Read, read_policy

PROBLEMS_TOLD = 20
"""Problems named in one error: who has more begins with these."""

_DEPTH_MAX, _PARTS_MAX = 32, 20_000
"""No policy has as many levels or parts; a document whose parts refer to one another can have any number."""


def read_document(text: str) -> Read:
    """The policy of a document, or what is wrong with it, each with its line."""
    if len(text.encode()) > POLICY_BYTES_MAX:
        return _unreadable(f"is larger than {POLICY_BYTES_MAX:,} bytes. Make several policies of it.", 1)
    import yaml  # some milliseconds, which no server that has no policies need spend

    if text.lstrip().startswith("{"):
        text = text.replace("\t", " ")  # JSON may be indented so, YAML may not
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        return _unreadable("is empty.", 1) if root is None else read_policy(_Tree().located(root, 0))
    except _Unsupported as error:
        return _unreadable(str(error), error.line)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return _unreadable(f"is neither YAML nor JSON: {error.problem}.", line)
    except (yaml.YAMLError, RecursionError) as error:
        return _unreadable(f"is neither YAML nor JSON: {str(error).splitlines()[0]}.", 1)


def policy_of(text: str) -> Policy:
    """The policy of a document. Raises InvalidRequest (INVALID_POLICY) that names lines, fields and what is allowed."""
    policy, problems, _ = read_document(text)
    if policy is None:
        raise InvalidPolicy(problems)
    return policy


class InvalidPolicy(InvalidRequest):
    """A policy that is not what one may be; `violations` are pairs of field path and rule."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        told = "\n".join(str(each) for each in problems[:PROBLEMS_TOLD])
        more = f"\nAnd {len(problems) - PROBLEMS_TOLD} more." if len(problems) > PROBLEMS_TOLD else ""
        first = problems[0]
        super().__init__("INVALID_POLICY", f"{told}{more}", field=first.field, line=first.line, rule=first.message)
        self.violations = [
            (each.field, f"line {each.line}: {each.message}" if each.line else each.message)
            for each in problems[:PROBLEMS_TOLD]
        ]


def ready_made() -> list[str]:
    """Names of the policies that promessa brings along."""
    found = [each.name for each in files("promessa.policies").iterdir() if each.name.endswith(".yaml")]
    return sorted(name.removesuffix(".yaml") for name in found)


def ready_made_text(name: str) -> str:
    """The document of one of them."""
    return files("promessa.policies").joinpath(f"{name}.yaml").read_text(encoding="utf-8")


class _Unsupported(Exception):
    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def _unreadable(message: str, line: int) -> Read:
    return Read(None, [Problem("the document", message, line)], {})


class _Tree:
    """Makes the parts of a document what the reader takes."""

    def __init__(self) -> None:
        self._parts = 0

    def located(self, node: Any, depth: int) -> Located:
        """A part of the document as it is spelled."""
        import yaml

        line = node.start_mark.line + 1
        self._parts += 1
        if depth > _DEPTH_MAX or self._parts > _PARTS_MAX:
            raise _Unsupported("has more levels or parts than a policy has.", line)
        if isinstance(node, yaml.ScalarNode):
            nothing = node.tag == "tag:yaml.org,2002:null" and node.style is None
            return Located(None if nothing else node.value, line)
        if isinstance(node, yaml.SequenceNode):
            return Located([self.located(each, depth + 1) for each in node.value], line)
        found: dict[str, Located] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in found:
                raise _Unsupported(f"has {name!r} twice.", key.start_mark.line + 1)
            found[name] = Located(self.located(value, depth + 1).value, key.start_mark.line + 1)
        return Located(found, line)
