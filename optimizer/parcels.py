"""Price every lane and packing of an order's parts at once, compiled.

The same sums as in ``pricing``, term by term and rounding by rounding; here only
the total is kept, and of each center and part only the ways that matter.

One kernel, one file: the compiler's cache notices a change only in the file of
the function that is called.
"""

from math import erf, exp, log, sqrt
from typing import Any, NamedTuple

import numpy as np
from numba import njit

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]

NEVER = 1 << 60
"""An amount nothing reaches."""

# Columns of a service.
FUEL, DIM_DIVISOR, MAX_G, MAX_MM, MAX_GIRTH_MM, OVERSIZE_MM = range(6)
RESIDENTIAL, SIGNATURE, HAZMAT_CENTS, OVERSIZE_CENTS, INSURANCE = range(6, 11)
COLLECTED, TOGETHER, DAMAGE_PPM, CARBON = range(11, 15)
TAKES_HAZMAT, INSURED_UP_TO, BANDS = range(15, 18)
SERVICE_COLUMNS = 18

# Columns of a zone's rate, of a port's rate, and of a center.
BASE, PER_HALF_KG, LEAST = range(3)
FROM_G, BELOW_G, MINIMUM, MILLICENTS_PER_KG = range(4)
PER_PARCEL, PER_LINE, PER_UNIT_MILLICENTS = range(3)

# Columns of a lane: its service, zone rate and road (−1: none), which pickup it
# makes (counted on for each run of shared vehicles), and its times.
LANE_SERVICE, LANE_RATE, LANE_ROAD, LANE_PICKUP = range(4)
HAND_US, P50_US, P90_US, P50_H, P90_H = range(4, 9)
LANE_COLUMNS = 9

# Columns of a load, of a packing, and of a piece. A packing's harm is what its
# pieces' damage is weighted by: percent times value, and percent alone.
LOAD_PACKINGS, LOAD_PACKINGS_END, LOAD_LINES, LOAD_UNITS = range(4)
LOAD_VALUE, LOAD_HAZMAT, LOAD_LIFE_H, LOAD_MASK = range(4, 8)
LOAD_COLUMNS = 8
PACK_PIECES, PACK_PIECES_END, PACK_CENTS, PACK_G, PACK_COOLANT = range(5)
PACK_HARM_VALUE, PACK_HARM, PACK_HAZMAT, PACK_OK, PACK_NAME = range(5, 10)
PACK_COLUMNS = 10
PIECE_G, PIECE_MM3, PIECE_MM, PIECE_GIRTH_MM, PIECE_BAND, PIECE_HOLD_H = range(6)
PIECE_COLD, PIECE_GAP, PIECE_COOLANT = range(6, 9)
PIECE_COLUMNS = 9

# The wishes of one order: its promise and its policy's money and limits.
DELIVER_BY_US, LATE, LATE_EVENT, EARLY, SPOILAGE, DAMAGE_EVENT, PER_CARBON = range(7)
AT_HOME, SIGNED, INSURED, LATEST_US, MOST_H = range(7, 12)
WISHES = 12

HARDLY = 250
"""The least of its rated heat that a carton is reckoned to take, in thousandths:
depots and vans are seldom as cold as the air outside."""

_Z90 = 1.2815515655446004
_HOUR_US = 3_600_000_000.0
_UNKNOWN, _TOO_BIG = -1, -2


class Grid(NamedTuple):
    """What all orders to one place share.

    Center c has lanes ``first[c]`` to ``first[c + 1]``, in the order in which
    equal prices are ranked. ``klass[c, s, n]`` is the class of days and trucks
    that the n-th pickup of a service depends on; ``within[c, a, b]`` says
    whether what a lane of class a needs is within what one of class b needs.
    ``heat`` has the degree-hours of each lane by cold band, −1 where nobody knows.
    """

    service: Ints
    rate: Ints
    break_start: Ints
    breaks: Ints
    center: Ints
    named: Ints
    first: Ints
    lanes: Ints
    km: Floats
    heat: Ints
    port_start: Ints
    ports: Ints
    klass: Ints
    within: Ints


class Ask(NamedTuple):
    """What one order asks: parts to send (loads), from where, under which wishes.

    Pair q is load ``pair_load[q]`` from center ``pair_center[q]``. ``allowed[m,
    c, s]`` tells whether loads of mask m may go by the service; ``live`` are
    carriers' own quotes, −1 where there are none, and what the tables say of the
    parcel quoted, −1 where every parcel costs the same.
    """

    wishes: Ints
    loads: Ints
    packings: Ints
    pieces: Ints
    pair_load: Ints
    pair_center: Ints
    allowed: Ints
    live: Ints


class Found(NamedTuple):
    """The ways that matter of each pair, best first: cents, lane and packing.

    ``klass`` is the class of days and trucks of each; ``tie`` is what breaks ties:
    the time on the way, the service's place by name and the packing's; ``billed``
    are the billable grams.
    """

    held: Ints
    cents: Ints
    lane: Ints
    packing: Ints
    klass: Ints
    tie: Ints
    billed: Ints


@njit(cache=True, nogil=True)
def _half_up(value: float) -> int:
    return int(value + 0.5)


@njit(cache=True, nogil=True)
def _normal_cdf(z: float) -> float:
    return 0.5 * (1.0 + erf(z / sqrt(2.0)))


@njit(cache=True, nogil=True)
def _lane_cents(wishes: Ints, lane: Ints) -> int:
    """Price what depends on the time of arrival alone."""
    cents = int(lane[P50_H] * wishes[SPOILAGE])
    if wishes[DELIVER_BY_US] < 0:
        return cents
    early_h = max(0.0, (wishes[DELIVER_BY_US] - lane[P90_US]) / _HOUR_US)
    cents += _half_up(early_h * wishes[EARLY])
    slack_h = (wishes[DELIVER_BY_US] - lane[HAND_US]) / _HOUR_US
    p50_h, p90_h = float(lane[P50_H]), float(lane[P90_H])
    chance, late_h = 0.0, 0.0
    if p50_h <= 0 or p90_h <= p50_h:
        if p50_h > slack_h:
            chance, late_h = 1.0, p50_h - slack_h
    else:
        mu = log(p50_h)
        sigma = (log(p90_h) - mu) / _Z90
        mean_h = exp(mu + sigma * sigma / 2)
        if slack_h <= 0:
            chance, late_h = 1.0, mean_h - slack_h
        else:
            z = (mu - log(slack_h)) / sigma
            chance = _normal_cdf(z)
            late_h = max(0.0, mean_h * _normal_cdf(z + sigma) - slack_h * chance)
    cents += _half_up(late_h * wishes[LATE])
    return cents + _half_up(chance * wishes[LATE_EVENT])


@njit(cache=True, nogil=True)
def _billable(service: Ints, piece: Ints) -> int:
    if service[DIM_DIVISOR] == 0:
        return int(piece[PIECE_G])
    return int(max(piece[PIECE_G], -(-piece[PIECE_MM3] // service[DIM_DIVISOR])))


@njit(cache=True, nogil=True)
def _carried(
    service: Ints, wishes: Ints, load: Ints, packing: Ints, pieces: Ints
) -> tuple[int, int, int]:
    """Return a packing's surcharges without fuel, its harm, and what is billed.

    The surcharges are −2 where a piece is too big for the service.
    """
    grams = oversize = 0
    for n in range(packing[PACK_PIECES], packing[PACK_PIECES_END]):
        piece = pieces[n]
        grams += _billable(service, piece)
        oversize += piece[PIECE_GIRTH_MM] > service[OVERSIZE_MM]
        if not service[COLLECTED] and (
            piece[PIECE_G] > service[MAX_G]
            or piece[PIECE_MM] > service[MAX_MM]
            or piece[PIECE_GIRTH_MM] > service[MAX_GIRTH_MM]
        ):
            return _TOO_BIG, 0, 0
    if service[COLLECTED]:
        return 0, 0, grams
    cents = wishes[AT_HOME] * service[RESIDENTIAL] + wishes[SIGNED] * service[SIGNATURE]
    if wishes[INSURED]:
        cents += (load[LOAD_VALUE] * service[INSURANCE] + 500) // 1000
    cents += service[HAZMAT_CENTS] * packing[PACK_HAZMAT]
    cents += service[OVERSIZE_CENTS] * oversize
    harmed = packing[PACK_HARM_VALUE] + packing[PACK_HARM] * wishes[DAMAGE_EVENT]
    return cents, _half_up(service[DAMAGE_PPM] * harmed / 100_000_000), grams


@njit(cache=True, nogil=True)
def _zone_cents(grid: Grid, rate: int, grams: int) -> int:
    row = grid.rate[rate]
    cents = -(-grams // 500) * row[PER_HALF_KG]
    for n in range(grid.break_start[rate], grid.break_start[rate + 1]):
        billed = max(grams, grid.breaks[n, 0])
        cents = min(cents, -(-billed // 500) * grid.breaks[n, 1])
    return int(max(row[LEAST], row[BASE] + cents))


@njit(cache=True, nogil=True)
def _zone_freight(
    grid: Grid, rate: int, service: Ints, packing: Ints, pieces: Ints, grams: int
) -> int:
    if service[TOGETHER]:
        return _zone_cents(grid, rate, grams)
    cents = 0
    for n in range(packing[PACK_PIECES], packing[PACK_PIECES_END]):
        cents += _zone_cents(grid, rate, _billable(service, pieces[n]))
    return cents


@njit(cache=True, nogil=True)
def _port_freight(grid: Grid, road: int, grams: int) -> int:
    """Price a weight by the cheapest band that holds it, −1 where none does."""
    least = -1
    for n in range(grid.port_start[road], grid.port_start[road + 1]):
        band = grid.ports[n]
        if band[FROM_G] <= grams < band[BELOW_G]:
            cents = (band[MILLICENTS_PER_KG] * grams + 500_000) // 1_000_000
            cents = max(band[MINIMUM], cents)
            if least < 0 or cents < least:
                least = cents
    return least


@njit(cache=True, nogil=True)
def _hardness(heat: Ints, row: int, cold: int, gap: int, hours: int) -> int:
    """Return how hard a lane's weather is on a piece's carton, in thousandths."""
    if gap <= 0 or hours <= 0 or heat[row, cold] < 0:
        return 1_000
    return int(max(HARDLY, -(-1_000 * heat[row, cold] // (gap * hours))))


@njit(cache=True, nogil=True)
def _coolant(packing: Ints, pieces: Ints, heat: Ints, row: int, hours: int) -> int:
    millicents = 0
    for n in range(packing[PACK_PIECES], packing[PACK_PIECES_END]):
        cold, gap = pieces[n, PIECE_COLD], pieces[n, PIECE_GAP]
        hard = _hardness(heat, row, cold, gap, hours)
        millicents += pieces[n, PIECE_COOLANT] * hours * hard
    return int((millicents + 500) // 1_000)


@njit(cache=True, nogil=True)
def _kept_cold(
    service: Ints, packing: Ints, pieces: Ints, heat: Ints, row: int, hours: int
) -> bool:
    if service[COLLECTED]:
        return True
    for n in range(packing[PACK_PIECES], packing[PACK_PIECES_END]):
        band, hold_h = pieces[n, PIECE_BAND], pieces[n, PIECE_HOLD_H]
        # The first bit is ambient.
        if band > 1 and not band & service[BANDS]:
            cold, gap = pieces[n, PIECE_COLD], pieces[n, PIECE_GAP]
            hard = _hardness(heat, row, cold, gap, hours)
            if hold_h * 1_000 < hours * hard:
                return False
    return True


@njit(cache=True, nogil=True)
def _may_go(ask: Ask, lane: Ints, service: Ints, load: Ints, center: int) -> bool:
    """Tell whether the lane may carry these goods, however they are packed."""
    wishes = ask.wishes
    if not ask.allowed[load[LOAD_MASK], center, lane[LANE_SERVICE]]:
        return False
    if not service[COLLECTED]:
        if load[LOAD_HAZMAT] and not service[TAKES_HAZMAT]:
            return False
        if wishes[INSURED] and load[LOAD_VALUE] > service[INSURED_UP_TO]:
            return False
    hours = min(wishes[MOST_H], load[LOAD_LIFE_H])
    return bool(lane[HAND_US] <= wishes[LATEST_US] and lane[P90_H] <= hours)


@njit(cache=True, nogil=True)
def _sorts_before(
    grid: Grid, ask: Ask, cents: Ints, lane: Ints, packing: Ints, a: int, b: int
) -> bool:
    """Tell whether way a ranks before way b of the same center."""
    if cents[a] != cents[b]:
        return bool(cents[a] < cents[b])
    one, other = grid.lanes[lane[a]], grid.lanes[lane[b]]
    late_one, late_other = one[P90_US] - one[HAND_US], other[P90_US] - other[HAND_US]
    if late_one != late_other:
        return bool(late_one < late_other)
    name_one = grid.named[one[LANE_SERVICE]]
    name_other = grid.named[other[LANE_SERVICE]]
    if name_one != name_other:
        return bool(name_one < name_other)
    pack_one = ask.packings[packing[a], PACK_NAME]
    return bool(pack_one < ask.packings[packing[b], PACK_NAME])


def price(grid: Grid, ask: Ask, found: Found, totals: Ints) -> None:
    """Price all pairs; keep of each the cheapest way of every class that matters.

    A class is left out where a cheaper way needs no more than it does. Where
    ``totals`` has rows, the cents of every lane (row) and packing of the pair's
    load (column) are noted there, −1 where it may not go.
    """
    # Plain arrays cross into compiled code at once, named tuples take their time.
    _price_arrays(*grid, *ask, *found, totals)


@njit(cache=True, nogil=True)
def _price(grid: Grid, ask: Ask, found: Found, totals: Ints) -> None:
    wishes, services = ask.wishes, len(grid.service)
    noted = len(totals) > 0
    freight = np.full((len(ask.packings), len(grid.rate)), _UNKNOWN, np.int64)
    added = np.full((len(ask.packings), services), _UNKNOWN, np.int64)
    harm = np.zeros((len(ask.packings), services), np.int64)
    billed = np.zeros((len(ask.packings), services), np.int64)
    timed = np.full(len(grid.lanes), _UNKNOWN, np.int64)
    classes = found.cents.shape[1]
    best = np.empty(classes, np.int64)
    at_lane, at_pack = np.empty(classes, np.int64), np.empty(classes, np.int64)
    turn, rank = np.empty(classes, np.int64), np.empty(classes, np.int64)
    for q in range(len(ask.pair_load)):
        load, center = ask.loads[ask.pair_load[q]], ask.pair_center[q]
        own = grid.center[center]
        handling = (
            own[PER_PARCEL]
            + own[PER_LINE] * load[LOAD_LINES]
            + (own[PER_UNIT_MILLICENTS] * load[LOAD_UNITS] + 500) // 1000
        )
        best[:] = NEVER
        for row in range(grid.first[center], grid.first[center + 1]):
            lane = grid.lanes[row]
            s = lane[LANE_SERVICE]
            service = grid.service[s]
            if not _may_go(ask, lane, service, load, center):
                continue
            if timed[row] == _UNKNOWN:
                timed[row] = _lane_cents(wishes, lane)
            fixed = handling + timed[row]
            for p in range(load[LOAD_PACKINGS], load[LOAD_PACKINGS_END]):
                packing = ask.packings[p]
                if not packing[PACK_OK]:
                    continue
                if added[p, s] == _UNKNOWN:
                    added[p, s], harm[p, s], billed[p, s] = _carried(
                        service, wishes, load, packing, ask.pieces
                    )
                if added[p, s] == _TOO_BIG or not _kept_cold(
                    service, packing, ask.pieces, grid.heat, row, lane[P90_H]
                ):
                    continue
                cents, quoted_of = ask.live[center, s, 0], ask.live[center, s, 1]
                if cents < 0 or quoted_of > 0:
                    rate = lane[LANE_RATE]
                    if lane[LANE_ROAD] >= 0:
                        cents = _port_freight(grid, lane[LANE_ROAD], billed[p, s])
                        if cents < 0:
                            continue
                    elif rate >= 0:
                        if freight[p, rate] == _UNKNOWN:
                            freight[p, rate] = _zone_freight(
                                *(grid, rate, service, packing, ask.pieces),
                                billed[p, s],
                            )
                        cents = freight[p, rate]
                    else:
                        cents = 0
                    cents += (cents * service[FUEL] + 500) // 1000 + added[p, s]
                    if quoted_of > 0:
                        quoted = ask.live[center, s, 0]
                        cents = (cents * quoted + quoted_of // 2) // quoted_of
                cents += fixed + packing[PACK_CENTS] + harm[p, s]
                if packing[PACK_COOLANT]:
                    cents += _coolant(packing, ask.pieces, grid.heat, row, lane[P90_H])
                if wishes[PER_CARBON]:
                    tonne_km = packing[PACK_G] / 1_000_000 * grid.km[row]
                    cents += _half_up(
                        tonne_km * service[CARBON] / 1000 * wishes[PER_CARBON]
                    )
                if noted:
                    totals[row, p - load[LOAD_PACKINGS]] = cents
                k = grid.klass[center, s, lane[LANE_PICKUP]]
                if cents < best[k]:
                    best[k], at_lane[k], at_pack[k] = cents, row, p
        _keep(grid, ask, found, q, center, best, at_lane, at_pack, turn, rank)
        for n in range(found.held[q]):
            s = grid.lanes[found.lane[q, n], LANE_SERVICE]
            found.billed[q, n] = billed[found.packing[q, n], s]


@njit(cache=True, nogil=True)
def _keep(
    grid: Grid,
    ask: Ask,
    found: Found,
    q: int,
    center: int,
    best: Ints,
    at_lane: Ints,
    at_pack: Ints,
    turn: Ints,
    rank: Ints,
) -> None:
    """Write down the classes that matter: ranked, without what is dominated."""
    count = 0
    for k in range(len(best)):
        if best[k] < NEVER:
            # As ways come: by cents, then lane, then packing.
            n = count
            while n > 0:
                o = turn[n - 1]
                if best[o] < best[k] or (
                    best[o] == best[k] and at_lane[o] < at_lane[k]
                ):
                    break
                turn[n] = o
                n -= 1
            turn[n] = k
            count += 1
    kept = 0
    for n in range(count):
        k = turn[n]
        within = False
        for m in range(kept):
            within = within or grid.within[center, rank[m], k] > 0
        if not within:
            rank[kept] = k
            kept += 1
    for n in range(kept):
        k, m = rank[n], n
        while m > 0 and _sorts_before(
            grid, ask, best, at_lane, at_pack, k, turn[m - 1]
        ):
            turn[m] = turn[m - 1]
            m -= 1
        turn[m] = k
    found.held[q] = kept
    for n in range(kept):
        k = turn[n]
        found.cents[q, n] = best[k]
        found.lane[q, n] = at_lane[k]
        found.packing[q, n] = at_pack[k]
        found.klass[q, n] = k
        lane = grid.lanes[at_lane[k]]
        found.tie[q, n, 0] = lane[P90_US] - lane[HAND_US]
        found.tie[q, n, 1] = grid.named[lane[LANE_SERVICE]]
        found.tie[q, n, 2] = ask.packings[at_pack[k], PACK_NAME]


@njit(cache=True, nogil=True)
def _price_arrays(
    service: Ints,
    rate: Ints,
    break_start: Ints,
    breaks: Ints,
    center: Ints,
    named: Ints,
    first: Ints,
    lanes: Ints,
    km: Floats,
    heat: Ints,
    port_start: Ints,
    ports: Ints,
    klass: Ints,
    within: Ints,
    wishes: Ints,
    loads: Ints,
    packings: Ints,
    pieces: Ints,
    pair_load: Ints,
    pair_center: Ints,
    allowed: Ints,
    live: Ints,
    held: Ints,
    cents: Ints,
    lane: Ints,
    packing: Ints,
    klass_of_way: Ints,
    tie: Ints,
    billed: Ints,
    totals: Ints,
) -> None:
    grid = Grid(
        service,
        rate,
        break_start,
        breaks,
        center,
        named,
        first,
        lanes,
        km,
        heat,
        port_start,
        ports,
        klass,
        within,
    )
    ask = Ask(wishes, loads, packings, pieces, pair_load, pair_center, allowed, live)
    found = Found(held, cents, lane, packing, klass_of_way, tie, billed)
    _price(grid, ask, found, totals)
