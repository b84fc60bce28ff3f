"""Everything that is wrong with a file, without acting on any of it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from connectors.x12.defects import Defect
from connectors.x12.envelope import Loose, read_envelopes
from connectors.x12.exchange import Group, Interchange, TransactionSet
from connectors.x12.reading import Terms, read_set


def examine(stream: BinaryIO, terms: Terms) -> Iterator[Defect]:
    """List the defects of a file: envelopes, grammar, and what cannot be used.

    Parameters
    ----------
    stream
        The file; it is read in bounded memory.
    terms
        As for reading; nothing is tolerated.

    Returns
    -------
    Iterator
        Defects by interchange: those of each set when it ends, those of its
        group and interchange after all of their sets.
    """
    strict = replace(terms, tolerated=frozenset())
    interchange: Interchange | None = None
    group: Group | None = None
    for event in read_envelopes(stream):
        match event:
            case Loose():
                yield event.defect
            case Interchange():
                yield from _about(group, interchange)
                interchange, group = event, None
            case Group():
                yield from _about(group, None)
                group = event
            case TransactionSet():
                group = event.group
                yield from read_set(event, strict).verdict.defects
    yield from _about(group, interchange)


def _about(group: Group | None, interchange: Interchange | None) -> Iterator[Defect]:
    yield from group.defects if group is not None else ()
    yield from interchange.defects if interchange is not None else ()
