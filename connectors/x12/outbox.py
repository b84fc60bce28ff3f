"""What we send: numbered, written once, and watched until it is acknowledged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connectors.x12.acknowledgment import Acknowledgment
from connectors.x12.defects import Defect, Severity, worst
from connectors.x12.drop import FileDrop, Folder
from connectors.x12.elements import read_date, valid_time
from connectors.x12.exchange import Interchange
from connectors.x12.facts import Fact
from connectors.x12.ledger import Ledger, Record
from connectors.x12.segments import Segment
from connectors.x12.settings import X12Settings
from connectors.x12.values import whole
from connectors.x12.writer import Document, Envelope, write_interchange, write_ta1

ACCEPTED = frozenset("AE")
_COUNTER = "interchange"
# What no 997 came for yet: a short list beside all that was ever sent.
_WAITING = "waiting"
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Posted:
    """A document of ours: its control number, when it left, what was answered.

    ``answer`` is A, E, P, R, … of the partner's 997 (or R of its TA1), empty
    while there is none; ``complaints`` say what it found wrong.
    """

    set_id: str
    reference: str
    control: int
    at: datetime
    answer: str = ""
    complaints: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        return bool(self.answer) and self.answer not in ACCEPTED


class Outbox:
    """A partner's outbound folder. Its methods are for holders of the lock."""

    def __init__(self, settings: X12Settings, drop: FileDrop, ledger: Ledger) -> None:
        self._settings = settings
        self._drop = drop
        self._ledger = ledger

    def post(self, document: Document, reference: str, now: datetime) -> Posted:
        """Send a document under a reference, once however often it is asked.

        The control number and the content are decided and kept before the
        file is written, so a repetition after a lost answer writes the very
        same interchange, which a partner knows for a copy.

        Raises
        ------
        InvalidRequest
            When something in it cannot be sent; no number is used up.
        Unavailable
            When the file could not be written.
        """
        name = _name(document.id, reference)
        record = self._ledger.read("posted", name)
        if record is None:
            control = self._ledger.peek_number(_COUNTER)
            content = write_interchange(self._envelope(control, now), [document])
            record = {
                **{"set": document.id, "reference": reference, "control": control},
                **{"at": now.isoformat(), "sent": False},
                "content": content.decode("ascii"),
            }
            self._ledger.write("posted", name, record)
            self._ledger.next_number(_COUNTER)
        if not record["sent"]:
            content = str(record["content"]).encode("ascii")
            file = _file(document.id, int(record["control"]))
            self._drop.write(Folder.OUTBOUND, file, content)
            record = {key: record[key] for key in record if key != "content"}
            record["sent"] = True
            number = f"{record['control']:09d}"
            self._ledger.write("sent", number, record)
            self._ledger.write(_WAITING, number, {"told": False})
            self._ledger.write("posted", name, record)
        return self._posted(record)

    def check(self, document: Document) -> None:
        """Raise what posting a document would raise for what it holds."""
        write_interchange(self._envelope(1, _ANY_TIME), [document])

    def find(self, set_id: str, reference: str) -> Posted | None:
        """Look up a document that left under a reference, and its answer."""
        record = self._ledger.read("posted", _name(set_id, reference))
        return self._posted(record) if record and record["sent"] else None

    def withdraw(self, posted: Posted) -> bool:
        """Take a document back that the partner has not picked up yet."""
        file = _file(posted.set_id, posted.control)
        return self._drop.move(file, Folder.OUTBOUND, Folder.FAILED)

    def unacknowledged(self, now: datetime) -> tuple[Posted, ...]:
        """List what has waited too long for its 997, longest first."""
        found = [self._posted(record) for record, _ in self._waiting(now)]
        return tuple(sorted(found, key=lambda posted: (posted.at, posted.control)))

    def newly_overdue(self, now: datetime) -> tuple[Posted, ...]:
        """List what is overdue and was not listed by this before."""
        found: list[Posted] = []
        for record, told in self._waiting(now):
            if not told:
                number = f"{record['control']:09d}"
                self._ledger.write(_WAITING, number, {"told": True})
                found.append(self._posted(record))
        return tuple(found)

    def _waiting(self, now: datetime) -> Iterator[tuple[Record, bool]]:
        """Yield what has waited too long, and whether that was told."""
        hours = self._settings.acknowledged_within_h
        if hours is None:
            return
        limit = now - timedelta(hours=hours)
        for number in self._ledger.names(_WAITING):
            record = self._ledger.read("sent", number)
            mark = self._ledger.read(_WAITING, number)
            if record and mark and self._posted(record).at <= limit:
                yield record, bool(mark["told"])

    def acknowledge(self, documents: Sequence[Document], now: datetime) -> None:
        """Send functional acknowledgments; nobody acknowledges those."""
        control = self._ledger.next_number(_COUNTER)
        content = write_interchange(self._envelope(control, now), documents)
        self._drop.write(Folder.OUTBOUND, _file("997", control), content)

    def answer_interchange(
        self, interchange: Interchange, defects: tuple[Defect, ...], now: datetime
    ) -> None:
        """Send a TA1 on an interchange, if it has a number to name."""
        number = whole(interchange.control)
        if number is None or len(interchange.control) > 9:
            return
        wrong = sorted(
            (d for d in defects if d.code), key=lambda d: d.severity, reverse=True
        )
        severity = worst(tuple(wrong))
        code = {Severity.REJECTED: "R", Severity.ACCEPTED_WITH_ERRORS: "E"}.get(
            severity, "A"
        )
        day, clock = interchange.header.element(9), interchange.header.element(10)
        known = read_date(day) is not None and valid_time(clock) and len(clock) == 4
        report = (
            f"{number:09d}",
            day if known and len(day) == 6 else f"{now:%y%m%d}",
            clock if known and len(day) == 6 else f"{now:%H%M}",
            code,
            wrong[0].code if wrong and code != "A" else "000",
        )
        control = self._ledger.next_number(_COUNTER)
        content = write_ta1(self._envelope(control, now), report)
        self._drop.write(Folder.OUTBOUND, _file("ta1", control), content)

    def group_answered(
        self, acknowledgment: Acknowledgment, now: datetime
    ) -> tuple[Fact, ...]:
        """Keep what a 997 says of what we sent; a fact for each document."""
        return self._answered(int(acknowledgment.control), acknowledgment, (), now)

    def interchange_answered(self, ta1: Segment, now: datetime) -> tuple[Fact, ...]:
        """Keep a TA1's refusal of what we sent; its approval says too little."""
        control = whole(ta1.element(1))
        if control is not None and ta1.element(4).strip().upper() == "R":
            refusal = Acknowledgment("", str(control), "R")
            note = (f"TA1: interchange refused, note {ta1.element(5).strip()}",)
            return self._answered(control, refusal, note, now)
        return ()

    def _answered(
        self,
        control: int,
        acknowledgment: Acknowledgment,
        notes: tuple[str, ...],
        now: datetime,
    ) -> tuple[Fact, ...]:
        name = f"{control:09d}"
        record = self._ledger.read("sent", name)
        if record is None:
            return ()
        # Every interchange of ours holds one set, numbered 0001.
        answer = acknowledgment.of(str(record["set"]), "0001")
        # A refusal is final, whatever older approval comes late. The same
        # answer again makes the same fact again: the file may be read twice.
        given = str(record.get("answer") or "")
        if given and given not in ACCEPTED and answer.code in ACCEPTED:
            return ()
        record |= {
            "answer": answer.code or "R",
            "answered_at": now.isoformat(),
            "complaints": [*notes, *answer.complaints][:50],
        }
        self._ledger.write("sent", name, record)
        self._ledger.remove(_WAITING, name)
        self._ledger.write("posted", _name(record["set"], record["reference"]), record)
        fact = {key: record[key] for key in ("set", "reference", "control", "answer")}
        fact |= {"kind": "answered", "at": now.isoformat()}
        return ({**fact, "complaints": record["complaints"]},)

    def _envelope(self, control: int, now: datetime) -> Envelope:
        settings = self._settings
        return Envelope(
            sender=settings.us,
            receiver=settings.partner,
            control=control,
            at=now.astimezone(settings.zone),
            version=settings.version,
            separators=settings.separators,
            test=settings.test,
            wants_ta1=settings.wants_ta1,
            line_breaks=settings.line_breaks,
        )

    def _posted(self, record: Record) -> Posted:
        return Posted(
            set_id=str(record["set"]),
            reference=str(record["reference"]),
            control=int(record["control"]),
            at=datetime.fromisoformat(str(record["at"])).astimezone(UTC),
            answer=str(record.get("answer") or ""),
            complaints=tuple(record.get("complaints") or ()),
        )


def _name(set_id: str, reference: str) -> str:
    return f"{set_id}-{reference}"


def _file(set_id: str, control: int) -> str:
    return f"{set_id}-{control:09d}.edi"
