"""Why an order is sourced as it is: sentences, a table of the nodes, and the map."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promessa.cli.failure import Failure

if TYPE_CHECKING:
    from rich.console import Console

    from promessa.cli.client import Client
    from promessa.cli.texts import Texts

CANDIDATES_MAX = 25
_NODES_PAGE = 1_000


def all_parts(texts: Texts) -> Any:
    """An ExplanationParts that asks for everything."""
    from promessa.v1.decision_pb2 import ExplanationParts

    return ExplanationParts(bindings=True, flips=True, relaxations=True, language=texts.lang)


def render_why(
    to: Console, candidates: Sequence[Any], explanation: Any, order: Any, currency: str, texts: Texts
) -> None:
    """The sentences; then the nodes: those chosen, those that come closest, and counts of the rest by what left them out."""
    from collections import Counter

    from promessa.cli.decision_map import fate_text
    from promessa.cli.output import table
    from promessa.v1.sourcing_pb2 import CandidateReason

    for sentence in explanation.sentences:
        to.print(sentence, markup=False)
    if not candidates:
        return
    skus = [line.sku for line in order.lines]
    costs_more = CandidateReason.CANDIDATE_REASON_COSTS_MORE
    chosen = [x for x in candidates if x.reason == CandidateReason.CANDIDATE_REASON_CHOSEN]
    dearer = sorted((x for x in candidates if x.reason == costs_more), key=lambda x: x.at_least_more_micros)
    rows = table(texts("why_node"), texts("why_why"), title=texts("why_title"))
    for entry in [*chosen, *dearer][:CANDIDATES_MAX]:
        rows.add_row(entry.node_id, fate_text(entry, currency, skus, texts))
    to.print(rows)
    rest = Counter(
        fate_text(x, currency, skus, texts) for x in candidates if x not in chosen and x.reason != costs_more
    )
    rest[texts("map_dearer")] += max(0, len(chosen) + len(dearer) - CANDIDATES_MAX)
    shown = "; ".join(f"{count:,} {reason}" for reason, count in rest.most_common(8) if count)
    if shown:
        to.print(texts("why_others", shown=shown), markup=False)


def write_map(client: Client, path: Path, order: Any, answer: Any, texts: Texts, *, quiet: bool) -> None:
    """Draw a SourceResponse or an ExplainDecisionResponse. Raises Failure where the file cannot be written."""
    from promessa.cli.decision_map import Picture, decision_map
    from promessa.cli.output import console

    page = decision_map(Picture(order, answer.plan, answer.candidates, answer.explanation, _nodes(client)), texts)
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}. Name another file with --map.") from error
    if not quiet:
        console().print(texts("map_written", path=path), markup=False)


def _nodes(client: Client) -> dict[str, Any]:
    """All nodes by id."""
    from promessa.v1.network_service_pb2 import ListNodesRequest

    found: dict[str, Any] = {}
    token = ""
    while True:
        page = client.call(client.network.ListNodes, ListNodesRequest(page_size=_NODES_PAGE, page_token=token))
        found |= {node.node_id: node for node in page.nodes}
        token = page.next_page_token
        if not token:
            return found
