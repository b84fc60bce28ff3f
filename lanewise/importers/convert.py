"""One cell of a file, read as what it means."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from difflib import get_close_matches
from fractions import Fraction
from math import ceil
from zoneinfo import ZoneInfo

from lanewise.importers.mapping import FieldMap, Kind

Cell = str | int | float | bool | list["Cell"] | None

# Exact by definition (international yard and pound agreement, 1959).
_GRAMS = {
    "g": Fraction(1),
    "kg": Fraction(1000),
    "t": Fraction(1_000_000),
    "lb": Fraction("453.59237"),
    "oz": Fraction("28.349523125"),
}
_MILLIMETERS = {
    "mm": Fraction(1),
    "cm": Fraction(10),
    "m": Fraction(1000),
    "in": Fraction("25.4"),
    "ft": Fraction("304.8"),
}
_HOURS = {"h": Fraction(1), "day": Fraction(24), "minute": Fraction(1, 60)}
_OURS = {"cents": Decimal(100), "millicents": Decimal(100_000)}
_FLAGS = {
    **dict.fromkeys(("true", "yes", "y", "1", "t"), True),
    **dict.fromkeys(("false", "no", "n", "0", "f"), False),
}
_CURRENCY_SIGNS = "$€£¥"
_MOST = Decimal(10) ** 15


class BadCell(Exception):
    """A cell that cannot mean what it should; says what is wrong and what is right."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


def convert(text: str, field: FieldMap) -> Cell:
    """Read a filled cell as the field says.

    Weights and lengths are rounded up to whole grams and millimeters, money
    half up to whole cents, hours up.

    Raises
    ------
    BadCell
        When it cannot be read so.
    """
    if field.split is not None:
        single = field.model_copy(update={"split": None})
        parts = [part.strip() for part in text.split(field.split)]
        return [convert(part, single) for part in parts if part]
    if field.values is not None:
        return _translated(text, field)
    return _READERS[field.kind](text, field)


def _translated(text: str, field: FieldMap) -> Cell:
    values = field.values or {}
    if text not in values:
        near = get_close_matches(text, values, 1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        msg = "it is none of the values the mapping knows"
        raise BadCell(msg, f"use one of {', '.join(map(repr, values))}{hint}")
    return values[text]


def _text(text: str, field: FieldMap) -> Cell:
    if field.case != "keep":
        text = text.upper() if field.case == "upper" else text.lower()
    return text.rjust(field.pad, "0")


def _decimal(text: str, field: FieldMap, remedy: str) -> Decimal:
    """Read a number written with or without groups of thousands."""
    group = "," if field.decimal == "." else "."
    whole, point, fraction = text.partition(field.decimal)
    groups = whole.lstrip("+-").split(group)
    grouped = len(groups) == 1 or (
        1 <= len(groups[0]) <= 3 and all(len(g) == 3 for g in groups[1:])
    )
    plain = whole.replace(group, "") + ("." + fraction if point else "")
    try:
        # Decimal also reads "1_000", "Infinity" and digits of other scripts.
        if not grouped or not plain.isascii() or "_" in plain:
            raise InvalidOperation
        number = Decimal(plain)
    except InvalidOperation:
        msg = "it is not a number"
        raise BadCell(msg, remedy) from None
    if not number.is_finite() or abs(number) > _MOST:
        msg = "it is not a number of a size that can be"
        raise BadCell(msg, remedy)
    return number


def _integer(text: str, field: FieldMap) -> Cell:
    remedy = "give a whole number, such as 12"
    number = _decimal(text, field, remedy)
    if number != number.to_integral_value():
        msg = "it is not a whole number"
        raise BadCell(msg, remedy)
    return int(number)


def _number(text: str, field: FieldMap) -> Cell:
    return float(_decimal(text, field, "give a number, such as 12.5"))


def _measured(
    factors: dict[str, Fraction], example: str
) -> Callable[[str, FieldMap], Cell]:
    def read(text: str, field: FieldMap) -> Cell:
        unit = field.unit or ""
        remedy = f"give {example} in {unit} as a number above 0, such as 12.5"
        bare = text.removesuffix(unit).rstrip() if unit else text
        number = _decimal(bare, field, remedy)
        if number < 0:
            msg = "it is negative"
            raise BadCell(msg, remedy)
        if number == 0 and factors is not _HOURS:
            msg = "it is zero"
            raise BadCell(msg, remedy)
        return ceil(Fraction(number) * factors[unit])

    return read


def _money(text: str, field: FieldMap) -> Cell:
    remedy = f"give an amount such as {field.currency}1{field.decimal}50"
    bare = text
    negative = bare.startswith("(") and bare.endswith(")")
    if negative:
        bare = bare[1:-1]
    bare = bare.replace(field.currency, "").replace(" ", "").replace("\xa0", "")
    foreign = sorted(set(bare) & set(_CURRENCY_SIGNS))
    if foreign:
        msg = f"it is in another currency than {field.currency}"
        raise BadCell(msg, remedy)
    number = _decimal(bare, field, remedy) * (-1 if negative else 1)
    ours = number * _OURS[field.unit or "cents"]
    return int(ours.to_integral_value(ROUND_HALF_UP))


def _parsed(text: str, field: FieldMap) -> tuple[datetime, bool]:
    """Return the moment and whether the text gave a time of day."""
    for form in field.format:
        try:
            if form == "iso":
                return datetime.fromisoformat(text), len(text) > len("2026-01-31")
            found = datetime.strptime(text, form)  # noqa: DTZ007
        except ValueError:
            continue
        return found, any(code in form for code in ("%H", "%I", "%c", "%X"))
    form = " or ".join(field.format)
    example = "2026-01-31T13:30:00Z" if form == "iso" else _EXAMPLE.strftime(form)
    msg = f"there is no such date, or it is not written as {form}"
    raise BadCell(msg, f"give an existing date, such as {example}")


_EXAMPLE = datetime(2026, 1, 31, 13, 30, tzinfo=UTC)


def _instant(text: str, field: FieldMap) -> Cell:
    found, timed = _parsed(text, field)
    if not timed:
        at = time.fromisoformat(field.at)
        found = found.replace(hour=at.hour, minute=at.minute, second=at.second)
    if found.tzinfo is None:
        zone = ZoneInfo(field.zone)
        local = found.replace(tzinfo=zone)
        # Of an hour that comes twice the first is meant; a skipped one is none.
        if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != found:
            msg = f"clocks in {field.zone} skipped this time"
            raise BadCell(msg, "give a time that existed, or one in UTC")
        found = local
    return found.astimezone(UTC).isoformat()


def _date(text: str, field: FieldMap) -> Cell:
    found: date = _parsed(text, field)[0].date()
    return found.isoformat()


def _time(text: str, field: FieldMap) -> Cell:
    if field.format == ("iso",):
        try:
            return time.fromisoformat(text).isoformat()
        except ValueError:
            msg = "it is no time of day"
            raise BadCell(msg, "give a time such as 17:00") from None
    return _parsed(text, field)[0].time().isoformat()


def _flag(text: str, field: FieldMap) -> Cell:
    if text.lower() not in _FLAGS:
        msg = "it is neither yes nor no"
        raise BadCell(msg, "give yes or no (or true, false, 1, 0)")
    return _FLAGS[text.lower()]


_READERS: dict[Kind, Callable[[str, FieldMap], Cell]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.WEIGHT: _measured(_GRAMS, "a weight"),
    Kind.LENGTH: _measured(_MILLIMETERS, "a length"),
    Kind.HOURS: _measured(_HOURS, "a duration"),
    Kind.MONEY: _money,
    Kind.INSTANT: _instant,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.FLAG: _flag,
}
