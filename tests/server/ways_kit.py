"""A chain with stores, a centre, a supplier and supply to come, and orders that go every way through it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from serving import Serving, WallClock
from test_fulfillment_kinds_api import KindsApi, line
from test_supply_api import NOON_MS

from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_pb2 as np
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import policy_service_pb2 as po
from promessa.v1 import sourcing_pb2 as sp
from promessa.v1 import sourcing_service_pb2 as so
from promessa.v1 import supply_service_pb2 as ss

REAL = 1_000_000
DAY_MS = 24 * 3600 * 1000
SKUS = ("cup", "pot", "plate", "vase")
NODES = "abcde"
PARTS = {"bindings": True, "flips": True, "relaxations": True}


class WaysApi(KindsApi):
    """A chain of two stores (a, c), a centre (b), a shop without pickup (d) and a supplier (e); a sends with couriers, too."""

    async def chain(self) -> None:
        for i, (node_id, kind, pickup) in enumerate(
            (("a", 2, True), ("b", 1, False), ("c", 2, True), ("d", 3, False), ("e", 5, False))
        ):
            await self.put_node(
                node_id, type=kind, pickup_point=pickup, postal_code=f"0{i}001000", country_code="BR",
                shipment_cost_micros=(i + 1) * REAL // 2, unit_cost_micros=(5 - i) * REAL // 10, receiving_minutes=30,
                owner_code="chain" if i < 3 else "", time_zone="America/Sao_Paulo" if i == 1 else "",
            )  # fmt: skip
        card = {"rate_card_id": "card", "currency_code": "BRL"}
        card["brackets"] = [
            {"max_weight_grams": g, "price_micros": p * REAL} for g, p in ((1_000, 8), (5_000, 13), (20_000, 21))
        ]  # type: ignore[assignment]
        await self.network.PutRateCard(nw.PutRateCardRequest(request_id=self.new_id(), rate_card=card))
        for i, node_id in enumerate(NODES):
            await self.lane(node_id, transit_days=i + 1, surcharge_micros=(5 - i) * REAL // 3)
        await self.lane("a", "courier-a", transit_minutes=90, surcharge_micros=15 * REAL)
        for i, sku in enumerate(SKUS):
            worth = {"value_micros": (i + 1) * 10 * REAL}
            if sku == "vase":  # its stock has a price
                worth |= {"margin_micros": 9 * REAL, "weekly_demand_quantity": 2, "healthy_weeks_min": 4}
            fields = {"sku": sku, "weight_grams": 300 * (i + 1), **worth}
            await self.network.PutSku(nw.PutSkuRequest(request_id=self.new_id(), sku=fields))
        kit = {"sku": "set", "kit": [{"sku": "cup", "quantity": 2}, {"sku": "pot", "quantity": 1}]}
        await self.network.PutSku(nw.PutSkuRequest(request_id=self.new_id(), sku=kit))

    async def lane(self, node_id: str, lane_id: str = "", **fields: Any) -> None:
        lane = {
            "lane_id": lane_id or f"lane-{node_id}", "node_id": node_id, "country_code": "BR", "rate_card_id": "card",
            "postal_code_prefixes": ["0"], "carrier_service": lane_id or "road", **fields,
        }  # fmt: skip
        await self.network.PutLane(nw.PutLaneRequest(request_id=self.new_id(), lane=lane))

    async def stocked(self, draw: random.Random) -> None:
        for sku in SKUS:
            for node_id in NODES:
                await self.stock(sku, node_id, draw.choice((0, 1, 2, 4, 9)))
        for n, (sku, node_id) in enumerate((("cup", "a"), ("pot", "b"), ("cup", "c"), ("plate", "b"))):
            await self.expect(f"po-{n}", days=2 + n, quantity=6, sku=sku, node_id=node_id)
        limits = {"sku": "pot", "node_id": "c", "backorder_limit_quantity": 5}
        await self.supply.SetOrderLimits(ss.SetOrderLimitsRequest(request_id=self.new_id(), **limits))

    async def explain(self, decision_id: str, **parts: Any) -> so.ExplainDecisionResponse:
        request = so.ExplainDecisionRequest(decision_id=decision_id, parts=parts or None)
        return await self.sourcing.ExplainDecision(request)

    async def change_everything(self) -> None:
        """Stock, supply, nodes (more and fewer of them), states, lanes, rates, skus and policies."""
        for node_id in ("0-first", "z-last"):
            await self.put_node(node_id)
        for sku in SKUS:
            for node_id in NODES:
                counted = {"sku": sku, "node_id": node_id, "on_hand_quantity": 50}
                await self.inventory.SetOnHand(iv.SetOnHandRequest(request_id=self.new_id(), count=counted))
            await self.network.PutSku(
                nw.PutSkuRequest(request_id=self.new_id(), sku={"sku": sku, "weight_grams": 9_000})
            )
        for n, (sku, node_id) in enumerate((("cup", "a"), ("pot", "b"), ("cup", "c"), ("plate", "b"))):
            await self.expect(f"po-{n}", days=20, quantity=60, sku=sku, node_id=node_id)
        for i, node_id in enumerate(NODES):
            await self.put_node(node_id, type=1 + i % 3, shipment_cost_micros=77 * i, receiving_minutes=600)
            await self.lane(node_id, transit_days=9, surcharge_micros=i)
        await self.network.DeleteLane(nw.DeleteLaneRequest(request_id=self.new_id(), lane_id="courier-a"))
        await self.network.SetNodeState(
            nw.SetNodeStateRequest(request_id=self.new_id(), node_id="b", state=np.NODE_STATE_PAUSED)
        )
        for policy in (await self.policies.ListPolicies(po.ListPoliciesRequest())).policies:
            if policy.active_version:
                request = po.ArchivePolicyVersionRequest(
                    request_id=self.new_id(), policy_id=policy.policy_id, version=policy.active_version
                )
                await self.policies.ArchivePolicyVersion(request)
        self.clock.now_ms += 3 * DAY_MS


ORDERS: dict[str, Callable[[], dict[str, Any]]] = {
    "pickup": lambda: {"lines": [line(quantity=2), line("pot")], "pickup_node_id": "a", "to": ""},
    "pickup, in part": lambda: {"lines": [line(quantity=40)], "pickup_node_id": "c", "to": ""},
    "ship to store": lambda: {
        "lines": [line(quantity=5), line("pot", 4)],
        "pickup_node_id": "c",
        "allow_ship_to_store": True,
    },
    "mixed": lambda: {"lines": [line(quantity=2, pickup_node_id="a"), line("pot", 2), line(quantity=3)]},
    "two stores": lambda: {
        "lines": [line(pickup_node_id="a"), line(pickup_node_id="c"), line("pot", pickup_node_id="c")]
    },
    "together": lambda: {"lines": [line(quantity=2, together="gift"), line("pot", together="gift"), line("plate")]},
    "together, collected": lambda: {
        "lines": [line(together="g", pickup_node_id="a"), line("pot", together="g", pickup_node_id="a")]
    },
    "sold in a shop": lambda: {"lines": [line(quantity=2), line("plate", 3)], "sold_at_node_id": "d"},
    "its own first": lambda: {
        "lines": [line(), line("pot", 2)],
        "sold_at_node_id": "c",
        "own_stock": sp.OWN_STOCK_FIRST,
    },
    "handed over": lambda: {
        "lines": [line(), line("pot", 9), line("plate")],
        "sold_at_node_id": "a",
        "own_stock": sp.OWN_STOCK_HAND_OVER,
    },
    "never its own": lambda: {"lines": [line(quantity=2)], "sold_at_node_id": "a", "own_stock": sp.OWN_STOCK_EXCLUDED},
    "drop-ship": lambda: {"lines": [line(quantity=2)], "allowed_kinds": [sp.FULFILLMENT_KIND_DROP_SHIP]},
    "courier": lambda: {"lines": [line(), line("plate")], "allowed_kinds": [sp.FULFILLMENT_KIND_COURIER]},
    "from stores": lambda: {"lines": [line(quantity=6)], "allowed_kinds": [sp.FULFILLMENT_KIND_SHIP_FROM_STORE]},
    "waiting": lambda: {"lines": [line(quantity=25), line("pot", 2)], "allow_future_supply": True},
    "waiting whole": lambda: {
        "lines": [line(quantity=12)],
        "allow_future_supply": True,
        "constraints": {"keep_lines_whole": True},
    },
    "backorder": lambda: {"lines": [line("pot", 30)], "allow_backorder": True},
    "collected, waiting": lambda: {
        "lines": [line(quantity=12)],
        "pickup_node_id": "a",
        "to": "",
        "allow_future_supply": True,
    },
    "least value": lambda: {
        "lines": [line(quantity=9), line("pot", 9)],
        "constraints": {"min_shipment_value_micros": 60 * REAL},
    },
    "stock with a price": lambda: {
        "lines": [line("vase", 3, pickup_node_id="a"), line("vase", 2)],
        "allow_ship_to_store": True,
    },
    "kits": lambda: {"lines": [line("set", 1, pickup_node_id="a"), line("set", 2)]},
    "few shipments": lambda: {
        "lines": [line(quantity=9), line("pot", 2, pickup_node_id="a")],
        "constraints": {"max_shipments": 2},
    },
    "plain": lambda: {"lines": [line(quantity=2), line("pot")]},
}
POLICIES = {
    "none": None,
    "cost": {
        "mode": "POLICY_MODE_COST",
        "rules": [
            {
                "name": "half",
                "allow_partial": True,
                "limits": {"min_shipment_value_micros": 20 * REAL},
                "costs": {"weights": [{"term": "POLICY_TERM_SHIPPING", "percent": 50}]},
            }
        ],
    },
    "rules": {
        "mode": "POLICY_MODE_RULES",
        "rules": [
            {
                "name": "sorted",
                "allow_partial": True,
                "sorts": [
                    {"by": "POLICY_FACT_STOCK_UNITS", "largest_first": True},
                    {"by": "POLICY_FACT_ROTATION", "name": "node"},
                ],
            }
        ],
    },
}


async def active(api: WaysApi, **fields: Any) -> None:
    made = await api.policies.CreatePolicyVersion(
        po.CreatePolicyVersionRequest(request_id=api.new_id(), policy={"policy_id": "p", **fields})
    )
    await api.policies.ActivatePolicyVersion(
        po.ActivatePolicyVersionRequest(request_id=api.new_id(), policy_id="p", version=made.version.version)
    )


@asynccontextmanager
async def ways_api(serving: Serving, wall_clock: WallClock) -> AsyncIterator[WaysApi]:
    """The chain, at noon."""
    wall_clock.now_ms = NOON_MS
    following = asyncio.create_task(serving.parts.keeper.follow())
    made = WaysApi(serving, wall_clock)
    await made.chain()
    yield made
    following.cancel()
