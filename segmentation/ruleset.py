"""Loads and writes rule sets: versioned YAML, every mistake with its position."""

from importlib.resources import files
from pathlib import Path as FilePath
from typing import Annotated, Any

import yaml
from pydantic import Field, ValidationError

from domain.errors import LanewiseError
from domain.policy import Effects
from domain.quantities import Edge
from domain.segment import AttributeFact, RuleSet, Segment
from segmentation.document import Document, Path, Problem, read, spell
from segmentation.fact_table import SCHEMA
from segmentation.language.check import check
from segmentation.language.errors import RuleError
from segmentation.schema import (
    FactSource,
    FactSpec,
    FactType,
    Schema,
    Sensitivity,
    nearest,
)

BASE = "base"

# Names that stand for something other than a segment in a policy's sources.
RESERVED = frozenset({BASE, "order", "operator"})


class RuleSetError(LanewiseError):
    """A rule set cannot be accepted; ``problems`` holds all that is wrong."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class _Effects(Edge, Effects):
    """Effects as a file states them; unknown words are refused."""


class _Attribute(Edge, AttributeFact):
    """A declared attribute as a file states it."""


class _Segment(Edge, Segment):
    """A segment as a file states it."""

    effects: _Effects = _Effects()


class _File(Edge):
    """A whole file."""

    version: Annotated[str, Field(min_length=1, max_length=80)]
    base: _Effects = _Effects()
    attributes: dict[
        Annotated[str, Field(pattern=r"^attr_[a-z0-9_]{1,54}$")], _Attribute
    ] = Field(default_factory=dict)
    segments: Annotated[tuple[_Segment, ...], Field(max_length=5000)]


def load(source: str | FilePath) -> RuleSet:
    """Read a rule set from YAML text or from a file.

    Raises
    ------
    RuleSetError
        With every mistake: its line and column in the YAML, and a hint.
    """
    text = _text_of(source)
    document = read(text)
    if document.problems:
        raise RuleSetError(tuple(document.problems))
    file = _validated(document)
    rule_set = RuleSet.model_validate(file.model_dump(exclude_unset=True))
    problems = [*_twice(document, rule_set), *_rules(document, rule_set)]
    if problems:
        raise RuleSetError(_sorted(problems))
    return rule_set


def starter() -> RuleSet:
    """Return the rule set Lanewise comes with."""
    text = files("segmentation").joinpath("starter.yaml").read_text(encoding="utf-8")
    return load(text)


def dump(rule_set: RuleSet) -> str:
    """Write a rule set as YAML that loads to an equal one."""
    data = rule_set.model_dump(mode="json", exclude_defaults=True)
    data.setdefault("segments", [])
    ordered = {"version": data.pop("version"), **data}
    return yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=88)


def schema_of(rule_set: RuleSet) -> Schema:
    """Return the facts this rule set's rules may read."""
    return SCHEMA.extended(
        _declared(name, attribute) for name, attribute in rule_set.attributes.items()
    )


def _declared(name: str, attribute: AttributeFact) -> FactSpec:
    return FactSpec(
        name=name,
        type=FactType(attribute.type),
        title=attribute.title or name.removeprefix("attr_").replace("_", " "),
        about="an attribute of the order",
        source=FactSource.ORDER,
        unit=attribute.unit,
        values=attribute.values,
        sensitivity=Sensitivity.INTERNAL,
    )


def _text_of(source: str | FilePath) -> str:
    if isinstance(source, str) and ("\n" in source or ":" in source):
        return source
    try:
        return FilePath(source).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise RuleSetError((Problem(1, 1, "the file is not UTF-8"),)) from None
    except OSError as error:
        said = f"cannot read {str(source)[:200]!r}: {error.strerror}"
        raise RuleSetError((Problem(1, 1, said),)) from None


def _validated(document: Document) -> _File:
    if not isinstance(document.data, dict):
        said = "a rule set has 'version' and 'segments'"
        raise RuleSetError((Problem(1, 1, said),))
    try:
        return _File.model_validate(document.data)
    except ValidationError as error:
        problems = [_problem(document, one) for one in error.errors()]
        raise RuleSetError(_sorted(problems)) from None


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
    said = error["msg"].removeprefix("Value error, ")
    given = error.get("input")
    if isinstance(given, str | int | float):
        if path in document.nodes:
            line, column = document.inside(path, 0)
        said = f"{said}, not {str(given)[:60]!r}"
    return Problem(line, column, said, spell(path))


def _words_at(path: Path) -> tuple[str, ...]:
    if "effects" in path or path[0] == BASE:
        return tuple(_Effects.model_fields)
    if path[0] == "segments" and len(path) > 1:
        return tuple(_Segment.model_fields)
    return tuple(_Attribute.model_fields if len(path) > 1 else _File.model_fields)


def _twice(document: Document, rule_set: RuleSet) -> list[Problem]:
    seen: set[str] = set()
    problems = []
    for n, segment in enumerate(rule_set.segments):
        path: Path = ("segments", n, "id")
        if segment.id in seen or segment.id in RESERVED:
            reserved = segment.id in RESERVED
            said = "is a reserved name" if reserved else "is declared twice"
            line, column = document.inside(path, 0)
            problems.append(
                Problem(line, column, f"segment {segment.id!r} {said}", spell(path))
            )
        seen.add(segment.id)
        if segment.valid_from and segment.valid_until:
            problems += _window(document, n, segment)
    return problems


def _window(document: Document, n: int, segment: Segment) -> list[Problem]:
    if segment.valid_from is None or segment.valid_until is None:
        return []
    if segment.valid_until > segment.valid_from:
        return []
    path: Path = ("segments", n, "valid_until")
    line, column = document.inside(path, 0)
    return [Problem(line, column, "it ends before it begins", spell(path))]


def _rules(document: Document, rule_set: RuleSet) -> list[Problem]:
    try:
        schema = schema_of(rule_set)
    except ValueError as error:
        line, column = document.position(("attributes",))
        return [Problem(line, column, str(error), "attributes")]
    problems = []
    for n, segment in enumerate(rule_set.segments):
        path: Path = ("segments", n, "when")
        try:
            check(segment.when, schema)
        except RuleError as error:
            problems += [_rule_problem(document, path, one) for one in error.all]
    return problems


def _rule_problem(document: Document, path: Path, error: RuleError) -> Problem:
    line, column = document.inside(path, error.offset)
    return Problem(line, column, error.message, spell(path), error.hint)


def _sorted(problems: list[Problem]) -> tuple[Problem, ...]:
    key = sorted(problems, key=lambda p: (p.line, p.column, p.path, p.message))
    return tuple(dict.fromkeys(key))
