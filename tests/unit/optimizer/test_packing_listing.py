"""The compiled list of mixes holds what a plain reading of its rules holds."""

from collections import Counter
from itertools import combinations_with_replacement

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.kernels.mixing import list_mixes

Room = tuple[int, int, int, int]
Row = tuple[int, ...]

side = st.integers(1, 4)
rooms = st.tuples(side, side, side, st.integers(1, 60)).map(
    lambda room: (*sorted(room[:3]), room[3])
)
cartons = st.lists(
    st.tuples(rooms, st.integers(0, 20), st.integers(0, 9)), min_size=1, max_size=5
)
goods = st.lists(st.tuples(rooms, st.integers(0, 4)), min_size=1, max_size=4)
rivals = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 200), st.integers(0, 30)), max_size=4
)


def volume(room: Room) -> int:
    return room[0] * room[1] * room[2]


def may_hold(
    mix: tuple[int, ...], boxes: list[Room], wares: list[tuple[Room, int]]
) -> bool:
    """Tell whether volume and weight suffice, also for what some cartons cannot."""
    held = sum(volume(boxes[i]) for i in mix)
    if held < sum(volume(unit) * n for unit, n in wares):
        return False
    if sum(boxes[i][3] for i in mix) < sum(unit[3] * n for unit, n in wares):
        return False
    for i, times in Counter(mix).items():
        foreign = sum(
            volume(unit) * n
            for unit, n in wares
            if any(a > b for a, b in zip(unit, boxes[i], strict=True))
        )
        if foreign > held - times * volume(boxes[i]):
            return False
    return True


@settings(max_examples=150, deadline=None)
@given(drawn=cartons, wares=goods, known=rivals, pieces=st.integers(1, 4))
def test_mixes_are_listed_as_read_plainly(
    drawn: list[tuple[Room, int, int]],
    wares: list[tuple[Room, int]],
    known: list[Row],
    pieces: int,
) -> None:
    boxes = [room for room, _, _ in drawn]
    outer = [volume(room) + wall for room, wall, _ in drawn]
    cents = [cost for _, _, cost in drawn]
    order = sorted(range(len(boxes)), key=outer.__getitem__)
    expected = {
        mix: (sum(outer[i] for i in mix), sum(cents[i] for i in mix))
        for mix in combinations_with_replacement(order, pieces)
        if may_hold(mix, boxes, wares)
    }

    listed = list_mixes(
        np.array([unit for unit, _ in wares], np.int64),
        np.array([n for _, n in wares], np.int64),
        np.array(boxes, np.int64),
        np.array(
            [(outer[i], cents[i], volume(box), box[3]) for i, box in enumerate(boxes)],
            np.int64,
        ),
        np.array(order, np.int64),
        np.array(known, np.int64).reshape(-1, 3),
        pieces,
    )

    assert {tuple(mix): (mm3, cost) for mm3, cost, *mix in listed.tolist()} == {
        mix: burden
        for mix, burden in expected.items()
        if not any(
            all(a <= b for a, b in zip(rival, (pieces, *burden), strict=True))
            for rival in known
        )
    }


def test_of_too_many_mixes_those_of_the_large_cartons_are_listed() -> None:
    sizes = range(1, 201)
    rooms = np.array([(1, 1, n, 1_000) for n in sizes], np.int64)
    figures = np.array([(n, 0, n, 1_000) for n in sizes], np.int64)

    listed = list_mixes(
        np.array([(1, 1, 1, 1)], np.int64),
        np.ones(1, np.int64),
        rooms,
        figures,
        np.arange(200),
        np.empty((0, 3), np.int64),
        10,
    )

    # Of three kinds there are 66 mixes of ten, of four 286, of five 1,001.
    assert len(listed) == 1_001
    assert set(listed[:, 2:].ravel().tolist()) == set(range(195, 200))
