"""What is wrong with a request is said in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from google.protobuf.message import Message

from promessa.server.validate import FORMS, violations_of
from promessa.v1 import supply_service_pb2 as supply

PROTOS = Path(__file__).parents[2] / "protos" / "promessa" / "v1"


def test_every_pattern_of_the_contract_is_put_in_words() -> None:
    text = "".join(path.read_text() for path in PROTOS.glob("*.proto"))
    patterns = {found.replace("\\\\", "\\") for found in re.findall(r'pattern(?:: | = )"([^"]*)"', text)}
    assert patterns
    assert patterns == FORMS.keys()


@pytest.mark.parametrize(
    ("request_", "broken"),
    [
        (
            supply.PutInboundSupplyRequest(
                request_id="put-00001",
                inbound_supply={"inbound_id": "po 1", "sku": "cup", "node_id": "n1", "quantity": 5},
            ),
            [
                ("inbound_supply.inbound_id", "must consist of letters, digits and . _ : / -"),
                ("inbound_supply.kind", "must be given"),
                ("inbound_supply.expected_date", "must be a date like 2026-11-30"),
            ],
        ),
    ],
)
def test_a_rule_is_a_sentence_without_its_subject(request_: Message, broken: list[tuple[str, str]]) -> None:
    assert sorted(violations_of(request_)) == sorted(broken)
