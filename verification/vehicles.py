"""The verifier's own count of vehicles: who rides, how many are sent, who pays.

A parcel rides where its center's line-haul takes the service's parcels, or where
the lane from port to port is priced by vehicle. All of a run and a day share.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Any

from domain.network import CarrierService, FulfillmentCenter, Vehicle
from domain.plan import CostTerm, Parcel, Plan
from domain.quantities import FcId
from verification.packing import Wrongs
from verification.repricing import dimensional_g, run_name
from verification.times import local_day

Run = tuple[FcId, str, date]


def vehicle_wrongs(problem: Any, plans: list[tuple[Any, Plan]]) -> Wrongs:
    """Yield what is wrong with the vehicles that parcels say they ride on."""
    aboard: dict[Run, list[tuple[int, int]]] = defaultdict(list)
    kinds: dict[Run, Vehicle] = {}
    for task, plan in plans:
        charged = 0
        for parcel, center, service in _parcels(problem, plan):
            runs = _runs(task, center, service)
            cents = parcel.cost.get(CostTerm.VEHICLE, 0)
            charged += cents
            if parcel.run not in runs:
                yield "run", f"{parcel.run!r} of {parcel.service}, one of {set(runs)}"
            elif (vehicle := runs[parcel.run]) is None:
                if cents:
                    yield "cost vehicle", f"{cents} cents, but it shares no vehicle"
            else:
                grams = sum(dimensional_g(p, service) for p in parcel.cartons)
                day = local_day(parcel.hand_over_at, center.time_zone)
                run = (parcel.fc, parcel.run, day)
                kinds[run] = vehicle
                aboard[run].append((grams, cents))
        if charged != plan.cost.get(CostTerm.VEHICLE, 0):
            yield "cost vehicle", f"{plan.order_id}: its parcels bear {charged} cents"
    for run, riders in aboard.items():
        riding = problem.vehicle_g.get(run, 0)
        yield from _sent(run, kinds[run], riders, riding)


def _parcels(
    problem: Any, plan: Plan
) -> Iterator[tuple[Parcel, FulfillmentCenter, CarrierService]]:
    centers = {center.id: center for center in problem.network.centers}
    services = {service.id: service for service in problem.network.services}
    for parcel in plan.parcels:
        if parcel.fc in centers and parcel.service in services:
            yield parcel, centers[parcel.fc], services[parcel.service]


def _runs(
    task: Any, center: FulfillmentCenter, service: CarrierService
) -> dict[str, Vehicle | None]:
    """Return the runs a parcel of the service may be on, by their documented names."""
    hauls = [haul for haul in service.line_hauls if haul.fc == center.id]
    if hauls:
        return {service.id: hauls[0].vehicle}
    to = task.order.ship_to.postal_code
    lanes = [
        rate
        for rate in service.lanes
        if rate.origin in center.ports and rate.destination == to
    ]
    if not lanes:
        return {"": None}
    return {run_name(service, rate): rate.vehicle for rate in lanes}


def _sent(
    run: Run, vehicle: Vehicle, riders: list[tuple[int, int]], riding: int
) -> Wrongs:
    """Check how many vehicles are sent, and that every rider bears its share."""
    load = sum(grams for grams, _ in riders)
    before = ceil(Fraction(riding, vehicle.capacity_g))
    after = ceil(Fraction(riding + load, vehicle.capacity_g))
    if vehicle.most is not None and after > max(before, vehicle.most):
        yield "vehicles", f"{after} sent of {run}, at most {vehicle.most}"
    owed = (after - before) * vehicle.cost_cents
    paid = sum(cents for _, cents in riders)
    if paid != owed:
        yield "cost vehicle", f"{paid} cents in all for {run}, should be {owed}"
    for grams, cents in riders:
        share = Fraction(owed * grams, load)
        if abs(cents - share) >= 1:
            yield (
                "cost vehicle",
                f"{cents} cents of {run}, should be {float(share):.2f}",
            )
