"""Units of numbers: what may be compared, added, multiplied and divided."""

from collections import Counter

# A unit is its base units with their powers, sorted; () is a plain number.
# None stands for a number written in the rule: it takes any unit.
Unit = tuple[tuple[str, int], ...] | None


# Units that people write in more than one way.
_ALIASES = {"day": "d", "days": "d", "hour": "h", "hours": "h"}


def unit_of(name: str) -> Unit:
    """Return the unit of that name; an empty name is a plain number.

    One over another, as ``g/l``, is their quotient.
    """
    if not name:
        return ()
    over, _, under = name.partition("/")
    top = ((_ALIASES.get(over, over), 1),)
    return product(top, unit_of(under), -1) if under else top


def common(left: Unit, right: Unit) -> tuple[bool, Unit]:
    """Tell whether two units agree, and the unit they agree on."""
    if left is None or right is None:
        return True, left if right is None else right
    return left == right, left


def product(left: Unit, right: Unit, sign: int) -> Unit:
    """Return the unit of left × right, or of left ÷ right for sign −1."""
    if left is None and right is None:
        return None
    powers = Counter(dict(left or ()))
    for name, power in right or ():
        powers[name] += sign * power
    return tuple(sorted((name, power) for name, power in powers.items() if power))


def spelled(unit: Unit) -> str:
    """Write a unit as a person would: ``g``, ``cents/unit``, ``a number``."""
    if not unit:
        return "a plain number"
    over = "*".join(_power(name, power) for name, power in unit if power > 0)
    under = "*".join(_power(name, -power) for name, power in unit if power < 0)
    return f"{over or '1'}/{under}" if under else over


def _power(name: str, power: int) -> str:
    return name if power == 1 else f"{name}^{power}"
