"""What Tryton keeps, as far as it is read."""

from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from connectors.tryton.references import keys_in
from domain.errors import ContractViolation
from domain.wire import raw_of

SHIPMENT = "stock.shipment.out"
MOVE = "stock.move"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

M = TypeVar("M", bound=BaseModel)


def moment(value: Any) -> Any:
    """Return Tryton's way to write an instant (in UTC) as one of ours."""
    if not isinstance(value, dict) or value.get("__class__") != "datetime":
        return value
    year, month, day = (int(value[name]) for name in ("year", "month", "day"))
    hour, minute, second = (int(value[name]) for name in ("hour", "minute", "second"))
    micro = int(value.get("microsecond", 0))
    return datetime(year, month, day, hour, minute, second, micro, UTC)


def instant(at: datetime) -> dict[str, Any]:
    """Write an instant as Tryton does."""
    utc = at.astimezone(UTC)
    return {
        **{"__class__": "datetime", "year": utc.year, "month": utc.month},
        **{"day": utc.day, "hour": utc.hour, "minute": utc.minute},
        **{"second": utc.second, "microsecond": utc.microsecond},
    }


When = Annotated[datetime | None, BeforeValidator(moment)]


class _Record(BaseModel):
    """What is read of a record; fields we did not ask for are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    id: int


class Warehouse(_Record):
    """A warehouse and the locations goods are picked from and put out to."""

    code: str
    storage_location: int
    output_location: int
    picking_location: int | None = None


class Preferences(BaseModel):
    """What the user who signed in works for."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    company: int | None = None


class Company(_Record):
    """Who owns the stock."""

    currency: int


class Customer(_Record):
    """The party that shipments go to."""

    addresses: tuple[int, ...] = ()
    customer_location: int | None = None


class Product(_Record):
    """Goods, with the quantity at the locations that were asked about."""

    code: str
    default_uom: int = 0
    quantity: float | None = None


class Dated(_Record):
    """A record that says when it was last written, by the server's clock."""

    written_at: When = Field(None, alias="write_date")

    @property
    def version_at(self) -> datetime:
        """Return when it was written; never, as far as is told, was long ago."""
        return self.written_at or NEVER


class Shipment(Dated):
    """A customer shipment; ``version`` is its last writing as Tryton tells it."""

    state: str
    reference: str | None = None
    warehouse: int
    version: str = Field(alias="_timestamp")

    @property
    def name(self) -> str:
        return f"{SHIPMENT},{self.id}"

    @property
    def keys(self) -> tuple[str, str | None]:
        """Return the keys it was reserved and, if so, released under."""
        return keys_in(self.reference or "")

    @property
    def unchanged(self) -> dict[str, Any]:
        """Return the context that refuses a change if somebody else made one."""
        return {"_timestamp": {self.name: self.version}}


class _Named(_Record):
    code: str | None = None


class Move(_Record):
    """Units of goods going from one place to another."""

    state: str
    shipment: str
    units: float = Field(alias="internal_quantity")
    from_location: int
    to_location: int
    product: _Named = Field(alias="product.")
    written_at: When = Field(None, alias="write_date")


class Moved(Dated):
    """Goods that have moved, and when."""

    product: _Named = Field(alias="product.")


class Note(_Record):
    """What we wrote on a shipment for the floor."""

    resource: str
    message: str | None = None


PRODUCT_FIELDS = ["code", "default_uom", "quantity"]
SHIPMENT_FIELDS = ["state", "reference", "warehouse", "write_date", "_timestamp"]
MOVE_FIELDS = ["state", "shipment", "internal_quantity", "from_location"]
MOVE_FIELDS += ["to_location", "product.code", "write_date"]
MOVED_FIELDS = ["product.code", "write_date"]
NOTE_FIELDS = ["resource", "message"]
WAREHOUSE_FIELDS = ["code", "storage_location", "output_location", "picking_location"]


def listed(what: str, found: Any) -> list[Any]:
    """Return what was found as the list it must be."""
    if not isinstance(found, list):
        msg = f"{what}: expected a list"
        raise ContractViolation(msg, raw=raw_of(found))
    return found


def records(model: type[M], found: Any, what: str) -> tuple[M, ...]:
    """Read a list of records."""
    try:
        return tuple(model.model_validate(item) for item in listed(what, found))
    except (ValidationError, KeyError, TypeError, ValueError) as error:
        where = ""
        if isinstance(error, ValidationError):
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) + f": {first['msg']}"
        msg = f"{what}: {where or 'an instant that is none'}"
        raise ContractViolation(msg, raw=raw_of(found)) from None
