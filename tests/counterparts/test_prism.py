"""Every request of ours before Prism, a strict judge of published contracts.

The adapters talk to small platforms of our own, so that their whole ways are
gone; each request goes to Prism as well, which holds it against what the
vendor published. Prism's own answers are not used.
"""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings

from connectors.shipengine.client import ShipEngineCarrier
from domain.contact import Address
from domain.errors import QuoteExpired
from domain.shipping import BookParcel, CloseOut, RateRequest
from domain.warehousing import ReleaseOrder
from lanewise.world.program import HOMES, running
from lanewise.world.temporal_server import free_port
from tests.contracts import SHIPBOB, SHIPENGINE
from tests.shipments import parcels, questions, releases
from tests.unit.connectors.shipbob import platform as shipbob
from tests.unit.connectors.shipbob import world as bob
from tests.unit.connectors.shipengine import platform as shipengine
from tests.unit.connectors.shipengine import world as engine

PRISM = HOMES / "prism" / "node_modules" / ".bin" / "prism"
# Prism's own words where a request is of no operation at all.
PRISM_ERRORS = "https://stoplight.io/prism/errors"
SAME = settings(
    deadline=None,
    max_examples=50,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


class Judged(httpx.AsyncBaseTransport):
    """Answers as a platform does, and lets Prism judge what was asked."""

    def __init__(
        self,
        prism: httpx.AsyncClient,
        answer: Callable[[httpx.Request], httpx.Response],
    ) -> None:
        self._prism = prism
        self._answer = answer
        self.faults: list[str] = []
        self.judged: set[str] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        verdict = await self._prism.request(
            request.method,
            request.url.raw_path.decode(),
            headers=[(k, v) for k, v in request.headers.items() if k != "host"],
            content=request.content,
        )
        self.judged.add(f"{request.method} {request.url.path.split('/')[2]}")
        self.faults += faults(request, verdict)
        return self._answer(request)


def faults(request: httpx.Request, verdict: httpx.Response) -> list[str]:
    """Return what Prism holds against a request."""
    what = f"{request.method} {request.url.path}"
    if verdict.text.startswith("{") and PRISM_ERRORS in verdict.text[:200]:
        said = json.loads(verdict.text)
        if "NO_RESPONSE" not in said["type"]:
            return [f"{what}: {said['type']}"]
    violations = json.loads(verdict.headers.get("sl-violations", "[]"))
    return [
        f"{what}: {'.'.join(one['location'])}: {one['message']}"
        for one in violations
        if one["location"][0] == "request"
    ]


@pytest.fixture(scope="module")
async def prisms(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[dict[Path, httpx.AsyncClient]]:
    """Run one Prism for each contract that is there."""
    if not PRISM.exists():
        pytest.fail("prism is not installed; run `make .counterparts/prism/.ready`")
    log = tmp_path_factory.mktemp("prism") / "log"
    async with AsyncExitStack() as stack:
        clients = {}
        for spec in (SHIPENGINE, SHIPBOB):
            if not spec.exists():
                continue
            port = free_port()
            url = f"http://127.0.0.1:{port}"
            where = ("-h", "127.0.0.1", "-p", str(port))
            command = (str(PRISM), "mock", *where, str(spec))
            await stack.enter_async_context(running(command, url, log))
            client = httpx.AsyncClient(base_url=url, trust_env=False, timeout=30)
            clients[spec] = await stack.enter_async_context(client)
        yield clients


def prism_of(prisms: dict[Path, httpx.AsyncClient], spec: Path) -> httpx.AsyncClient:
    if spec not in prisms:
        pytest.skip(f"../shared/specs/{spec.parent.name} is not there")
    return prisms[spec]


@given(
    parcel=parcels(engine.RENO, engine.UPS, [engine.GROUND, engine.NEXT_DAY]),
    question=questions(engine.RENO, [engine.GROUND, engine.NEXT_DAY]),
)
@SAME
async def test_prism_finds_no_fault_with_shipengine_requests(
    prisms: dict[Path, httpx.AsyncClient], parcel: BookParcel, question: RateRequest
) -> None:
    platform = shipengine.Platform()
    judged = Judged(prism_of(prisms, SHIPENGINE), platform.answer)
    carrier = engine.a_carrier(judged)

    await carrier.rate_shop(question)
    booking = await carrier.book(parcel)
    await carrier.book(parcel)
    await carrier.document(engine.UPS, booking.id)
    await carrier.track(engine.UPS, booking.tracking_number)
    if parcel.recipient is not None:
        address = Address(place=parcel.ship_to, contact=parcel.recipient)
        await carrier.validate_address(address)
    await buy_as_quoted(carrier, platform, parcel)
    await carrier.close_out(
        CloseOut(
            key="close/1",
            carrier=engine.UPS,
            fc=parcel.fc,
            bookings=(booking.id,),
            ship_from=parcel.ship_from,
        )
    )
    await carrier.void(engine.UPS, booking.id)
    await carrier.book(parcel)
    await carrier.close()

    assert judged.faults == []
    assert {"POST rates", "POST manifests", "GET manifests"} <= judged.judged
    assert len(judged.judged) >= 9


async def buy_as_quoted(
    carrier: ShipEngineCarrier, platform: shipengine.Platform, parcel: BookParcel
) -> None:
    """Buy at a quoted rate, once refused because the price rose meanwhile."""
    changes = {
        "reference": f"{parcel.reference[:100]}/quoted",
        "quote_id": f"estimate/{parcel.service}/999999",
    }
    rated = parcel.model_copy(update=changes)
    platform.rise = 999_999
    with suppress(QuoteExpired):
        await carrier.book(rated)
    platform.rise = 0
    await carrier.book(rated)


@given(order=releases(bob.RENO, bob.STANDARD))
@SAME
async def test_prism_finds_no_fault_with_shipbob_requests(
    prisms: dict[Path, httpx.AsyncClient], order: ReleaseOrder
) -> None:
    platform = shipbob.Platform([shipbob.level("MUG", 1)], [shipbob.level("MUG", 1)])
    judged = Judged(prism_of(prisms, SHIPBOB), platform.answer)
    warehouse = bob.a_warehouse(judged)

    await warehouse.centers()
    await warehouse.stock(bob.RENO, None)
    await warehouse.release_order(order)
    await warehouse.release_order(order)
    await warehouse.find_order(bob.RENO, order.key)
    await warehouse.cancel_order(bob.RENO, order.key)
    await warehouse.close()

    assert judged.faults == []
    assert len(judged.judged) >= 4


async def test_prism_does_find_faults(prisms: dict[Path, httpx.AsyncClient]) -> None:
    of_shipbob = ("/2026-01/order", "/2026-01/pigeons")
    wrong = {
        SHIPBOB: [
            httpx.Request("POST", f"http://x{path}", json={}) for path in of_shipbob
        ],
        SHIPENGINE: [httpx.Request("PUT", "http://x/v1/labels/pigeon/void")],
    }

    for spec, requests in wrong.items():
        prism = prism_of(prisms, spec)
        for request in requests:
            verdict = await prism.send(
                prism.build_request(
                    request.method, request.url.path, content=request.content
                )
            )
            assert faults(request, verdict)
