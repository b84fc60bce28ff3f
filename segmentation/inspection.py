"""Finds everything wrong with a rule set's file at once, each with its place."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.event import KIND
from domain.policy import Effects
from domain.quantities import Edge
from domain.segment import AttributeFact, RuleSet, Segment, SegmentOrigin
from domain.subject import SubjectKind
from segmentation.confusions import confused
from segmentation.document import Document, Path, Problem, spell
from segmentation.event_kinds import KNOWN
from segmentation.fact_table import SCHEMA
from segmentation.language.check import check
from segmentation.language.errors import RuleError
from segmentation.misfits import plainly
from segmentation.schema import FactSource, FactSpec, FactType, Schema, nearest

# A mined segment of fewer members could point at single people.
MINED_AT_LEAST = 20
LANE_EFFECT = "block_lane"

# Names a policy's sources use for something other than a segment.
RESERVED = ("base", "order", "operator")

_STRICT = ConfigDict(frozen=True, extra="forbid")
_INSTEAD = {
    "id": "an id is up to 40 lower case letters, digits and -",
    "on_unknown": "it is member, review or skip",
    "type": "it is boolean, number, text or choice",
    "when": "a rule is a text; write it in quotes",
    "version": "write it in quotes",
}


class _Effects(Effects):
    """Effects as a file states them; unknown words are refused."""

    model_config = _STRICT


class _Attribute(AttributeFact):
    """A declared attribute as a file states it."""

    model_config = _STRICT


class _Segment(Segment):
    """A segment as a file states it."""

    model_config = _STRICT

    effects: _Effects = _Effects()


class _File(Edge):
    """A whole file."""

    version: Annotated[str, Field(min_length=1, max_length=80)]
    base: _Effects = _Effects()
    attributes: dict[
        Annotated[str, Field(pattern=r"^attr_[a-z0-9_]{1,54}$")], _Attribute
    ] = Field(default_factory=dict)
    events: dict[Annotated[str, Field(pattern=KIND)], str] = Field(default_factory=dict)
    segments: Annotated[tuple[_Segment, ...], Field(max_length=5000)]


def schema_of(rule_set: RuleSet) -> Schema:
    """Return the facts this rule set's rules may read."""
    specs = (_declared(name, one) for name, one in rule_set.attributes.items())
    return _extended(tuple(specs))


@lru_cache(maxsize=64)
def _extended(specs: tuple[FactSpec, ...]) -> Schema:
    """Return one and the same schema for the same attributes.

    Rules are remembered as checked against a schema.
    """
    return SCHEMA.extended(specs)


def inspect(document: Document) -> tuple[RuleSet | None, tuple[Problem, ...]]:
    """Return the rule set, if its form allows one, and all that is wrong."""
    data = document.data
    if not isinstance(data, dict):
        said = "a rule set has 'version' and 'segments'"
        return None, (Problem(1, 1, said),)
    rule_set, problems = _validated(document)
    schema = _schema(document, data.get("attributes"), problems)
    events = _declared_events(data.get("events"))
    listed = data.get("segments")
    segments = listed if isinstance(listed, list) else []
    problems += _repeated(document, segments)
    for n, segment in enumerate(segments):
        if isinstance(segment, dict):
            problems += _rule(document, n, segment, schema, events)
            problems += _nothing_allowed(document, n, segment)
            problems += _misplaced(document, n, segment)
            problems += _too_few(document, n, segment)
    problems += _effects_of_base(document, data.get("base"))
    problems += _known_already(document, events)
    if rule_set is not None:
        problems += _windows(document, rule_set)
    problems += _confusions(document, problems)
    ordered = sorted(problems, key=lambda p: (p.line, p.column, p.path, p.message))
    return rule_set, tuple(dict.fromkeys(ordered))


def _validated(document: Document) -> tuple[RuleSet | None, list[Problem]]:
    try:
        file = _File.model_validate(document.data)
    except ValidationError as error:
        return None, [_problem(document, one) for one in error.errors()]
    return RuleSet.model_validate(file.model_dump(exclude_unset=True)), []


def _problem(document: Document, error: Any) -> Problem:
    path: Path = tuple(part for part in error["loc"] if part != "[key]")
    line, column = document.position(path)
    if error["type"] == "extra_forbidden":
        word = str(path[-1])
        near = nearest(word, _words_at(path))
        hint = f"did you mean {near!r}?" if near else ""
        return Problem(line, column, f"unknown word {word!r}", spell(path), hint)
    if error["type"] == "missing":
        return Problem(line, column, f"{path[-1]!r} is missing", spell(path[:-1]))
    return _wrong_value(document, path, error)


def _wrong_value(document: Document, path: Path, error: Any) -> Problem:
    line, column = document.inside(path, 0)
    said, hint = plainly(error)
    if error["type"] == "string_pattern_mismatch":
        said = f"this is not allowed here: {str(error['input'])[:60]!r}"
    hint = _INSTEAD.get(str(path[-1]) if path else "", hint)
    if path[:1] == ("attributes",) and len(path) == 2:
        hint = "it is attr_ and lower case letters, digits and _, with {type: …}"
    if path[:1] == ("events",):
        hint = "a kind is up to 40 lower case letters, digits and _, with what it is"
    return Problem(line, column, said, spell(path), hint)


def _words_at(path: Path) -> tuple[str, ...]:
    if "effects" in path[:-1] or (path[0] == "base" and len(path) > 1):
        return tuple(_Effects.model_fields)
    if len(path) == 1:
        return tuple(_File.model_fields)
    model = _Segment if path[0] == "segments" else _Attribute
    return tuple(model.model_fields)


def _schema(document: Document, attributes: object, problems: list[Problem]) -> Schema:
    """Return the schema with those declared attributes that can be used."""
    specs = []
    for name, declared in attributes.items() if isinstance(attributes, dict) else ():
        path: Path = ("attributes", name)
        try:
            spec = _declared(name, _Attribute.model_validate(declared))
        except ValidationError:
            continue  # reported with the rest of the file's form
        except ValueError as error:
            line, column = document.position(path)
            problems.append(Problem(line, column, str(error), spell(path)))
            continue
        specs.append(spec)
    return _extended(tuple(specs))


def _declared(name: str, attribute: AttributeFact) -> FactSpec:
    return FactSpec(
        name=name,
        type=FactType(attribute.type),
        title=attribute.title or name.removeprefix("attr_").replace("_", " "),
        about="an attribute of the order",
        source=FactSource.ORDER,
        unit=attribute.unit,
        values=attribute.values,
    )


def _rule(
    document: Document,
    n: int,
    segment: dict[str, Any],
    schema: Schema,
    events: tuple[str, ...],
) -> Iterator[Problem]:
    text, on = segment.get("when"), _on(segment)
    if not isinstance(text, str) or not text or on is None:
        return
    path: Path = ("segments", n, "when")
    try:
        check(text, schema, on, events)
    except RuleError as error:
        for one in error.all:
            line, column = document.inside(path, one.offset)
            yield Problem(line, column, one.message, spell(path), one.hint)


def _on(segment: dict[str, Any]) -> SubjectKind | None:
    """Return what a segment is on; None where that is not said rightly."""
    said = segment.get("on", SubjectKind.ORDER)
    kinds = {kind.value: kind for kind in SubjectKind}
    return kinds.get(said) if isinstance(said, str) else None


def _declared_events(events: object) -> tuple[str, ...]:
    return tuple(events) if isinstance(events, dict) else ()


def _misplaced(
    document: Document, n: int, segment: dict[str, Any]
) -> Iterator[Problem]:
    """Tell effects that make no sense for what the segment is on."""
    on, effects = _on(segment), segment.get("effects")
    for term in effects if isinstance(effects, dict) else ():
        if term not in _Effects.model_fields or on is None:
            continue
        path: Path = ("segments", n, "effects", term)
        line, column = document.position(path)
        if on is SubjectKind.LANE and term != LANE_EFFECT:
            said = f"a lane's segment may only have {LANE_EFFECT!r}"
            yield Problem(line, column, said, spell(path))
        if on is not SubjectKind.LANE and term == LANE_EFFECT:
            said = f"{LANE_EFFECT!r} is an effect of segments on lanes"
            yield Problem(line, column, said, spell(path), "say 'on: lane'")


def _effects_of_base(document: Document, base: object) -> Iterator[Problem]:
    if isinstance(base, dict) and LANE_EFFECT in base:
        line, column = document.position(("base", LANE_EFFECT))
        said = f"{LANE_EFFECT!r} is an effect of segments on lanes"
        yield Problem(line, column, said, f"base.{LANE_EFFECT}")


def _too_few(document: Document, n: int, segment: dict[str, Any]) -> Iterator[Problem]:
    """Tell mined segments that could point at single people."""
    if segment.get("origin") != SegmentOrigin.MINED:
        return
    members = segment.get("members")
    if "members" not in segment or members is None:
        path: Path = ("segments", n, "origin")
        line, column = document.inside(path, 0)
        said = "a mined segment states in how many members it was found"
        yield Problem(line, column, said, spell(path), "add 'members'")
    elif isinstance(members, int) and members < MINED_AT_LEAST:
        path = ("segments", n, "members")
        line, column = document.inside(path, 0)
        said = f"a mined segment has at least {MINED_AT_LEAST} members, not {members}"
        yield Problem(line, column, said, spell(path))


def _known_already(document: Document, events: tuple[str, ...]) -> Iterator[Problem]:
    for kind in events:
        if kind in KNOWN:
            path: Path = ("events", kind)
            line, column = document.position(path)
            said = f"the kind of event {kind!r} is there already"
            yield Problem(line, column, said, spell(path))


def _confusions(document: Document, known: list[Problem]) -> Iterator[Problem]:
    """Tell values of the wrong type, where nothing is said of them yet."""
    said = {(problem.line, problem.column) for problem in known}
    for path, data, model in _objects(document.data):
        for problem in confused(document, path, data, model):
            if (problem.line, problem.column) not in said:
                yield problem


def _objects(data: Any) -> Iterator[tuple[Path, object, type[BaseModel]]]:
    yield ("base",), data.get("base"), _Effects
    segments = data.get("segments")
    for n, segment in enumerate(segments if isinstance(segments, list) else ()):
        yield ("segments", n), segment, _Segment
        if isinstance(segment, dict):
            yield ("segments", n, "effects"), segment.get("effects"), _Effects


def _nothing_allowed(
    document: Document, n: int, segment: dict[str, Any]
) -> Iterator[Problem]:
    given = segment.get("effects")
    effects: dict[str, Any] = given if isinstance(given, dict) else {}
    for term, value in effects.items():
        said, hint = "", ""
        if not term.startswith("allowed_"):
            continue
        if value == []:
            said = "an empty list allows nothing at all"
            hint = "leave it out to allow everything"
        elif _all_among(value, effects.get(term.replace("allowed_", "blocked_"))):
            said = "the same segment blocks all that it allows"
        if said:
            path: Path = ("segments", n, "effects", term)
            line, column = document.position(path)
            yield Problem(line, column, said, spell(path), hint)


def _all_among(values: object, others: object) -> bool:
    if not (isinstance(values, list) and isinstance(others, list) and values):
        return False
    return all(value in others for value in values)


def _repeated(document: Document, segments: list[Any]) -> Iterator[Problem]:
    seen: set[str] = set()
    for n, segment in enumerate(segments):
        name = segment.get("id") if isinstance(segment, dict) else None
        if not isinstance(name, str):
            continue
        if name in seen or name in RESERVED:
            path: Path = ("segments", n, "id")
            line, column = document.inside(path, 0)
            what = "is a reserved name" if name in RESERVED else "is declared twice"
            yield Problem(line, column, f"segment {name!r} {what}", spell(path))
        seen.add(name)


def _windows(document: Document, rule_set: RuleSet) -> Iterator[Problem]:
    for n, segment in enumerate(rule_set.segments):
        begins, ends = segment.valid_from, segment.valid_until
        if begins is not None and ends is not None and ends <= begins:
            path: Path = ("segments", n, "valid_until")
            line, column = document.inside(path, 0)
            yield Problem(line, column, "it ends before it begins", spell(path))
