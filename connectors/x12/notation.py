"""The notation grammars are written in: segments' elements, sets' structure.

An element is ``[!]TYPEmin-max`` (``!`` for mandatory; one number for a fixed
length), a composite the same in parentheses. After ``|`` come X12's syntax
notes: ``P0304`` all or none, ``R0203`` at least one, ``E0103`` at most one,
``C0201`` if the first then all others, ``L010203`` if the first then any other.
A structure lists segments in order: ``!`` mandatory, ``*n`` at most n times
(``*`` any number, once when unsaid), parentheses for the loop a segment opens.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

_ELEMENT = re.compile(r"(!?)(ID|AN|N\d|R|DT|TM)(\d+)(?:-(\d+))?")
_NOTE = re.compile(r"([PRECL])((?:\d\d){2,})")
_TOKEN = re.compile(r"[A-Z0-9]{2,3}|!|\*\d*|\(|\)")
UNLIMITED = 10**9


@dataclass(frozen=True)
class Element:
    """What one element may hold; ``parts`` for a composite."""

    mandatory: bool
    type: str
    shortest: int
    longest: int
    codes: frozenset[str] = frozenset()
    parts: tuple["Element", ...] = ()


@dataclass(frozen=True)
class SyntaxNote:
    """A condition between the elements of one segment."""

    kind: str
    elements: tuple[int, ...]


@dataclass(frozen=True)
class SegmentRule:
    """What one segment may hold."""

    id: str
    elements: tuple[Element, ...]
    notes: tuple[SyntaxNote, ...] = ()

    @cached_property
    def mandatory(self) -> tuple[tuple[int, Element], ...]:
        numbered = enumerate(self.elements, 1)
        return tuple((n, element) for n, element in numbered if element.mandatory)


@dataclass(frozen=True)
class Use:
    """Where a segment may be in a set, how often, and the loop it opens."""

    id: str
    mandatory: bool = False
    most: int = 1
    loop: tuple["Use", ...] = ()


@dataclass(frozen=True)
class SetRule:
    """A transaction set in one version."""

    id: str
    version: str
    uses: tuple[Use, ...]
    segments: Mapping[str, SegmentRule] = field(
        default_factory=lambda: MappingProxyType({})
    )

    @cached_property
    def known(self) -> frozenset[str]:
        """Return the segments that have a place anywhere in the set."""
        found: set[str] = set()
        pending = list(self.uses)
        while pending:
            use = pending.pop()
            found.add(use.id)
            pending += use.loop
        return frozenset(found)


def segment_rule(
    name: str, text: str, codes: Mapping[int, frozenset[str]]
) -> SegmentRule:
    """Read one segment's notation; ``codes`` are the code lists by element."""
    elements, _, notes = text.partition("|")
    found: list[Element] = []
    for number, token in enumerate(_elements(elements), 1):
        found.append(_element(token, codes.get(number, frozenset())))
    return SegmentRule(name, tuple(found), tuple(_note(note) for note in notes.split()))


def structure(text: str) -> tuple[Use, ...]:
    """Read a set's notation."""
    tokens = _TOKEN.findall(text)
    uses, end = _uses(tokens, 0)
    if end != len(tokens):
        msg = f"structure: unbalanced at {tokens[end:][:5]}"
        raise ValueError(msg)
    return uses


def _uses(tokens: list[str], at: int) -> tuple[tuple[Use, ...], int]:
    uses: list[Use] = []
    while at < len(tokens) and tokens[at] != ")":
        name, mandatory, most, at = tokens[at], False, 1, at + 1
        loop: tuple[Use, ...] = ()
        if at < len(tokens) and tokens[at] == "!":
            mandatory, at = True, at + 1
        if at < len(tokens) and tokens[at].startswith("*"):
            most, at = int(tokens[at][1:] or UNLIMITED), at + 1
        if at < len(tokens) and tokens[at] == "(":
            loop, at = _uses(tokens, at + 1)
            at += 1
        uses.append(Use(name, mandatory, most, loop))
    return tuple(uses), at


def _elements(text: str) -> list[str]:
    return re.findall(r"!?\([^)]*\)|\S+", text)


def _element(token: str, codes: frozenset[str]) -> Element:
    if "(" in token:
        parts = tuple(
            _element(part, frozenset()) for part in token.strip("!()").split()
        )
        return Element(token.startswith("!"), "C", 1, 999, parts=parts)
    match = _ELEMENT.fullmatch(token)
    if match is None:
        msg = f"element {token!r}; right is like AN1-30"
        raise ValueError(msg)
    mandatory, kind, shortest, longest = match.groups()
    return Element(
        bool(mandatory), kind, int(shortest), int(longest or shortest), codes
    )


def _note(token: str) -> SyntaxNote:
    match = _NOTE.fullmatch(token)
    if match is None:
        msg = f"syntax note {token!r}; right is like P0304"
        raise ValueError(msg)
    digits = match.group(2)
    numbers = tuple(int(digits[i : i + 2]) for i in range(0, len(digits), 2))
    return SyntaxNote(match.group(1), numbers)
