import pytest
from sqlmodel import Session

from domain.errors import Immutable
from domain.quantities import OrderId
from store import stock
from store.claims import Held, Refused, Resource, Stage
from store.engine import Store
from tests.builders import MONDAY
from tests.unit.store.build import (
    HOUR,
    LAMP,
    MIRROR,
    NEWARK,
    RENO,
    TODAY,
    a_claim,
    a_count,
    counted,
    lines,
    work,
)

O1, O2, O3 = OrderId("o-1"), OrderId("o-2"), OrderId("o-3")


def lamps(session: Session, now=MONDAY) -> int:  # type: ignore[no-untyped-def]
    return stock.free(session, now)[NEWARK, LAMP]


def test_a_hold_takes_units_from_what_is_free(store: Store) -> None:
    with counted(store, LAMP=5).writing() as session:
        answer = stock.hold(session, a_claim("o-1", (NEWARK, LAMP, 2)), MONDAY)

        assert isinstance(answer, Held)
        assert lamps(session) == 3


def test_a_hold_that_lacks_one_thing_takes_nothing_and_says_what(store: Store) -> None:
    claim = a_claim("o-1", (NEWARK, LAMP, 2), (NEWARK, MIRROR, 3))

    with counted(store, LAMP=5, **{MIRROR: 1}).writing() as session:
        answer = stock.hold(session, claim, MONDAY)

        assert isinstance(answer, Refused)
        assert str(answer) == "stock OMINOUS-MIRROR at newark: asked 3, free 1"
        assert lamps(session) == 5


def test_goods_never_counted_are_not_there(store: Store) -> None:
    with store.writing() as session:
        answer = stock.hold(session, a_claim("o-1", (RENO, LAMP, 1)), MONDAY)

    assert isinstance(answer, Refused)
    assert answer.lacks[0].free == 0


def test_the_same_claim_again_is_held_once(store: Store) -> None:
    claim = a_claim("o-1", (NEWARK, LAMP, 2))
    with counted(store, LAMP=2).writing() as session:
        stock.hold(session, claim, MONDAY)

    with store.writing() as session:
        again = stock.hold(session, claim, MONDAY)

        assert isinstance(again, Held)
        assert lamps(session) == 0


def test_other_goods_under_a_held_revision_are_refused_for_good(store: Store) -> None:
    with counted(store, LAMP=5).writing() as session:
        stock.hold(session, a_claim("o-1", (NEWARK, LAMP, 2)), MONDAY)

        with pytest.raises(Immutable, match="revision 1 already holds other goods"):
            stock.hold(session, a_claim("o-1", (NEWARK, LAMP, 3)), MONDAY)


def test_a_network_without_counts_needs_no_stock(store: Store) -> None:
    claim = a_claim("o-1", (NEWARK, LAMP, 999), counts_stock=False)

    with store.writing() as session:
        held = stock.hold(session, claim, MONDAY)

        assert isinstance(held, Held)
        assert stock.confirm(session, O1, 1, MONDAY)


def test_claims_of_one_batch_are_served_in_the_order_given(store: Store) -> None:
    claims = tuple(a_claim(f"o-{n}", (NEWARK, LAMP, 2)) for n in (2, 1, 3))

    with counted(store, LAMP=5).writing() as session:
        answers = stock.hold_all(session, claims, MONDAY)

    assert [type(answer) for answer in answers] == [Held, Held, Refused]


def test_a_refused_claim_leaves_nothing_behind(store: Store) -> None:
    with counted(store, LAMP=1).writing() as session:
        stock.hold(session, a_claim("o-1", (NEWARK, LAMP, 2)), MONDAY)

    with store.writing() as session:
        assert not stock.confirm(session, O1, 1, MONDAY)
        assert isinstance(
            stock.hold(session, a_claim("o-1", (NEWARK, LAMP, 1)), MONDAY), Held
        )


def test_an_expired_hold_is_free_for_others(store: Store) -> None:
    later = MONDAY + 2 * HOUR
    with counted(store, LAMP=1).writing() as session:
        stock.hold(session, a_claim("o-1"), MONDAY)
        assert lamps(session, later) == 1

        answer = stock.hold(session, a_claim("o-2", expires_at=None), later)

        assert isinstance(answer, Held)
        assert not stock.confirm(session, O1, 1, MONDAY)


def test_confirming_an_expired_hold_answers_lost(store: Store) -> None:
    with counted(store, LAMP=1).writing() as session:
        stock.hold(session, a_claim("o-1"), MONDAY)

        assert not stock.confirm(session, O1, 1, MONDAY + HOUR)


def test_a_hold_without_expiry_never_expires(store: Store) -> None:
    with counted(store, LAMP=1).writing() as session:
        stock.hold(session, a_claim("o-1", expires_at=None), MONDAY)

        assert stock.reap(session, MONDAY + 9_999 * HOUR) == 0
        assert stock.confirm(session, O1, 1, MONDAY + 9_999 * HOUR)


def test_an_extended_hold_lives_longer(store: Store) -> None:
    with counted(store, LAMP=1).writing() as session:
        stock.hold(session, a_claim("o-1"), MONDAY)

        assert stock.extend(session, O1, 1, MONDAY + 3 * HOUR)

        assert stock.reap(session, MONDAY + 2 * HOUR) == 0
        assert stock.reap(session, MONDAY + 3 * HOUR) == 1


def test_extending_a_reaped_hold_says_it_is_gone(store: Store) -> None:
    with counted(store, LAMP=1).writing() as session:
        stock.hold(session, a_claim("o-1"), MONDAY)
        stock.reap(session, MONDAY + HOUR)

        assert not stock.extend(session, O1, 1, None)


def test_an_expired_claim_can_be_held_anew(store: Store) -> None:
    with counted(store, LAMP=1).writing() as session:
        stock.hold(session, a_claim("o-1"), MONDAY)
        renewed = a_claim("o-1", expires_at=MONDAY + 9 * HOUR)

        stock.hold(session, renewed, MONDAY + 2 * HOUR)

        assert stock.confirm(session, O1, 1, MONDAY + 3 * HOUR)


def test_confirming_twice_is_confirming_once(store: Store) -> None:
    with counted(store, LAMP=1).writing() as session:
        stock.hold(session, a_claim("o-1"), MONDAY)
        stock.confirm(session, O1, 1, MONDAY)

        assert stock.confirm(session, O1, 1, MONDAY + 9 * HOUR)
        assert [entry.stage for entry in stock.held(session, O1)] == [Stage.COMMITTED]


def test_one_center_can_be_confirmed_by_itself(store: Store) -> None:
    with counted(store, LAMP=1).writing() as session:
        stock.load(session, a_count({LAMP: 1}, RENO))
        stock.hold(session, a_claim("o-1", (NEWARK, LAMP, 1), (RENO, LAMP, 1)), MONDAY)

        stock.confirm(session, O1, 1, MONDAY, fc=RENO)

        stages = {entry.fc: entry.stage for entry in stock.held(session, O1)}
        assert stages == {NEWARK: Stage.HELD, RENO: Stage.COMMITTED}


def test_released_goods_are_free_again(store: Store) -> None:
    with counted(store, LAMP=2).writing() as session:
        stock.hold(session, a_claim("o-1", (NEWARK, LAMP, 2)), MONDAY)
        stock.confirm(session, O1, 1, MONDAY)

        stock.release(session, O1, 1)

        assert lamps(session) == 2
        assert stock.held(session, O1) == ()


def test_releasing_what_was_never_held_is_fine(store: Store) -> None:
    with counted(store, LAMP=2).writing() as session:
        stock.release(session, O1, 7)

        assert lamps(session) == 2


def test_lines_short_in_the_pick_are_given_back_once(store: Store) -> None:
    with counted(store, LAMP=5).writing() as session:
        stock.hold(session, a_claim("o-1", (NEWARK, LAMP, 5)), MONDAY)
        stock.confirm(session, O1, 1, MONDAY)

        for _ in range(2):
            stock.release(session, O1, 1, NEWARK, lines(LAMP=2), key="o-1/1")

        assert lamps(session) == 2


def test_shipping_lowers_on_hand_and_commitment_together(store: Store) -> None:
    with counted(store, LAMP=5).writing() as session:
        stock.hold(session, a_claim("o-1", (NEWARK, LAMP, 3)), MONDAY)
        stock.confirm(session, O1, 1, MONDAY)

        stock.ship(session, O1, 1, NEWARK, lines(LAMP=2), MONDAY, key="o-1/1")

        assert stock.books(session).on_hand[NEWARK, LAMP] == 3
        assert [entry.amount for entry in stock.held(session, O1)] == [1]
        assert lamps(session) == 2


def test_a_ship_confirmation_told_twice_counts_once(store: Store) -> None:
    with counted(store, LAMP=5).writing() as session:
        stock.hold(session, a_claim("o-1", (NEWARK, LAMP, 3)), MONDAY)

        for _ in range(2):
            stock.ship(session, O1, 1, NEWARK, lines(LAMP=2), MONDAY, key="o-1/1")

        assert stock.books(session).on_hand[NEWARK, LAMP] == 3


def test_a_confirmation_after_shipping_still_answers_yes(store: Store) -> None:
    with counted(store, LAMP=5).writing() as session:
        stock.hold(session, a_claim("o-1", (NEWARK, LAMP, 2)), MONDAY)
        stock.confirm(session, O1, 1, MONDAY)
        stock.ship(session, O1, 1, NEWARK, lines(LAMP=2), MONDAY, key="o-1/1")

        assert stock.confirm(session, O1, 1, MONDAY)


def test_a_count_made_before_a_departure_is_lowered_by_it(store: Store) -> None:
    with counted(store, LAMP=5).writing() as session:
        stock.ship(session, O1, 1, NEWARK, lines(LAMP=2), MONDAY + 2 * HOUR, "o-1/1")

        stock.load(session, a_count({LAMP: 5}, as_of=MONDAY + HOUR))

        assert lamps(session) == 3


def test_a_count_made_after_a_departure_already_misses_it(store: Store) -> None:
    with counted(store, LAMP=5).writing() as session:
        stock.load(session, a_count({LAMP: 3}, as_of=MONDAY + 2 * HOUR))

        stock.ship(session, O1, 1, NEWARK, lines(LAMP=2), MONDAY + HOUR, "o-1/1")

        assert lamps(session) == 3


def test_an_older_count_changes_nothing(store: Store) -> None:
    with counted(store, LAMP=5).writing() as session:
        stock.load(session, a_count({LAMP: 9}, as_of=MONDAY - HOUR))

        assert lamps(session) == 5


def test_a_recount_loses_the_newest_holds_first_and_says_which(store: Store) -> None:
    with counted(store, LAMP=6).writing() as session:
        for order in (O1, O2, O3):
            stock.hold(session, a_claim(order, (NEWARK, LAMP, 2)), MONDAY)
        stock.confirm(session, O3, 1, MONDAY)

        lost = stock.load(session, a_count({LAMP: 4}))

        assert [(each.order_id, each.units, each.committed) for each in lost] == [
            (O2, 2, False)
        ]
        assert not stock.confirm(session, O2, 1, MONDAY)
        assert stock.confirm(session, O1, 1, MONDAY)


def test_a_recount_takes_commitments_only_after_every_hold(store: Store) -> None:
    with counted(store, LAMP=6).writing() as session:
        for order in (O1, O2, O3):
            stock.hold(session, a_claim(order, (NEWARK, LAMP, 2)), MONDAY)
        stock.confirm(session, O1, 1, MONDAY)
        stock.confirm(session, O2, 1, MONDAY)

        lost = stock.load(session, a_count({LAMP: 3}))

        assert [(each.order_id, each.committed) for each in lost] == [
            (O3, False),
            (O2, True),
        ]


def test_goods_that_leave_unclaimed_take_the_newest_hold_with_them(
    store: Store,
) -> None:
    with counted(store, LAMP=2).writing() as session:
        stock.hold(session, a_claim("o-2", (NEWARK, LAMP, 2)), MONDAY)

        lost = stock.ship(session, O1, 1, NEWARK, lines(LAMP=1), MONDAY, key="o-1/1")

        assert [each.order_id for each in lost] == [O2]


def test_a_swap_may_use_what_the_old_revision_held(store: Store) -> None:
    with counted(store, LAMP=3).writing() as session:
        stock.hold(session, a_claim("o-1", (NEWARK, LAMP, 2)), MONDAY)
        bigger = a_claim("o-1", (NEWARK, LAMP, 3), revision=2)

        answer = stock.swap(session, O1, 1, bigger, MONDAY)

        assert isinstance(answer, Held)
        assert [entry.revision for entry in stock.held(session, O1)] == [2]
        assert lamps(session) == 0


def test_a_refused_swap_keeps_the_old_revision(store: Store) -> None:
    with counted(store, LAMP=3).writing() as session:
        stock.hold(session, a_claim("o-1", (NEWARK, LAMP, 2)), MONDAY)
        too_big = a_claim("o-1", (NEWARK, LAMP, 4), revision=2)

        answer = stock.swap(session, O1, 1, too_big, MONDAY)

        assert isinstance(answer, Refused)
        assert stock.confirm(session, O1, 1, MONDAY)


def test_swapping_twice_is_swapping_once(store: Store) -> None:
    with counted(store, LAMP=3).writing() as session:
        stock.hold(session, a_claim("o-1", (NEWARK, LAMP, 2)), MONDAY)
        new = a_claim("o-1", (NEWARK, LAMP, 3), revision=2)
        stock.swap(session, O1, 1, new, MONDAY)

        assert isinstance(stock.swap(session, O1, 1, new, MONDAY), Held)
        assert lamps(session) == 0


def test_capacity_is_refused_beyond_its_limit(store: Store) -> None:
    day = (work(Resource.LINES, 3, 5), work(Resource.PARCELS, 1, 1))
    with store.writing() as session:
        stock.hold(session, a_claim("o-1", stock=(), capacity=day), MONDAY)

        answer = stock.hold(session, a_claim("o-2", stock=(), capacity=day), MONDAY)

    assert isinstance(answer, Refused)
    assert str(answer) == (
        "lines at newark on 2026-03-02: asked 3, free 2; "
        "parcels by ups at newark on 2026-03-02: asked 1, free 0"
    )


def test_capacity_taken_is_summed_by_day(store: Store) -> None:
    day = (
        work(Resource.LINES, 3, None),
        work(Resource.ORDERS, 1, 9),
        work(Resource.PARCELS, 2, 9),
    )
    with store.writing() as session:
        stock.hold(session, a_claim("o-1", stock=(), capacity=day), MONDAY)
        stock.hold(session, a_claim("o-2", stock=(), capacity=day), MONDAY)

        taken = stock.taken(session, MONDAY)

    assert taken.lines == {(NEWARK, TODAY): 6}
    assert taken.orders == {(NEWARK, TODAY): 2}
    assert taken.parcels == {(NEWARK, "ups", TODAY): 4}


def test_the_work_of_a_shipped_order_is_not_given_back(store: Store) -> None:
    claim = a_claim("o-1", capacity=(work(Resource.LINES, 1, 1),))
    with counted(store, LAMP=1).writing() as session:
        stock.hold(session, claim, MONDAY)
        stock.ship(session, O1, 1, NEWARK, lines(LAMP=1), MONDAY, key="o-1/1")

        stock.release(session, O1, 1)

        assert stock.taken(session, MONDAY).lines == {(NEWARK, TODAY): 1}
        assert stock.taken(session, MONDAY + 72 * HOUR).lines == {}


def test_a_day_whose_work_was_done_stays_full(store: Store) -> None:
    day = (work(Resource.LINES, 1, 1),)
    with counted(store, LAMP=1).writing() as session:
        stock.hold(session, a_claim("o-1", capacity=day), MONDAY)
        stock.ship(session, O1, 1, NEWARK, lines(LAMP=1), MONDAY, key="o-1/1")

        answer = stock.hold(session, a_claim("o-2", stock=(), capacity=day), MONDAY)

        assert isinstance(answer, Refused)


def test_expired_capacity_counts_for_nothing(store: Store) -> None:
    claim = a_claim("o-1", stock=(), capacity=(work(Resource.ORDERS, 1, 1),))
    with store.writing() as session:
        stock.hold(session, claim, MONDAY)

        assert stock.taken(session, MONDAY + HOUR).orders == {}


def test_free_can_be_asked_for_some_skus_only(store: Store) -> None:
    with counted(store, LAMP=2, **{MIRROR: 4}).writing() as session:
        assert stock.free(session, MONDAY, (MIRROR,)) == {(NEWARK, MIRROR): 4}


def test_a_thousand_skus_are_counted_and_claimed_at_once(store: Store) -> None:
    many = {f"SKU-{n}": 1 for n in range(1_200)}
    with counted(store, **many).writing() as session:
        claim = a_claim("o-1", *((NEWARK, sku, 1) for sku in many))

        assert isinstance(stock.hold(session, claim, MONDAY), Held)
        assert set(stock.free(session, MONDAY).values()) == {0}
