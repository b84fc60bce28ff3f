"""What a rule may read: each fact's type, unit, values, source and sensitivity."""

import difflib
import keyword
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain.errors import LanewiseError
from domain.segment import Fact
from domain.subject import SubjectKind

ATTRIBUTE_PREFIX = "attr_"
FACT_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


class FactError(LanewiseError):
    """A fact has a value its declaration does not allow."""


class FactType(StrEnum):
    """The kinds of value the rule language knows."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    TEXT = "text"
    CHOICE = "choice"
    WORDS = "words"


class FactSource(StrEnum):
    """Where a fact comes from, and so what makes it change."""

    ORDER = "order"
    SKU = "sku"
    CUSTOMER = "customer"
    DESTINATION = "destination"
    HAZARD = "hazard"
    CONDITION = "condition"
    LANE = "lane"
    STOCK = "stock"
    CARRIER = "carrier"
    LOAD = "load"
    CLOCK = "clock"
    PREDICTION = "prediction"


class Sensitivity(StrEnum):
    """How carefully a fact is handled; personal ones need a stated purpose."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact as declared.

    ``title`` is how a sentence names it. ``values`` are the words a choice may
    take, from least to most where it is ``ordered``. A personal fact can be
    read by a rule only if ``purpose`` says what for. ``subjects`` are the kinds
    of thing it is a fact of. Heard of longer ago than ``fresh_for``, it is
    unknown. ``runs`` is how much it may grow in an hour by the clock alone.
    ``needs`` names what must be known around an order to tell it: fields of
    ``Circumstances`` that cost a look to fill.
    """

    name: str
    type: FactType
    title: str
    about: str
    source: FactSource
    unit: str = ""
    values: tuple[str, ...] = ()
    ordered: bool = False
    sensitivity: Sensitivity = Sensitivity.INTERNAL
    purpose: str = ""
    subjects: tuple[SubjectKind, ...] = (SubjectKind.ORDER,)
    fresh_for: timedelta | None = None
    runs: float = 0.0
    needs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not FACT_NAME.fullmatch(self.name) or keyword.iskeyword(self.name):
            msg = f"fact {self.name!r}: a name is lower case letters, digits, _"
            raise ValueError(msg)
        if self.type is FactType.CHOICE and len(set(self.values)) < 2:
            msg = f"fact {self.name!r}: a choice needs at least two values"
            raise ValueError(msg)

    @property
    def readable(self) -> bool:
        """Tell whether a rule may read it."""
        return self.sensitivity is not Sensitivity.PERSONAL or bool(self.purpose)

    def admits(self, value: Fact) -> bool:
        """Tell whether the value is one this fact can have (None: unknown)."""
        if value is None:
            return True
        match self.type:
            case FactType.BOOLEAN:
                return isinstance(value, bool)
            case FactType.NUMBER:
                return _is_number(value)
            case FactType.TEXT:
                return isinstance(value, str)
            case FactType.CHOICE:
                return isinstance(value, str) and value in self.values
            case FactType.WORDS:
                return isinstance(value, tuple)

    def expected(self) -> str:
        """Say in words what values it can have."""
        if self.type is FactType.CHOICE:
            return f"one of {', '.join(self.values)}"
        names = {
            FactType.BOOLEAN: "true or false",
            FactType.NUMBER: "a finite number",
            FactType.TEXT: "a text",
            FactType.WORDS: "a list of texts",
        }
        return names[self.type] + (f" of {self.unit}" if self.unit else "")


def _is_number(value: Fact) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return not isinstance(value, float) or math.isfinite(value)


class Schema:
    """Every fact by name; immutable."""

    def __init__(self, specs: Iterable[FactSpec]) -> None:
        self._specs = {spec.name: spec for spec in specs}

    def __iter__(self) -> Iterator[FactSpec]:
        return iter(self._specs.values())

    def __contains__(self, name: object) -> bool:
        return name in self._specs

    def __len__(self) -> int:
        return len(self._specs)

    def get(self, name: str) -> FactSpec | None:
        """Return the fact of that name, None where none is declared."""
        return self._specs.get(name)

    def nearest(self, name: str) -> str:
        """Return the declared name most like this one, empty if none is."""
        readable = [spec.name for spec in self._specs.values() if spec.readable]
        return nearest(name, readable)

    def extended(self, specs: Iterable[FactSpec]) -> "Schema":
        """Return this schema with more facts; a name may not be declared twice."""
        more = tuple(specs)
        for spec in more:
            if spec.name in self._specs:
                msg = f"fact {spec.name!r} is already declared"
                raise ValueError(msg)
        return Schema((*self._specs.values(), *more))

    def admit(self, facts: Mapping[str, Fact]) -> dict[str, Fact]:
        """Keep the declared facts that are known, with values as declared.

        Texts from order attributes become numbers or booleans where they were
        so declared; one that cannot is as good as missing, for it came from
        outside. Undeclared facts are left out: no rule can read them.

        Raises
        ------
        FactError
            When a value is not what the fact's declaration allows.
        """
        known: dict[str, Fact] = {}
        for name, value in facts.items():
            spec = self._specs.get(name)
            if spec is None or value is None:
                continue
            fitted = _from_text(spec, value) if isinstance(value, str) else value
            if spec.admits(fitted):
                known[name] = fitted
            elif not name.startswith(ATTRIBUTE_PREFIX):
                msg = f"fact {name!r} is {value!r}, but must be {spec.expected()}"
                raise FactError(msg)
        return known


def nearest(word: str, choices: Iterable[str]) -> str:
    """Return the choice most like a word, empty if none is alike."""
    close = difflib.get_close_matches(word.casefold(), list(choices), 1, 0.6)
    return close[0] if close else ""


def _from_text(spec: FactSpec, text: str) -> Fact:
    if not spec.name.startswith(ATTRIBUTE_PREFIX):
        return text
    if spec.type is FactType.NUMBER:
        try:
            return float(text) if not text.lstrip("-").isdigit() else int(text)
        except ValueError:
            return text
    if spec.type is FactType.BOOLEAN:
        return {"true": True, "false": False}.get(text.casefold(), text)
    return text
