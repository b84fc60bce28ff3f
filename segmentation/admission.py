"""Keeps of the facts told what rules read, each as it was declared."""

from collections.abc import Iterable, Mapping
from math import isfinite

from domain.segment import Fact
from segmentation.language.check import Rule
from segmentation.schema import FactError, FactType, Schema


class Admission:
    """What the rules of one kind read, and what values those facts may have."""

    def __init__(self, schema: Schema, rules: Iterable[Rule]) -> None:
        self._schema = schema
        rules = tuple(rules)
        names = sorted({name for rule in rules for name in rule.reads})
        counted = {window.key for rule in rules for window in rule.windows}
        self._counted = tuple(name for name in names if name in counted)
        self._declared = tuple(
            (name, *_test(schema, name)) for name in names if name not in counted
        )

    def admit(self, facts: Mapping[str, Fact]) -> dict[str, Fact]:
        """Return the facts that are read and known, as ``Schema.admit`` does.

        Raises
        ------
        FactError
            When a value is not what the fact's declaration allows.
        """
        known: dict[str, Fact] = {}
        get = facts.get
        for name, types, words in self._declared:
            value = get(name)
            if value is None:
                continue
            kind = type(value)
            if isinstance(value, float) and types is _WHOLE and isfinite(value):
                known[name] = value
            elif kind not in types or not (words is None or value in words):
                known.update(self._schema.admit({name: value}))
            else:
                known[name] = value
        for name in self._counted:
            value = get(name)
            if value is not None:
                known[name] = _number(name, value)
        return known


# Numbers are whole ones, or floats that are finite.
_WHOLE = (int,)

_Test = tuple[tuple[type, ...], frozenset[str] | None]


def _test(schema: Schema, name: str) -> _Test:
    """Say what surely is allowed; all else is looked at more closely."""
    spec = schema.get(name)
    assert spec is not None
    match spec.type:
        case FactType.BOOLEAN:
            return (bool,), None
        case FactType.NUMBER:
            return _WHOLE, None
        case FactType.TEXT:
            return (str,), None
        case FactType.CHOICE:
            return (str,), frozenset(spec.values)
        case FactType.WORDS:
            return (tuple,), None


def _number(name: str, value: Fact) -> Fact:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and isfinite(value):
        return value
    msg = f"window {name!r} is {value!r}, but must be a finite number"
    raise FactError(msg)
