"""What binds a plan, and what would change it, in sentences with money in dollars."""

from collections.abc import Iterable, Iterator

from domain.plan import Binding, Change, Flip, LiveRate, Plan, Rung
from domain.quantities import FcId, ServiceId
from domain.shopping import Silent


def dollars(cents: int) -> str:
    """Return an amount as people write it: -1234 is ``-$12.34``."""
    sign = "-" if cents < 0 else ""
    return f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def held_back(plan: Plan) -> tuple[str, ...]:
    """Say of what there was too little, the largest saving first."""
    return tuple(map(_binding, plan.binding))


def would_change(plan: Plan) -> tuple[str, ...]:
    """Say which single changes would let another way win."""
    told = (flip for flip in plan.flips if flip.change is not Change.UNIT)
    return tuple(map(_flip, told))


def hurried(plan: Plan) -> Iterator[str]:
    """Say so if there was no time to look for the best plan of this order."""
    if plan.rung is Rung.FALLBACK:
        yield (
            "There was no time to compare: this is the nearest center that has "
            "everything, by its cheapest service in the rate table."
        )


def prices_told(
    plan: Plan, rates: Iterable[LiveRate], silent: Iterable[Silent]
) -> tuple[str, ...]:
    """Say which prices are the carriers' own, which the tables', and who was silent.

    Nothing where no carrier was asked.
    """
    told = {(rate.fc, rate.service): rate for rate in rates}
    quiet = tuple(silent)
    if not told and not quiet:
        return ()
    chosen = [(parcel.fc, parcel.service) for parcel in plan.parcels]
    ways = [_price(way, told.get(way)) for way in dict.fromkeys(chosen)]
    rivals = [_price(way, told[way]) for way in told if way not in chosen]
    return (
        *ways,
        *(f"compared with {each}" for each in rivals),
        *(f"no live price from {each.words}" for each in quiet),
        "all other ways are priced by the tables",
    )


def _price(way: tuple[FcId, ServiceId], rate: LiveRate | None) -> str:
    lane = f"{way[0]} by {way[1]}"
    if rate is None:
        return f"{lane}: priced by the tables"
    price = f"{lane}: {dollars(rate.cents)}"
    if not rate.connection:
        return f"{price} asked at the booking"
    until = f", until {rate.expires_at:%a %d %b %H:%M}Z" if rate.expires_at else ""
    return f"{price} asked by {rate.connection}{until}"


def _binding(binding: Binding) -> str:
    more = f"One more of the {binding.what}"
    if binding.sku is not None:
        more = f"One more unit of {binding.sku} at {binding.fc}"
    worth = ""
    if binding.price_millicents is not None:
        worth = dollars(-(-binding.price_millicents // 1000))
    if not binding.saves_cents:
        return f"{more} would save all orders decided together {worth}."
    least = "at least " if binding.at_least else ""
    said = f"{more} would save {least}{dollars(binding.saves_cents)} here"
    return f"{said} ({worth} to all orders decided together)." if worth else f"{said}."


def _flip(flip: Flip) -> str:
    way = " + ".join(f"{w.fc} by {w.service} in {w.method.value}" for w in flip.to)
    return f"{way} would win {_condition(flip)}."


def _condition(flip: Flip) -> str:
    by, saving = abs(flip.by), f", saving {dollars(flip.saves_cents)}"
    match flip.change:
        case Change.QUOTE:
            return (
                f"if {flip.service} from {flip.fc} asked {dollars(by)} less "
                f"(a quote of {dollars(flip.now or 0)})"
            )
        case Change.LATE_RATE:
            return f"if an hour late cost {dollars(flip.now or 0)}"
        case Change.PROMISE:
            when = "earlier" if flip.by < 0 else "later"
            return f"if delivery were promised {by} h {when}"
        case Change.MAX_TRANSIT:
            return f"if {flip.now} h in transit were allowed ({by} h more){saving}"
        case Change.LATEST_HANDOVER:
            return f"if handover were allowed {by} h later{saving}"
        case Change.UNIT:
            return f"with one more of the {flip.what}{saving}"
