"""Reads a YAML file into plain data and remembers where everything stood.

Stricter than YAML: no anchors, tags or repeated keys, and a limit of size, so
that a file means what it looks like.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime

import yaml

MAX_BYTES = 2_000_000
MAX_DEPTH = 20

Path = tuple[str | int, ...]

_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9_]*)?(\.[0-9]*)?([eE][-+]?[0-9]+)?", re.ASCII)

_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{kind}"
    for kind in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq")
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file: where, what, and what would be right."""

    line: int
    column: int
    message: str
    path: str = ""
    hint: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}, column {self.column}"
        what = f"{self.path}: {self.message}" if self.path else self.message
        return f"{where}: {what}" + (f" ({self.hint})" if self.hint else "")


@dataclass(slots=True)
class Document:
    """A file's data, with the position of every key and value."""

    text: str
    data: object = None
    problems: list[Problem] = field(default_factory=list)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    nodes: dict[Path, yaml.Node] = field(default_factory=dict)

    def position(self, path: Path) -> tuple[int, int]:
        """Return line and column (from 1) of the nearest thing on the path."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.keys and end == len(path):
                return self.keys[path[:end]]
            if path[:end] in self.nodes:
                return _start(self.nodes[path[:end]])
        return 1, 1

    def inside(self, path: Path, offset: int) -> tuple[int, int]:
        """Return line and column of a character of the text value at a path."""
        node = self.nodes.get(path)
        if not isinstance(node, yaml.ScalarNode):
            return self.position(path)
        index = _aligned(self.text, node, offset)
        before = self.text[:index]
        return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1


def read(text: str) -> Document:
    """Parse the text; what is wrong with it as YAML is in ``problems``."""
    document = Document(text)
    if len(text.encode()) > MAX_BYTES:
        said = f"the file is larger than {MAX_BYTES:,} bytes"
        document.problems.append(Problem(1, 1, said))
        return document
    try:
        too_deep, marked = _walked(text)
        node = None if too_deep else yaml.compose(text, Loader=_loader())
    except yaml.MarkedYAMLError as error:
        document.problems.append(_syntax(error, text))
        return document
    except (yaml.YAMLError, ValueError) as error:
        document.problems.append(Problem(1, 1, f"this is not YAML: {error}"))
        return document
    if too_deep is not None:
        document.problems.append(too_deep)
        return document
    if node is None:
        document.problems.append(Problem(1, 1, "the file is empty"))
        return document
    document.data = _Builder(document).build(node, ())
    document.problems += marked
    return document


def _walked(text: str) -> tuple[Problem | None, list[Problem]]:
    """Look for nesting that would overflow the composer, and for anchors and tags.

    Tags that change what a value is are told by the builder, with their path.
    """
    depth, marked = 0, list[Problem]()
    for event in yaml.parse(text, Loader=_loader()):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        mark = event.start_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        if depth > MAX_DEPTH:
            return Problem(line, column, "nested too deeply"), marked
        if not isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            continue
        if event.anchor is not None:
            marked.append(Problem(line, column, "anchors (&name) are not allowed"))
        if event.tag in _PLAIN_TAGS:
            said = f"tag {event.tag!r} is not allowed"
            marked.append(Problem(line, column, said, hint="leave it out"))
    return None, marked


def _loader() -> type[yaml.SafeLoader]:
    # The C parser is ten times faster; both give the same positions.
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _start(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _syntax(error: yaml.MarkedYAMLError, text: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines() or [""]
    if line > len(lines):
        # The reader stumbles over the end: point to the last character.
        line, column = len(lines), len(lines[-1]) + 1
    said = error.problem or error.context or "it cannot be read"
    return Problem(line, column, f"this is not YAML: {said}")


class _Builder:
    """Turns YAML nodes into plain data, noting positions and refusals."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._seen: set[int] = set()
        self._scalars = yaml.SafeLoader("")

    def build(self, node: yaml.Node, path: Path) -> object:
        document, start = self._document, _start(node)
        if id(node) in self._seen:
            # It shares its anchor's node: its own place is after its key.
            place = document.keys.get(path, start)
            return self._refuse(place, path, "aliases (*name) are not allowed")
        document.nodes[path] = node
        self._seen.add(id(node))
        if node.tag not in _PLAIN_TAGS:
            return self._refuse(start, path, f"tag {node.tag!r} is not allowed")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*path, n)) for n, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, object]:
        data: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            if not key:
                self._refuse(_start(key_node), path, "a key must be a plain word")
                continue
            if key in data:
                self._refuse(_start(key_node), path, f"key {key!r} is there twice")
                continue
            self._document.keys[*path, key] = _start(key_node)
            data[key] = self.build(value_node, (*path, key))
        return data

    def _scalar(self, node: yaml.Node, path: Path) -> object:
        if node.tag.endswith((":int", ":float")) and not _DECIMAL.fullmatch(node.value):
            # YAML reads 017 as 15, 1:30 as 90 and .inf as a number.
            said = f"{node.value[:60]!r} is not written in plain digits"
            hint = "put it in quotes if it is a text"
            return self._refuse(_start(node), path, said, hint)
        try:
            value = self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError, OverflowError):
            return self._refuse(_start(node), path, f"{node.value!r} cannot be read")
        if isinstance(value, date) and not isinstance(value, datetime):
            return value.isoformat()
        return value

    def _refuse(
        self, place: tuple[int, int], path: Path, message: str, hint: str = ""
    ) -> object:
        """Note the problem; what was refused counts as nothing."""
        problem = Problem(*place, message, spell(path), hint)
        self._document.problems.append(problem)
        return None


def spell(path: Path) -> str:
    """Write a path as ``segments[2].when``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".")


def _aligned(text: str, node: yaml.ScalarNode, offset: int) -> int:
    """Return where in the file the offset-th character of a scalar stands.

    Folding and indenting change only white space, so the other characters are
    matched one after the other.
    """
    index = node.start_mark.index
    if node.style in ("|", ">"):
        index = text.find("\n", index) + 1
    elif node.style in ("'", '"'):
        index += 1
    end = node.end_mark.index
    for character in node.value[:offset]:
        if character.isspace():
            continue
        index = _next(text, index, end, character) + 1
    while index < end and text[index].isspace():
        index += 1
    return min(index, end)


def _next(text: str, index: int, end: int, character: str) -> int:
    found = text.find(character, index, end)
    return index if found < 0 else found
