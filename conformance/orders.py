"""What must hold of every source of orders."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial

from conformance import wire
from conformance.bench import OrdersBench, given
from conformance.losses import EITHER, went_over_http
from conformance.mischief import Trick
from conformance.running import Check, NotSo, NotTried, Section, effects, ensure, reads
from connectors.ports import Ability, OrderSource
from domain.errors import OutcomeUnknown, Unavailable, Unsupported
from domain.order import Order
from domain.ordering import Acknowledgment, ShipmentNotice, SourceOrder
from domain.quantities import CarrierId

MOST_PAGES = 200
CARRIER = CarrierId("carrier")


async def orders_are_named_and_told_with_what_was_said(bench: OrdersBench) -> None:
    """Each order has its source's id and raw; unreadable ones say why."""
    async with bench.adapter() as (source, _):
        listed, _ = await _to_the_end(source, None)
    if not listed:
        msg = "the source lists no order just now"
        raise NotTried(msg)
    for one in listed:
        ensure(one.source_id, "an order has no id of its source")
        ensure(one.order is not None or one.problem, f"{one.source_id}: none, unsaid")
        ensure(one.order is None or one.raw, f"{one.source_id}: it keeps nothing raw")


async def a_cursor_tells_the_same_orders_again(bench: OrdersBench) -> None:
    """One cursor lists the same orders again, also for an adapter made anew."""
    async with bench.adapter() as (source, _):
        first = await source.orders(None)
        again = await source.orders(None)
        following = await source.orders(first.cursor)
    async with bench.adapter() as (source, _):
        anew = await source.orders(first.cursor)
    ids = _ids(first.orders)
    ensure(_ids(again.orders)[: len(ids)] == ids, "the same cursor lists other orders")
    same = _ids(anew.orders) == _ids(following.orders)
    ensure(same, "the same cursor lists other orders for another adapter")


async def the_end_of_the_list_is_reached(bench: OrdersBench) -> None:
    """Going on from cursor to cursor ends, and after the end come no new orders.

    What changed at the very last instant may come once more.
    """
    async with bench.adapter() as (source, _):
        listed, cursor = await _to_the_end(source, None)
        more, _ = await _to_the_end(source, cursor)
    new = set(_ids(more)) - set(_ids(listed))
    ensure(not new, f"after the end it lists {', '.join(sorted(new)[:3])}")


async def a_cursor_nobody_gave_does_no_harm(bench: OrdersBench) -> None:
    """A cursor that is garbage is answered from the start, or is a ConnectorError."""
    async with bench.adapter() as (source, _):
        for cursor in ("", "garbage", "{", "[1]", '{"page": 7}'):
            outcome = await wire.outcome_of(partial(source.orders, cursor))
            wire.ensure_ours(f"cursor {cursor!r}", outcome)


async def a_new_order_comes_after_the_cursor(bench: OrdersBench) -> None:
    """An order placed after the list was read is listed from that cursor on."""
    place, name = given(bench.order, "way to order"), bench.key("new")
    async with bench.adapter() as (source, _):
        _, cursor = await _to_the_end(source, None)
        await place(name)
        new, _ = await _to_the_end(source, cursor)
        ensure(_named(new, name), f"{name} is not listed, but {_ids(new)[:5]}")


async def a_broken_order_keeps_no_other_back(bench: OrdersBench) -> None:
    """An order nobody can read has a problem in its place, and the others come."""
    place, name = given(bench.order, "way to order"), bench.key("good")
    broken = given(bench.broken, "way to break an order")
    async with bench.adapter() as (source, _):
        _, cursor = await _to_the_end(source, None)
        await broken(bench.key("broken"))
        await place(name)
        new, _ = await _to_the_end(source, cursor)
        ensure(_named(new, name), f"{name} is held back")
        ensure(any(one.problem for one in new), "nothing is said of the broken one")


async def telling_twice_that_orders_are_taken_is_harmless(bench: OrdersBench) -> None:
    """An acknowledgment repeated, by an adapter made anew, is fine and counts once."""
    taken = _taken(await _sample(bench))
    for _ in range(2):
        async with bench.adapter() as (source, _):
            _can(source, Ability.ACKNOWLEDGE)
            await source.acknowledge((taken,))
    await _counted(bench.taken, taken.source_id, "acknowledgments")


async def an_acknowledgment_whose_answer_is_lost_is_repeated(
    bench: OrdersBench,
) -> None:
    """An acknowledgment whose answer is lost is in doubt, and repeating it is fine."""
    taken = _taken(await _sample(bench))
    async with bench.adapter() as (source, spoilt):
        _can(source, Ability.ACKNOWLEDGE)
        for trick in EITHER:
            spoilt.on(1, trick)
            lost = await wire.outcome_of(partial(source.acknowledge, (taken,)))
            went_over_http(spoilt)
            _in_doubt(lost, trick)
            spoilt.calm()
            await source.acknowledge((taken,))
    await _counted(bench.taken, taken.source_id, "acknowledgments")


async def a_shipment_told_twice_is_one_shipment(bench: OrdersBench) -> None:
    """A shipment told again under its key is one at the source."""
    notice = _notice(await _sample(bench), bench.key("shipped"))
    for _ in range(2):
        async with bench.adapter() as (source, _):
            _can(source, Ability.NOTIFY_SHIPMENT)
            await source.notify_shipment(notice)
    await _counted(bench.shipped, notice.source_id, "shipments")


async def a_shipment_whose_answer_is_lost_is_one_shipment(bench: OrdersBench) -> None:
    """A shipment whose answer is lost is in doubt; told again it is one."""
    notice = _notice(await _sample(bench), bench.key("shipped"))
    async with bench.adapter() as (source, spoilt):
        _can(source, Ability.NOTIFY_SHIPMENT)
        for trick in EITHER:
            spoilt.on(1, trick)
            lost = await wire.outcome_of(partial(source.notify_shipment, notice))
            went_over_http(spoilt)
            _in_doubt(lost, trick)
            spoilt.calm()
            await source.notify_shipment(notice)
    await _counted(bench.shipped, notice.source_id, "shipments")


CHECKS: tuple[Check[OrdersBench], ...] = (
    *reads(Section.ORDERS, orders_are_named_and_told_with_what_was_said),
    *reads(
        Section.CURSORS,
        a_cursor_tells_the_same_orders_again,
        the_end_of_the_list_is_reached,
        a_cursor_nobody_gave_does_no_harm,
        a_new_order_comes_after_the_cursor,
    ),
    *reads(Section.ORDERS, a_broken_order_keeps_no_other_back),
    *wire.CHECKS,
    *effects(
        Section.ONCE,
        telling_twice_that_orders_are_taken_is_harmless,
        an_acknowledgment_whose_answer_is_lost_is_repeated,
        a_shipment_told_twice_is_one_shipment,
        a_shipment_whose_answer_is_lost_is_one_shipment,
    ),
)


async def _to_the_end(
    source: OrderSource, cursor: str | None
) -> tuple[list[SourceOrder], str | None]:
    """Return all orders after a cursor, and the cursor after them."""
    listed: list[SourceOrder] = []
    for _ in range(MOST_PAGES):
        page = await source.orders(cursor)
        listed += page.orders
        ensure(not page.more or page.cursor != cursor, "more is told, but not where")
        cursor = page.cursor
        if not page.more:
            return listed, cursor
    msg = f"{MOST_PAGES} pages were turned, and there is more"
    raise NotSo(msg)


async def _sample(bench: OrdersBench) -> tuple[str, Order]:
    """Return the order that may be told of, with its source's id."""
    name = given(bench.sample, "order that may be told of")
    async with bench.adapter() as (source, _):
        listed, _ = await _to_the_end(source, None)
    for one in listed:
        if one.source_id == name and one.order is not None:
            return one.source_id, one.order
    msg = f"the source lists no order {name!r} that can be read"
    raise NotTried(msg)


def _taken(named: tuple[str, Order]) -> Acknowledgment:
    return Acknowledgment(source_id=named[0], order_id=named[1].id)


def _notice(named: tuple[str, Order], key: str) -> ShipmentNotice:
    source_id, order = named
    return ShipmentNotice(
        key=key,
        source_id=source_id,
        order_id=order.id,
        carrier=CARRIER,
        service="ground",
        tracking_number="CHECK1",
        lines=order.lines,
        shipped_at=order.placed_at,
    )


def _can(source: OrderSource, ability: Ability) -> None:
    if not source.capabilities().can(ability):
        msg = f"this source has not the ability {ability}"
        raise Unsupported(msg)


def _in_doubt(outcome: object, trick: Trick) -> None:
    doubt = isinstance(outcome, OutcomeUnknown | Unavailable)
    ensure(doubt, f"when its answer is {trick.__name__}: {outcome!r}, not in doubt")


async def _counted(
    count: Callable[[str], Awaitable[int]] | None, source_id: str, what: str
) -> None:
    """Check that the source knows one, where the bench can tell."""
    if count is not None:
        known = await count(source_id)
        ensure(known == 1, f"the source counts {known} {what} of {source_id}")


def _named(orders: Iterable[SourceOrder], name: str) -> bool:
    return any(name in one.source_id for one in orders)


def _ids(orders: Iterable[SourceOrder]) -> list[str]:
    return [one.source_id for one in orders]
