"""How far a parcel has come, and the refusals that send it back."""

from dataclasses import dataclass
from enum import StrEnum

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from domain.errors import Unsupported
    from domain.plan import Block, CostTerm, LiveRate, Parcel
    from domain.warehousing import ReservedLine

_AT_CARRIERS = ("book_parcel", "offer_load", "hear_offer")


class Stage(StrEnum):
    """How far a parcel has come."""

    PLANNED = "planned"
    RESERVED = "reserved"
    OFFERED = "offered"
    BOOKED = "booked"
    RELEASED = "released"
    SHIPPED = "shipped"
    ENDED = "ended"
    LOST = "lost"
    UNDONE = "undone"


@dataclass(frozen=True)
class Refusal:
    """Why a step did not go, and what the next decision must heed.

    ``gave_up`` says that the counterpart stayed away rather than refused.
    """

    why: str
    blocks: tuple[Block, ...] = ()
    rates: tuple[LiveRate, ...] = ()
    gave_up: bool = False


def stayed_away(parcel: Parcel, error: ActivityError, *, own_labels: bool) -> Refusal:
    """Decide around a counterpart that stayed away or broke the contract."""
    cause = error.cause
    what = cause.message if isinstance(cause, ApplicationError) else str(cause)
    # A warehouse that labels itself may lack the method, and not the goods.
    service = error.activity_type in _AT_CARRIERS or (
        own_labels
        and isinstance(cause, ApplicationError)
        and cause.type == Unsupported.__name__
    )
    return Refusal(
        f"{error.activity_type.replace('_', ' ')} gave up: {what}",
        blocks=(
            Block(
                fc=parcel.fc,
                service=parcel.service if service else None,
                why=what,
            ),
        ),
        gave_up=True,
    )


def not_reserved(parcel: Parcel, short: tuple[ReservedLine, ...]) -> Refusal:
    """Decide around a center that could not reserve all it was asked for."""
    return Refusal(
        f"{parcel.fc} could reserve only "
        + ", ".join(f"{s.reserved} of {s.asked} {s.sku}" for s in short),
        blocks=tuple(
            Block(fc=parcel.fc, sku=s.sku, why="not fully reserved") for s in short
        ),
    )


def not_carried(parcel: Parcel, why: str) -> Refusal:
    """Decide around a carrier that would not take a parcel."""
    return Refusal(
        f"{parcel.carrier} refused {parcel.service}: {why}",
        blocks=(Block(fc=parcel.fc, service=parcel.service, why=why),),
    )


def dearer(parcel: Parcel, cents: int) -> Refusal:
    """Decide again at what a carrier asks now."""
    return Refusal(
        f"{parcel.service} now asks {cents} cents", rates=(_told(parcel, cents),)
    )


def _told(parcel: Parcel, cents: int) -> LiveRate:
    """Note what a carrier asks for a parcel, and what it was planned to."""
    terms = (CostTerm.FREIGHT, CostTerm.SURCHARGES)
    planned = sum(parcel.cost.get(term, 0) for term in terms)
    return LiveRate(
        fc=parcel.fc,
        service=parcel.service,
        cents=cents,
        table_cents=planned or None,
    )
