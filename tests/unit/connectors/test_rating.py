"""Prices asked of every connection at once; none that misbehaves stops the others."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest

from connectors.ports import Ability, CarrierAdapter
from connectors.rating import LATE_IN_A_ROW, Shopping
from connectors.routing import Lane, Routes
from domain.errors import AuthFailed, OutcomeUnknown, Unsupported
from domain.quantities import CarrierId, ServiceId
from domain.shipping import Quote, RateRequest
from domain.shopping import Missing, Shopped
from tests.fakes import FakeCarrier, FakeClock, Fault, pause
from tests.unit.connectors.rate_servers import (
    answering,
    garbled,
    priced,
    refused,
    truncated,
)
from tests.unit.connectors.test_quotes import AIR, GROUND, NOW, a_question, a_quote

SEA = ServiceId("SEA")
HERON, EGRET = CarrierId("HERON"), CarrierId("EGRET")
WHOSE = {GROUND: HERON, AIR: EGRET, SEA: EGRET}
SHORT_S = 0.1


class Saying(FakeCarrier):
    """A carrier that answers with the quotes it was given, whatever is asked."""

    def __init__(self, *quotes: Any) -> None:
        super().__init__(FakeClock(NOW))
        self.quotes = quotes
        self.questions: list[RateRequest] = []

    async def rate_shop(self, request: RateRequest) -> tuple[Quote, ...]:
        self.questions.append(request)
        return await self._act("rate_shop", lambda: self.quotes)


def shopping(
    heron: CarrierAdapter,
    egret: CarrierAdapter | None = None,
    deadline_s: float = 10.0,
    **options: Any,
) -> Shopping:
    carriers = {"heron": heron} | ({"egret": egret} if egret else {})
    lanes: dict[Lane, str] = {(HERON, None, None): "heron"}
    lanes |= {(EGRET, None, None): "egret"} if egret else {}
    return Shopping(carriers, Routes({}, lanes), deadline_s=deadline_s, **options)


async def asked(shop: Shopping, *services: ServiceId, **overrides: Any) -> Shopped:
    question = a_question(services=services or (GROUND,), **overrides)
    (answer,) = await shop.shop((question,), WHOSE, NOW, "USD")
    return answer


def reasons(answer: Shopped) -> list[tuple[str, Missing]]:
    return [(silent.connection, silent.why) for silent in answer.silent]


async def test_connections_are_asked_at_once_and_the_cheapest_comes_first() -> None:
    heron = Saying(a_quote(total_cents=900))
    egret = Saying(a_quote(service=AIR, total_cents=800))
    waiting = [heron.on("rate_shop", pause()), egret.on("rate_shop", pause())]
    task = asyncio.create_task(asked(shopping(heron, egret), GROUND, AIR))
    # Both are under way before either answers.
    for fault in waiting:
        await fault.reached.wait()
    for fault in waiting:
        fault.go_on.set()

    answer = await task

    assert [(p.connection, p.cents) for p in answer.prices] == [
        ("egret", 800),
        ("heron", 900),
    ]
    assert answer.untold == ()


async def test_equal_prices_are_sorted_by_arrival_then_by_connection() -> None:
    heron, egret = Saying(a_quote()), Saying(a_quote(service=AIR))
    later = Saying(a_quote(service=AIR, p90_at=NOW + timedelta(days=1)))

    tied = await asked(shopping(heron, egret), GROUND, AIR)
    sooner = await asked(shopping(heron, later), GROUND, AIR)

    assert [price.service for price in tied.prices] == [AIR, GROUND]
    assert [price.service for price in sooner.prices] == [AIR, GROUND]


async def test_who_is_late_on_the_wire_is_cancelled_and_told_of() -> None:
    never = asyncio.Event()
    async with (
        answering(priced("GROUND")) as (heron, _),
        answering(priced("AIR"), never) as (egret, _),
    ):
        shop = shopping(heron, egret, deadline_s=1.0)
        answer = await asked(shop, GROUND, AIR)

    assert [price.cents for price in answer.prices] == [780]
    assert reasons(answer) == [("egret", Missing.LATE)]
    assert answer.untold == (AIR,)


@pytest.mark.parametrize(
    ("wire", "why"),
    [
        (truncated(), Missing.UNAVAILABLE),
        (garbled(), Missing.UNREADABLE),
        (refused(429, "retry-after: 60"), Missing.RATE_LIMITED),
        (refused(503), Missing.UNAVAILABLE),
        (refused(401), Missing.REFUSED),
        (refused(422), Missing.REFUSED),
        (priced(), Missing.NOT_OFFERED),
        (b"", Missing.UNAVAILABLE),
    ],
    ids=["truncated", "garbled", "429", "503", "401", "422", "nothing", "hung-up"],
)
async def test_one_bad_connection_is_told_of_and_stops_nobody(
    wire: bytes, why: Missing
) -> None:
    async with AsyncExitStack() as stack:
        heron, _ = await stack.enter_async_context(answering(wire))
        egret, _ = await stack.enter_async_context(answering(priced("AIR")))

        answer = await asked(shopping(heron, egret), GROUND, AIR)

    assert [price.connection for price in answer.prices] == ["egret"]
    assert reasons(answer) == [("heron", why)]
    assert answer.silent[0].services == (GROUND,)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (OutcomeUnknown("sent, no answer"), Missing.UNAVAILABLE),
        (AuthFailed("wrong key"), Missing.REFUSED),
        (Unsupported("it cannot"), Missing.TABLES),
        (KeyError("s3cret"), Missing.FAILED),
    ],
)
async def test_an_adapter_may_raise_anything(error: Exception, why: Missing) -> None:
    heron = Saying()
    heron.on("rate_shop", Fault(error=error))

    answer = await asked(shopping(heron))

    assert reasons(answer) == [("heron", why)]
    assert "s3cret" not in answer.model_dump_json()


@pytest.mark.parametrize(
    ("quote", "why"),
    [
        (a_quote(service=ServiceId("ROCKET")), Missing.NOT_ASKED_FOR),
        (a_quote(carrier=EGRET), Missing.NOT_ASKED_FOR),
        (a_quote(currency="EUR"), Missing.CURRENCY),
        (a_quote(expires_at=NOW), Missing.EXPIRED),
        ("no quote at all", Missing.FAILED),
    ],
    ids=["service", "carrier", "currency", "expired", "type"],
)
async def test_an_answer_to_something_else_is_told_of_and_not_used(
    quote: object, why: Missing
) -> None:
    answer = await asked(shopping(Saying(quote)))

    assert answer.prices == ()
    assert why in [silent.why for silent in answer.silent]
    assert answer.untold == (GROUND,)


async def test_a_service_without_a_carrier_or_a_connection_is_told_of() -> None:
    answer = await asked(shopping(Saying(a_quote())), GROUND, AIR, ServiceId("ROCKET"))

    assert [price.service for price in answer.prices] == [GROUND]
    assert [(s.why, s.services) for s in answer.silent] == [
        (Missing.NO_CONNECTION, (AIR, "ROCKET"))
    ]


async def test_connections_without_live_rates_are_not_asked() -> None:
    heron, egret = Saying(a_quote()), Saying(a_quote(service=AIR))
    heron.abilities = frozenset({Ability.VOID})

    answer = await asked(shopping(heron, egret, by_tables=["egret"]), GROUND, AIR)

    assert heron.questions + egret.questions == []
    assert reasons(answer) == [("egret", Missing.TABLES), ("heron", Missing.TABLES)]


async def test_a_burst_of_like_questions_asks_once() -> None:
    heron = Saying(a_quote())
    waiting = heron.on("rate_shop", pause())
    shop = shopping(heron)
    burst = [asyncio.create_task(asked(shop)) for _ in range(20)]
    await waiting.reached.wait()
    waiting.go_on.set()

    answers = await asyncio.gather(*burst)

    assert len(heron.questions) == 1
    assert {answer.prices[0].cents for answer in answers} == {780}
    assert (shop.counts["joined"], shop.counts["told"]) == (19, 1)


async def test_who_joins_a_question_hears_of_its_own_services_only() -> None:
    heron = Saying(a_quote(), a_quote(service=SEA))
    waiting = heron.on("rate_shop", pause())
    shop = shopping(heron)
    whose = {GROUND: HERON, SEA: HERON, AIR: HERON}
    both = a_question(services=(GROUND, SEA, AIR))
    first = asyncio.create_task(shop.shop((both,), whose, NOW, "USD"))
    await waiting.reached.wait()
    second = asyncio.create_task(shop.shop((a_question(),), whose, NOW, "USD"))
    await asyncio.sleep(0)
    waiting.go_on.set()

    (told,), (joined,) = await asyncio.gather(first, second)

    assert [price.service for price in told.prices] == [GROUND, SEA]
    assert [price.service for price in joined.prices] == [GROUND]
    assert joined.silent == ()


async def test_a_price_is_asked_again_only_once_it_expired() -> None:
    heron = Saying(a_quote())
    shop, question = shopping(heron), (a_question(),)
    later = NOW + timedelta(minutes=10)

    await shop.shop(question, WHOSE, NOW, "USD")
    (again,) = await shop.shop(question, WHOSE, NOW + timedelta(minutes=9), "USD")
    heron.quotes = (a_quote(total_cents=990, expires_at=NOW + timedelta(hours=1)),)
    (anew,) = await shop.shop(question, WHOSE, later, "USD")

    assert [(p.cents, p.cached) for p in again.prices] == [(780, True)]
    assert [(p.cents, p.cached) for p in anew.prices] == [(990, False)]
    assert len(heron.questions) == 2
    assert shop.counts["expired"] == 1


async def test_what_is_told_after_the_deadline_serves_nobody() -> None:
    heron = Saying(a_quote())
    waiting = heron.on("rate_shop", pause())
    shop = shopping(heron, deadline_s=SHORT_S)

    late = await asked(shop)
    waiting.go_on.set()
    again = await asked(shop)

    assert reasons(late) == [("heron", Missing.LATE)]
    assert [price.cached for price in again.prices] == [False]
    assert len(heron.questions) == 2


async def test_who_is_late_in_a_row_is_left_alone() -> None:
    heron = Saying(a_quote())
    heron.on("rate_shop", *(pause() for _ in range(LATE_IN_A_ROW)))
    shop = shopping(heron, deadline_s=0.01)
    for _ in range(LATE_IN_A_ROW):
        await asked(shop)

    answer = await asked(shop)

    assert reasons(answer) == [("heron", Missing.RESTING)]
    assert len(heron.questions) == LATE_IN_A_ROW


async def test_who_says_to_wait_is_left_alone() -> None:
    async with answering(refused(429, "retry-after: 60")) as (heron, came):
        shop = shopping(heron)
        await asked(shop)
        answer = await asked(shop)

    assert reasons(answer) == [("heron", Missing.RESTING)]
    assert len(came) == 1


async def test_a_quote_of_the_shop_buys_one_parcel() -> None:
    shop, question = shopping(Saying(a_quote())), a_question()
    await shop.shop((question,), WHOSE, NOW, "USD")

    once, twice = (shop.hand_out(question, HERON, NOW) for _ in range(2))

    assert (once, twice) == (a_quote(), None)


async def test_a_price_that_a_booking_was_told_is_known_to_the_shop() -> None:
    heron = Saying()
    shop, question = shopping(heron), a_question()
    shop.told(question, HERON, a_quote(total_cents=1_200), NOW)

    answer = await asked(shop)

    assert [price.cents for price in answer.prices] == [1_200]
    assert shop.hand_out(question, HERON, NOW) is None
    assert heron.questions == []


async def test_a_shop_that_closes_asks_nobody_any_more() -> None:
    heron = Saying(a_quote())
    waiting = heron.on("rate_shop", pause())
    shop = shopping(heron)
    asking = asyncio.create_task(asked(shop))
    await waiting.reached.wait()

    await shop.close()

    assert reasons(await asking) == [("heron", Missing.LATE)]
