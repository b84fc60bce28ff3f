"""Reads calls such as ``events("viewed", within="7d")`` as windows over events."""

import re

from domain.event import LABEL
from domain.subject import SubjectKind
from segmentation.event_kinds import KNOWN, happens_to
from segmentation.language.errors import Fault
from segmentation.language.nodes import Call, Literal, Named
from segmentation.schema import nearest
from segmentation.window import Window

MAX_LABELS = 8
MAX_DAYS = 400

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPAN = re.compile(r"([1-9][0-9]{0,8})([smhdw])", re.ASCII)
_SPAN_HINT = 'a number and s, m, h, d or w: "7d"'

# Whose events a segment's rules may count; the first one unless said otherwise.
COUNTED: dict[SubjectKind, tuple[SubjectKind, ...]] = {
    SubjectKind.ORDER: (SubjectKind.CUSTOMER, SubjectKind.SKU),
    SubjectKind.CUSTOMER: (SubjectKind.CUSTOMER,),
    SubjectKind.SKU: (SubjectKind.SKU,),
    SubjectKind.LANE: (SubjectKind.LANE,),
}


def window_of(
    call: Call, on: SubjectKind, declared: tuple[str, ...]
) -> Window | list[Fault]:
    """Return the window a call asks for, or all that is wrong with it.

    Parameters
    ----------
    on
        What the segment is on; says whose events are meant by default.
    declared
        Kinds of event the rule set declares besides the known ones.
    """
    return _Reading(call, on, declared).window()


class _Reading:
    def __init__(self, call: Call, on: SubjectKind, declared: tuple[str, ...]) -> None:
        self._call = call
        self._on = on
        self._declared = declared
        self._faults: list[Fault] = []

    def window(self) -> Window | list[Fault]:
        call = self._call
        named = {one.name: one for one in call.named}
        kind = self._kind()
        of = self._of(named.pop("of", None), kind)
        within_s = self._within(named.pop("within", None))
        labels = self._labels(named)
        if self._faults:
            return self._faults
        return Window(call.function, kind, of, labels, within_s)

    def _wrong(self, message: str, at: int, hint: str = "") -> None:
        self._faults.append(Fault(message, at, hint))

    def _kind(self) -> str:
        call = self._call
        first = call.args[0] if call.args else None
        if not isinstance(first, Literal) or not isinstance(first.value, str):
            said = f"{call.function!r} takes the kind of event first"
            at = call.at if first is None else first.at
            self._wrong(said, at, f'as in {call.function}("order_placed", …)')
            return ""
        if len(call.args) > 1:
            said = f"{call.function!r} takes one kind of event; name what follows"
            self._wrong(said, call.args[1].at, 'as in category="shoes", within="7d"')
        kinds = (*KNOWN, *self._declared)
        if first.value not in kinds:
            near = nearest(first.value, kinds)
            hint = f"did you mean {near!r}?" if near else "declare it under 'events'"
            self._wrong(f"unknown kind of event {first.value!r}", first.at, hint)
        return first.value

    def _of(self, named: Named | None, kind: str) -> SubjectKind:
        possible = COUNTED[self._on]
        if named is None:
            of, at = possible[0], self._call.at
        else:
            at = named.value.at
            words = [one.value for one in SubjectKind]
            if named.value.value not in words:
                near = nearest(str(named.value.value), words)
                hint = f"did you mean {near!r}?" if near else _either(possible)
                self._wrong("'of' names whose events to count", at, hint)
                return possible[0]
            of = SubjectKind(named.value.value)
        if of not in possible:
            rule, whose = one_of_kind(self._on), one_of_kind(of)
            said = f"a rule on {rule} cannot count events of {whose}"
            self._wrong(said, at, _either(possible))
        elif of not in happens_to(kind):
            said = f"{kind!r} never happens to {one_of_kind(of)}"
            self._wrong(said, at, _either(happens_to(kind)))
        return of

    def _within(self, named: Named | None) -> int | None:
        if self._call.function == "days_since":
            if named is not None:
                said = "'days_since' looks back without end"
                self._wrong(said, named.at, "leave 'within' out")
            return None
        if named is None:
            said = f"{self._call.function!r} needs to know how far back"
            self._wrong(said, self._call.at, 'add within="7d"')
            return None
        found = _SPAN.fullmatch(str(named.value.value))
        if found is None or not isinstance(named.value.value, str):
            self._wrong("this is not a span of time", named.value.at, _SPAN_HINT)
            return None
        seconds = int(found[1]) * _SECONDS[found[2]]
        if seconds > MAX_DAYS * 86_400:
            said = f"'within' goes back {MAX_DAYS} days at most"
            self._wrong(said, named.value.at)
        return seconds

    def _labels(self, named: dict[str, Named]) -> tuple[tuple[str, str], ...]:
        for n, (name, one) in enumerate(named.items(), start=1):
            if n > MAX_LABELS:
                self._wrong(f"more than {MAX_LABELS} labels", one.at)
                break
            if not re.fullmatch(LABEL, name, re.ASCII):
                hint = "labels are up to 40 lower case letters, digits and _"
                self._wrong(f"{name[:40]!r} is not the name of a label", one.at, hint)
            value = one.value.value
            if not isinstance(value, str) or not value:
                hint = f'write {name[:40]}="…"'
                self._wrong("a label is compared with a text", one.value.at, hint)
        return tuple(
            sorted((name, str(one.value.value)) for name, one in named.items())
        )


def one_of_kind(kind: SubjectKind) -> str:
    """Say "an order", "a SKU"."""
    if kind is SubjectKind.ORDER:
        return "an order"
    return "a SKU" if kind is SubjectKind.SKU else f"a {kind.value}"


def _either(kinds: tuple[SubjectKind, ...]) -> str:
    return "it is " + " or ".join(f'"{kind.value}"' for kind in kinds)
