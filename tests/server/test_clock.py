"""A clock that is set forward: every process of a server goes by it, and it never goes back."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import grpc
import pytest

from promessa.cli.demo_server import serving
from promessa.cli.ids import new_request_id
from promessa.server.clock import clock_of, machine_ms, set_forward
from promessa.server.settings import Settings, SettingsError
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import inventory_service_pb2_grpc as iv_grpc
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import network_service_pb2_grpc as nw_grpc
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import reservation_service_pb2_grpc as rs_grpc

HOUR_MS = 3_600_000


def test_without_a_file_it_is_the_machines() -> None:
    before = machine_ms()
    assert before <= clock_of(None)() <= machine_ms()


def test_every_process_sees_it_at_once(tmp_path: Path) -> None:
    path = tmp_path / "clock"
    now_ms = clock_of(path)
    before = machine_ms()
    assert before <= now_ms() <= machine_ms(), "a new file says that the clock is right"
    process = multiprocessing.get_context("spawn").Process(target=set_forward, args=(path, HOUR_MS))
    process.start()
    process.join()
    assert now_ms() >= before + HOUR_MS
    assert set_forward(path, HOUR_MS) == 2 * HOUR_MS


def test_it_is_never_set_back(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="back"):
        set_forward(tmp_path / "clock", -1)


@pytest.mark.parametrize("other", [{"redis_url": "unix:///nowhere"}, {"host": "10.0.0.7", "insecure_listen": True}])
def test_a_server_that_others_use_does_not_take_it(other: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="clock_file is for trying things out"):
        Settings.load({"clock_file": tmp_path / "clock", **other})


def test_what_takes_days_happens_when_it_is_set_forward(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    with serving(tmp_path / "data", 0, CLOCK_FILE=clock) as (address, _), grpc.insecure_channel(address) as channel:
        network, inventory = nw_grpc.NetworkServiceStub(channel), iv_grpc.InventoryServiceStub(channel)
        reservations = rs_grpc.ReservationServiceStub(channel)
        network.PutNode(nw.PutNodeRequest(request_id=new_request_id(), node={"node_id": "dc"}))
        network.PutSku(nw.PutSkuRequest(request_id=new_request_id(), sku={"sku": "tea"}))
        count = {"sku": "tea", "node_id": "dc", "on_hand_quantity": 3}
        inventory.SetOnHand(iv.SetOnHandRequest(request_id=new_request_id(), count=count))
        line = {"sku": "tea", "node_id": "dc", "quantity": 2}
        hold = rs.ReserveRequest(request_id=new_request_id(), lines=[line], ttl={"seconds": 86_400})
        held = reservations.Reserve(hold).reservation
        asked = rs.GetReservationRequest(reservation_id=held.reservation_id)
        set_forward(clock, 23 * HOUR_MS)
        assert reservations.GetReservation(asked).reservation.state == rv.RESERVATION_STATE_HELD
        set_forward(clock, 2 * HOUR_MS)
        assert reservations.GetReservation(asked).reservation.state == rv.RESERVATION_STATE_EXPIRED
