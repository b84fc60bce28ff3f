"""What a partner sends: picked up once, judged, kept, acknowledged, filed away."""

import hashlib
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import BinaryIO

from connectors.x12.acknowledgment import (
    Acknowledgment,
    GroupVerdict,
    acknowledgment_document,
)
from connectors.x12.defects import Defect, Level, Severity, worst
from connectors.x12.drop import DroppedFile, FileDrop, Folder
from connectors.x12.envelope import Acknowledged, Loose, read_envelopes
from connectors.x12.exchange import Group, Interchange, TransactionSet
from connectors.x12.facts import Fact, FactLog, problem
from connectors.x12.ledger import Ledger, Record
from connectors.x12.outbox import Outbox
from connectors.x12.reading import Received, Terms, read_set
from connectors.x12.separators import ISA_LENGTH
from connectors.x12.settings import X12Settings

logger = logging.getLogger(__name__)

_COMPLETE = re.compile(rb"IEA\W\d{1,5}\W\d{1,9}\s*[^\w\s]?\s*\x1a?\s*$", re.IGNORECASE)
_TAIL = 200
# How often a file may break us off (a crash, no memory) before it is set aside.
MAX_ATTEMPTS = 3
_SHOWN_DEFECTS = 1_000

# What a set means to us: facts to keep, as JSON objects, oldest first.
Take = Callable[[Received], tuple[Fact, ...]]


@dataclass
class _File:
    """One file while it is read."""

    name: str
    ordinal: int
    facts: FactLog
    sets: int = 0
    rejected: int = 0
    defects: list[Defect] = field(default_factory=list)

    def note(self, found: tuple[Defect, ...]) -> None:
        room = _SHOWN_DEFECTS - len(self.defects)
        self.defects += [d for d in found if d.severity > Severity.NOTED][:room]


@dataclass
class _Exchange:
    """One interchange while it is read."""

    interchange: Interchange
    refusal: Defect | None
    groups: list[GroupVerdict] = field(default_factory=list)
    open: tuple[Group, GroupVerdict] | None = None


class Inbox:
    """A partner's inbound folder."""

    def __init__(
        self, settings: X12Settings, drop: FileDrop, ledger: Ledger, outbox: Outbox
    ) -> None:
        self._settings = settings
        self._drop = drop
        self._ledger = ledger
        self._outbox = outbox

    def collect(self, take: Take, expected: frozenset[str], now: datetime) -> int:
        """Read everything that has arrived whole, oldest first.

        A file is read once: its content and each interchange's control number
        are remembered, and a second one goes to ``failed`` untaken. Facts are
        kept once the whole file was read; after a crash half way it is read
        again, so ``take`` must answer the same origin with the same facts.

        Returns
        -------
        int
            How many files were dealt with.
        """
        terms = Terms(
            zone=self._settings.zone,
            now=now,
            expected=expected | {"997"},
            tolerated=self._settings.tolerated,
            sku_qualifier=self._settings.sku_qualifier,
            units_of_measure=self._settings.units_of_measure,
        )
        done = 0
        with self._ledger.locked():
            for file in self._drop.list(Folder.INBOUND):
                if self._whole(file, now):
                    self._receive(file, take, terms)
                    done += 1
            self._tell_overdue(now)
        return done

    def _tell_overdue(self, now: datetime) -> None:
        """Keep a problem, once, for each document that no 997 came for in time."""
        facts = tuple(
            problem(
                f"{posted.set_id} {posted.reference}, sent {posted.at:%Y-%m-%d %H:%M}Z "
                f"as {posted.control:09d}, was not acknowledged within "
                f"{self._settings.acknowledged_within_h} h; ask the partner"
            )
            for posted in self._outbox.newly_overdue(now)
        )
        if facts:
            ordinal = self._ledger.next_number("received")
            log = FactLog(self._ledger.facts, ordinal)
            log.add(*facts)
            log.close()

    def _whole(self, file: DroppedFile, now: datetime) -> bool:
        """Tell whether a file has come to its end, or stopped growing."""
        if now - file.modified_at >= timedelta(seconds=self._settings.settle_s):
            return True
        if file.size <= ISA_LENGTH:
            return False
        with self._drop.read(Folder.INBOUND, file.name) as stream:
            stream.seek(max(0, file.size - _TAIL))
            return _COMPLETE.search(stream.read(_TAIL)) is not None

    def _receive(self, file: DroppedFile, take: Take, terms: Terms) -> None:
        with self._drop.read(Folder.INBOUND, file.name) as stream:
            digest = _digest(stream)
        known = self._ledger.read("files", digest)
        if known is not None and known.get("done"):
            first = known.get("name")
            msg = f"the same content was received before as {first!r}; not read again"
            self._file_away(
                file.name, [_about_file("duplicate-file", msg)], failed=True
            )
            return
        if known is None:
            ordinal = self._ledger.next_number("received")
            known = {"digest": digest, "ordinal": ordinal}
        attempts = int(known.get("attempts", 0)) + 1
        known |= {"name": file.name, "attempts": attempts, "done": False}
        self._ledger.write("files", digest, known)
        if attempts > MAX_ATTEMPTS:
            self._give_up(file, known)
            return
        ordinal = int(known["ordinal"])
        reading = _File(file.name, ordinal, FactLog(self._ledger.facts, ordinal))
        try:
            with self._drop.read(Folder.INBOUND, file.name) as stream:
                self._read(stream, reading, take, terms)
        except BaseException:
            reading.facts.abandon()
            raise
        reading.facts.close()
        self._ledger.write("files", digest, known | {"done": True})
        failed = reading.rejected > 0 or worst(tuple(reading.defects)) is (
            Severity.REJECTED
        )
        self._file_away(file.name, reading.defects, failed=failed)

    def _give_up(self, file: DroppedFile, known: Record) -> None:
        """Set aside a file at which we broke down, so that others are read."""
        msg = f"reading it broke off {MAX_ATTEMPTS} times; it is not tried again"
        log = FactLog(self._ledger.facts, int(known["ordinal"]))
        log.add(problem(f"{file.name}: {msg}"))
        log.close()
        self._ledger.write("files", str(known["digest"]), known | {"done": True})
        self._file_away(file.name, [_about_file("gave-up", msg)], failed=True)

    def _read(self, stream: BinaryIO, file: _File, take: Take, terms: Terms) -> None:
        exchange: _Exchange | None = None
        for event in read_envelopes(stream):
            match event:
                case Loose():
                    file.note((event.defect.tolerated(terms.tolerated),))
                case Interchange():
                    self._end(exchange, file, terms)
                    exchange = _Exchange(event, self._refusal(event, file))
                case Group() if exchange is not None:
                    _end_group(exchange, file, terms)
                    exchange.open = (
                        event,
                        GroupVerdict(event.functional_id, event.control, event.version),
                    )
                case TransactionSet() if exchange is not None:
                    self._set(event, exchange, file, take, terms)
                case Acknowledged() if exchange is not None and not exchange.refusal:
                    told = self._outbox.interchange_answered(event.segment, terms.now)
                    file.facts.add(*told)
        self._end(exchange, file, terms)
        if exchange is None:
            text = f"{file.name}: there is no X12 in it; it is among the failed files"
            file.facts.add(problem(text))

    def _set(
        self,
        received: TransactionSet,
        exchange: _Exchange,
        file: _File,
        take: Take,
        terms: Terms,
    ) -> None:
        if exchange.refusal is not None:
            file.rejected += 1
            return
        file.sets += 1
        result = replace(
            read_set(received, terms), origin=f"{file.ordinal}.{file.sets}"
        )
        file.note(result.verdict.defects)
        file.rejected += result.verdict.code == "R"
        if exchange.open is not None and exchange.open[0] is received.group:
            exchange.open[1].add(result.verdict)
        if isinstance(result.document, Acknowledgment):
            file.facts.add(*self._outbox.group_answered(result.document, terms.now))
        elif result.document is not None:
            file.facts.add(*take(result))
        elif result.verdict.code == "R":
            wrong = result.verdict.defects
            first = next(d for d in wrong if d.severity is Severity.REJECTED)
            where = f"{received.id} {received.control} in {file.name}"
            file.facts.add(problem(f"{where} was rejected: {first}"))

    def _refusal(self, interchange: Interchange, file: _File) -> Defect | None:
        found = self._stranger(interchange) or self._repeated(interchange, file)
        if found is not None:
            found = found.tolerated(self._settings.tolerated)
        wrong = [d for d in interchange.defects if d.severity is Severity.REJECTED]
        if found is None and wrong:
            found = wrong[0].tolerated(self._settings.tolerated)
        if found is not None:
            file.note((found,))
        return found if found and found.severity is Severity.REJECTED else None

    def _stranger(self, interchange: Interchange) -> Defect | None:
        settings, header = self._settings, interchange.header
        qualifier, party = interchange.sender
        if not _alike(
            (qualifier, party), (settings.partner_qualifier, settings.partner_id)
        ):
            right = f"{settings.partner_qualifier}/{settings.partner_id}"
            msg = f"sent by {qualifier}/{party}; this drop is {right}'s"
            return _about(interchange, "wrong-sender", msg, "006", 6)
        qualifier, party = interchange.receiver
        if not _alike((qualifier, party), (settings.our_qualifier, settings.our_id)):
            right = f"{settings.our_qualifier}/{settings.our_id}"
            msg = f"addressed to {qualifier}/{party}; we are {right}"
            return _about(interchange, "wrong-receiver", msg, "008", 8)
        if interchange.test != settings.test:
            right = "T" if settings.test else "P"
            msg = f"usage {header.element(15)!r}; this connection is for {right!r}"
            return _about(interchange, "wrong-usage", msg, "020", 15)
        return None

    def _repeated(self, interchange: Interchange, file: _File) -> Defect | None:
        name = _number(interchange)
        known = self._ledger.read("interchanges", name)
        place = f"{file.ordinal}.{interchange.ordinal}"
        if known is not None and known.get("place") != place:
            msg = (
                f"control number {interchange.control!r} was used before, in "
                f"{known.get('file')!r}; a partner counts on, or says it starts over"
            )
            return _about(interchange, "duplicate-control", msg, "025", 13)
        self._ledger.write("interchanges", name, {"place": place, "file": file.name})
        return None

    def _end(self, exchange: _Exchange | None, file: _File, terms: Terms) -> None:
        if exchange is None:
            return
        _end_group(exchange, file, terms)
        interchange = exchange.interchange
        defects = tuple(d.tolerated(terms.tolerated) for d in interchange.defects)
        if exchange.refusal is None:
            file.note(defects)
            if not interchange.closed and "iea-missing" not in terms.tolerated:
                # Whoever was cut off sends it again, under the same number.
                self._ledger.remove("interchanges", _number(interchange))
                text = "it ends without IEA; what is whole in it was read, the"
                file.facts.add(problem(f"{file.name}: {text} rest is to be sent again"))
        else:
            file.rejected += 1
            defects = (exchange.refusal,)
            text = f"{file.name} was refused: {exchange.refusal}"
            file.facts.add(problem(text))
        wanted = interchange.header.element(14).strip() == "1"
        if self._settings.send_ta1 and (wanted or exchange.refusal is not None):
            self._outbox.answer_interchange(interchange, defects, terms.now)
        if not self._settings.acknowledge or exchange.refusal is not None:
            return
        documents = [
            document
            for group in exchange.groups
            # Acknowledgments of acknowledgments would never end.
            if group.functional_id != "FA"
            and (document := acknowledgment_document(group)) is not None
        ]
        if documents:
            self._outbox.acknowledge(documents, terms.now)

    def _file_away(self, name: str, defects: list[Defect], *, failed: bool) -> None:
        target = Folder.FAILED if failed else Folder.PROCESSED
        if defects:
            text = "".join(f"{defect}\n" for defect in defects)
            self._drop.write(target, f"{name}.report.txt", text.encode())
        self._drop.move(name, Folder.INBOUND, target)
        if failed:
            logger.warning(
                "x12: a file from %s was refused in whole or part; see its report",
                self._settings.partner_id,
                extra={"file": name, "defects": len(defects)},
            )


def _alike(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Tell whether two parties are one: some systems write small letters."""
    return [part.upper() for part in one] == [part.upper() for part in other]


def _number(interchange: Interchange) -> str:
    return "-".join((*interchange.sender, interchange.control))


def _end_group(exchange: _Exchange, file: _File, terms: Terms) -> None:
    if exchange.open is None:
        return
    group, verdict = exchange.open
    verdict.announced = group.announced
    verdict.defects = tuple(d.tolerated(terms.tolerated) for d in group.defects)
    file.note(verdict.defects)
    exchange.groups.append(verdict)
    exchange.open = None


def _about(
    interchange: Interchange, kind: str, message: str, code: str, element: int
) -> Defect:
    header = interchange.header
    return Defect(
        *(kind, Severity.REJECTED, Level.INTERCHANGE, "ISA", header.line, message),
        element=element,
        value=header.element(element).strip(),
        code=code,
    )


def _about_file(kind: str, message: str) -> Defect:
    return Defect(kind, Severity.REJECTED, Level.FILE, "", 0, message)


def _digest(stream: BinaryIO) -> str:
    found = hashlib.sha256()
    for chunk in iter(lambda: stream.read(1 << 16), b""):
        found.update(chunk)
    return found.hexdigest()
