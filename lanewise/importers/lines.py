"""Lines of a text file with their numbers, whatever bytes it holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from io import TextIOWrapper
from typing import Any, BinaryIO

from lanewise.importers.reject import Reject, shown

LINE_CHARS = 1024 * 1024
CELL_CHARS = 32 * 1024
# What the byte order marks of UTF-16 look like to a reader of something else.
_FOREIGN = ("\udcff\udcfe", "\udcfe\udcff", "ÿþ", "þÿ")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its file, the line it starts on, its cells by column.

    CSV cells are text; JSONL cells are what JSON holds, its decimals as text.
    """

    file: str
    number: int
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that is no row; what could be made out may still say whose it is.

    ``whole`` means that it has all its cells, although one of them is spoiled.
    """

    reject: Reject
    cells: Mapping[str, Any] = field(default_factory=dict)
    whole: bool = False

    @property
    def number(self) -> int:
        return self.reject.row


class Lines:
    """Take lines one at a time; some can be given back.

    Bytes that do not decode stay in the line as lone surrogates. A line longer
    than ``LINE_CHARS`` is cut there: no row is that long.
    """

    def __init__(self, stream: BinaryIO, encoding: str, name: str) -> None:
        self.name = name
        self.encoding = encoding
        self.number = 0
        self.complete = True
        self._given_back: list[str] = []
        self._text = TextIOWrapper(
            stream,
            "utf-8-sig" if encoding.lower() == "utf-8" else encoding,
            "surrogateescape",
            newline="\n",
        )

    def take(self) -> str | None:
        """Return the next line without its end, None after the last."""
        if self._given_back:
            self.number += 1
            return self._given_back.pop()
        line = self._text.readline(LINE_CHARS)
        if not line:
            return None
        self.number += 1
        self.complete = line.endswith("\n")
        if len(line) == LINE_CHARS:
            while not self.complete and (rest := self._text.readline(LINE_CHARS)):
                self.complete = rest.endswith("\n")
        return line.rstrip("\r\n")

    def give_back(self, lines: list[str]) -> None:
        """Put lines back, to be taken again in the same order."""
        self._given_back.extend(reversed(lines))
        self.number -= len(lines)

    def ended(self) -> bool:
        """Tell whether no line is left."""
        line = self.take()
        if line is None:
            return True
        self.give_back([line])
        return False

    def whole_file_problem(self) -> Unreadable | None:
        """Say why nothing in the file can be read, if that is so."""
        line = self.take()
        if line is None:
            return self.unreadable(0, "file", "", "it is empty", "export it again")
        self.give_back([line])
        if line.startswith(_FOREIGN):
            problem = f"it is written in UTF-16, not {self.encoding}"
            remedy = f"save it as {self.encoding}, or name its encoding in the mapping"
            return self.unreadable(0, "file", "", problem, remedy)
        return None

    def close(self) -> None:
        """Let go of the stream without closing it."""
        self._text.detach()

    def cut_short(self) -> bool:
        """Tell whether the file ended just now, in the middle of a line."""
        return self.ended() and not self.complete

    def unreadable(
        self,
        number: int,
        column: str,
        value: str,
        problem: str,
        remedy: str,
        cells: Mapping[str, Any] | None = None,
    ) -> Unreadable:
        """Build the reject of a row of this file."""
        reject = Reject(
            file=self.name,
            row=number,
            field=column or "row",
            value=shown(value),
            problem=problem,
            remedy=remedy,
        )
        return Unreadable(reject, cells or {})

    def spoiled(self, number: int, cells: Mapping[str, str]) -> Unreadable | None:
        """Find the first cell with foreign bytes, a NUL, or far too much in it."""
        for column, cell in cells.items():
            if any("\udc80" <= char <= "\udcff" for char in cell):
                problem = f"it holds bytes that are not {self.encoding}"
                remedy = f"save the file as {self.encoding}, or name its encoding"
            elif "\0" in cell:
                problem, remedy = "it holds a NUL byte", "remove the NUL byte"
            elif len(cell) > CELL_CHARS:
                problem = f"it is {len(cell)} characters long"
                remedy = f"give at most {CELL_CHARS} characters"
            else:
                continue
            bad = self.unreadable(number, column, cell, problem, remedy, cells)
            return replace(bad, whole=True)
        return None
