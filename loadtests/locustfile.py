"""The users of the load test. `loadtests/run.py` starts servers and this; by hand, with the servers of your choice:

    LOAD_TARGET=127.0.0.1:50051 LOAD_EMPTY_TARGET=127.0.0.1:50061 locust -f loadtests/locustfile.py

gRPC blocks in C, so it must be told about gevent before the first channel is made.
"""

# ruff: noqa: E402
# isort: skip_file
from grpc.experimental import gevent as grpc_gevent

grpc_gevent.init_gevent()

import os
import time
from pathlib import Path
from random import Random
from typing import Any

import _paths  # noqa: F401
import gevent
import grpc
from locust import User, between, constant_pacing, events, task

from latencies import Latencies
from ledger import Ledger
from load_chain import CHAIN
from shift import Shift
from shop import Shop
from scenarios.availability import LookAtProduct, LookAtResults
from scenarios.basket import CheckBasket
from scenarios.checkout import Checkout
from scenarios.empty import CallEmpty
from scenarios.feed import FeedReceipts
from scenarios.flash_sale import RushForOne

LEDGER, LATENCIES, SHIFT = Ledger(), Latencies(), Shift()
DRAIN_SECONDS_MAX = 15.0
LOOPBACK = ("127.0.0.1:", "localhost:", "[::1]:")


class PromessaUser(User):
    """Has a shop, and does what the subclass says."""

    abstract = True
    target_variable = "LOAD_TARGET"

    @task
    def work(self) -> None:
        """One thing, to its end: not begun once the test is stopping."""
        if SHIFT.begin():
            try:
                self.act()
            finally:
                SHIFT.finish()

    def act(self) -> None:
        """What this user does."""
        raise NotImplementedError

    def on_start(self) -> None:
        target = os.environ[self.target_variable]
        assert target.startswith(LOOPBACK), "load goes to this machine only"
        options = [("grpc.use_local_subchannel_pool", 1)]  # a connection of its own, so that workers share the users
        self.channel = grpc.insecure_channel(target, options)
        self.shop = Shop(self.channel, CHAIN, Random(), LEDGER, LATENCIES, self._report)

    def on_stop(self) -> None:
        self.channel.close()

    def _report(self, name: str, milliseconds: float, trouble: Exception | None) -> None:
        self.environment.events.request.fire(
            request_type="grpc", name=name, response_time=milliseconds, response_length=0, exception=trouble
        )


class SteadyUser(PromessaUser):
    """Any customer or system of an ordinary day: of 100 things done, 70 look, 15 check a basket, 10 buy, 5 feed."""

    weight = 4
    wait_time = between(0.002, 0.02)
    mix: Any = ((LookAtProduct, 35), (LookAtResults, 35), (CheckBasket, 15), (Checkout, 10), (FeedReceipts, 5))

    def on_start(self) -> None:
        super().on_start()
        self.scenarios = [scenario(self.shop) for scenario, _ in self.mix]
        self.weights = [weight for _, weight in self.mix]

    def act(self) -> None:
        self.shop.random.choices(self.scenarios, self.weights)[0].run()


class FlashSaleUser(PromessaUser):
    """Wants what everybody wants."""

    weight = 1
    wait_time = between(0.005, 0.05)

    def on_start(self) -> None:
        super().on_start()
        self.rush = RushForOne(self.shop)

    def act(self) -> None:
        self.rush.run()


class EmptyUser(PromessaUser):
    """One user that calls the empty server: how slow nothing is on this machine, in this client, at this moment."""

    fixed_count = 1
    target_variable = "LOAD_EMPTY_TARGET"
    wait_time = constant_pacing(0.02)

    def on_start(self) -> None:
        super().on_start()
        self.nothing = CallEmpty(self.shop)

    def act(self) -> None:
        self.nothing.run()


@events.test_stopping.add_listener
def let_them_finish(**_: Any) -> None:
    """Locust may end a user in the middle of a call, and then nobody knows what it did."""
    SHIFT.close()
    deadline = time.monotonic() + DRAIN_SECONDS_MAX
    while SHIFT.busy and time.monotonic() < deadline:
        gevent.sleep(0.01)


@events.quitting.add_listener
def save_books(**_: Any) -> None:
    """For run.py, which audits."""
    if directory := os.environ.get("LOAD_DIRECTORY"):
        LEDGER.save(Path(directory) / "ledger.json")
        LATENCIES.save(Path(directory) / "latencies.json")
