from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count, product
from threading import Barrier

import pytest

from domain.quantities import CustomerId
from store import people
from store.engine import Store
from tests.builders import MONDAY

ADA, BEN = CustomerId("CUST-ADA"), CustomerId("CUST-BEN")


def names() -> Callable[[], CustomerId]:
    """Say aaaa…a, aaaa…b and so on: known to a test, unlike the real ones."""
    letters: Iterator[tuple[str, ...]] = product("abcdefgh", repeat=20)
    return lambda: CustomerId("c-" + "".join(next(letters)))


def test_the_first_use_makes_a_pseudonym_and_every_other_finds_it(
    store: Store,
) -> None:
    draw = names()
    with store.writing() as session:
        first = people.pseudonym_of(session, ADA, MONDAY, draw)

    with store.writing() as session:
        again = people.pseudonym_of(session, ADA, MONDAY + timedelta(days=9), draw)

    assert first == again
    assert people.FORM.fullmatch(first)


def test_a_pseudonym_stays_as_it_is(store: Store) -> None:
    with store.writing() as session:
        pseudonym = people.pseudonym_of(session, ADA, MONDAY, names())

        assert people.pseudonym_of(session, pseudonym, MONDAY, names()) == pseudonym


def test_many_at_once_are_many_and_distinct(store: Store) -> None:
    ids = [CustomerId(f"CUST-{n}") for n in range(1_500)]

    with store.writing() as session:
        made = people.pseudonyms_of(session, [*ids, *ids], MONDAY, names())

    assert made.keys() == set(ids)
    assert len(set(made.values())) == len(ids)


def test_concurrent_first_uses_agree_on_one(store: Store) -> None:
    together, serial = Barrier(4), count()

    def meet(_: int) -> CustomerId:
        together.wait()
        own = CustomerId(f"c-{'abcd'[next(serial) % 4] * 20}")
        return store.write(lambda s: people.pseudonym_of(s, ADA, MONDAY, lambda: own))

    with ThreadPoolExecutor(4) as pool:
        met = set(pool.map(meet, range(4)))

    assert len(met) == 1


def test_a_pseudonym_drawn_twice_goes_to_one_person_only(store: Store) -> None:
    said = iter([CustomerId("c-" + letter * 20) for letter in "aab"])

    with store.writing() as session:
        one = people.pseudonym_of(session, ADA, MONDAY, lambda: next(said))
        other = people.pseudonym_of(session, BEN, MONDAY, lambda: next(said))

    assert (one, other) == ("c-" + "a" * 20, "c-" + "b" * 20)


def test_a_source_that_always_says_the_same_is_refused(store: Store) -> None:
    same = CustomerId("c-" + "a" * 20)

    with store.writing() as session, pytest.raises(ValueError, match="random"):
        people.pseudonyms_of(session, [ADA, BEN], MONDAY, lambda: same)


@pytest.mark.parametrize("name", ["known_as", "pseudonym"])
def test_a_customer_is_found_by_either_name(store: Store, name: str) -> None:
    with store.writing() as session:
        people.pseudonym_of(session, ADA, MONDAY, names())
        alias = people.find(session, ADA)
        assert alias is not None

        assert people.find(session, getattr(alias, name)) == alias
        assert people.find(session, BEN) is None


def test_who_was_forgotten_is_somebody_new(store: Store) -> None:
    draw = names()
    with store.writing() as session:
        old = people.pseudonym_of(session, ADA, MONDAY, draw)

        assert people.forget(session, old)
        assert people.find(session, ADA) is None
        assert people.pseudonym_of(session, ADA, MONDAY, draw) != old
        assert not people.forget(session, old)


def test_the_pseudonym_of_a_forgotten_person_is_refused(store: Store) -> None:
    with store.writing() as session:
        old = people.pseudonym_of(session, ADA, MONDAY, names())
        people.forget(session, old)

        with pytest.raises(people.Forgotten, match=f"{old}.*your own id"):
            people.pseudonym_of(session, old, MONDAY, names())


def test_looking_up_makes_nothing(store: Store) -> None:
    with store.reading() as session:
        assert people.known(session, [ADA, BEN]) == {}
