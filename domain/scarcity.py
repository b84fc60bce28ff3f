"""What there is too little of, and what one more of it is worth."""

from datetime import date, timedelta
from enum import StrEnum

from domain.quantities import CarrierId, Count, FcId, Instant, SkuId, Value


class ScarceKind(StrEnum):
    """What is counted: units, a center's day in lines or orders, a truck's parcels."""

    STOCK = "stock"
    FC_LINES = "fc-lines"
    FC_ORDERS = "fc-orders"
    PARCELS = "parcels"


class Scarce(Value):
    """A thing that orders competed for, priced as of an instant.

    ``millicents`` is what all orders together would have saved with one more;
    ``strict_millicents`` come on top for orders that may not use what a center
    can do beyond its capacity. Parts of the key that a kind does not need are
    None.
    """

    kind: ScarceKind
    fc: FcId
    sku: SkuId | None = None
    carrier: CarrierId | None = None
    day: date | None = None
    millicents: Count
    strict_millicents: Count = 0
    found_at: Instant

    def at(self, now: Instant, half_life: timedelta) -> "Scarce":
        """Return it with its prices halved for every half-life since it was found."""
        share = 0.5 ** max(0.0, (now - self.found_at) / half_life)
        return self.model_copy(
            update={
                "millicents": round(self.millicents * share),
                "strict_millicents": round(self.strict_millicents * share),
            }
        )

    @property
    def words(self) -> str:
        """Name it as people do."""
        match self.kind:
            case ScarceKind.STOCK:
                return f"unit of {self.sku} at {self.fc}"
            case ScarceKind.FC_LINES:
                return f"line {self.fc} can work on {self.day}"
            case ScarceKind.FC_ORDERS:
                return f"order {self.fc} can work on {self.day}"
            case ScarceKind.PARCELS:
                return f"parcel {self.carrier} takes at {self.fc} on {self.day}"
