"""Two trading partners that speak X12: a warehouse and a freight carrier.

They see nothing but files. They read ours with a reader of their own, have each
judged by the strict referee, and write theirs by hand, cleanly or not.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from connectors.connection import Connection
from tests.unit.connectors.x12.referee import complaints

Segment = list[str]
US = "LANEWISE"


@dataclass
class Mailbox:
    """A partner's side of a drop."""

    root: Path
    name: str
    now: datetime
    received: list[list[Segment]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    sent: dict[str, tuple[str, list[Segment]]] = field(default_factory=dict)

    def connection(self, kind: str, **more: object) -> Connection:
        """Say how Lanewise reaches this partner."""
        options = {
            "drop": str(self.root / "drop"),
            "state": str(self.root / "state"),
            "our_id": US,
            "partner_id": self.name,
            "scacs": {"SWIFT": "SWFT", "TRUSTY": "TRST"},
        }
        return Connection.model_validate(
            {"name": self.name.lower(), "kind": kind, "provider": "x12"}
            | {"options": options}
            | more
        )

    def taken(self) -> list[list[Segment]]:
        """Take the interchanges that were put here since, oldest first."""
        found = []
        for path in sorted(
            (p for p in self._folder("outbound").iterdir() if p.name[0] != "."),
            key=lambda p: p.name[-13:],
        ):
            content = path.read_bytes()
            path.unlink()
            assert complaints(content) == []
            text = content.decode("ascii")
            parts = [part.strip("\r\n") for part in text.split(text[105])]
            found.append([part.split(text[3]) for part in parts if part])
        self.received += found
        return found

    def send(
        self,
        group: str,
        kind: str,
        body: Sequence[Segment],
        *,
        miscounted: int = 0,
    ) -> str:
        """Write one document under the next control number; return that number."""
        control = len(self.sent) + 1
        self.sent[str(control)] = (kind, list(body))
        day, clock = f"{self.now:%Y%m%d}", f"{self.now:%H%M}"
        blank, me, us = " " * 10, f"{self.name:<15}", f"{US:<15}"
        isa = ["ISA", "00", blank, "00", blank, "ZZ", me, "ZZ", us, day[2:], clock]
        rows = [
            [*isa, "U", "00401", f"{control:09d}", "0", "P", ">"],
            ["GS", group, self.name, US, day, clock, str(control), "X", "004010"],
            ["ST", kind, "0001"],
            *body,
            ["SE", str(len(body) + 2 + miscounted), "0001"],
            ["GE", "1", str(control)],
            ["IEA", "1", f"{control:09d}"],
        ]
        text = "".join("*".join(row).rstrip("*") + "~\n" for row in rows)
        folder = self._folder("inbound")
        (folder / f".{control}").write_text(text)
        (folder / f".{control}").rename(folder / f"{self.name}-{control:04d}.edi")
        return str(control)

    def acknowledge(self, interchange: list[Segment]) -> None:
        """Say that everything in an interchange could be read."""
        group = next(row for row in interchange if row[0] == "GS")
        sets = [row for row in interchange if row[0] == "ST"]
        body = [["AK1", group[1], group[6]]]
        for row in sets:
            body += [["AK2", row[1], row[2]], ["AK5", "A"]]
        count = str(len(sets))
        self.send("FA", "997", [*body, ["AK9", "A", count, count, count]])

    def hear(self, interchange: list[Segment]) -> list[str]:
        """Read acknowledgments of ours; return the controls of what was refused."""
        (group,) = (row for row in interchange if row[0] == "AK1")
        if any(row[0] == "AK5" and row[1] == "R" for row in interchange):
            self.refused.append(group[2])
            return [group[2]]
        return []

    def _folder(self, name: str) -> Path:
        folder = self.root / "drop" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


@dataclass
class Birchwood(Mailbox):
    """A warehouse: takes 940, sends 945 at once; some of them need a second try."""

    short: dict[str, int] = field(default_factory=dict)
    miscounts: int = 0
    twice: bool = False
    odd_codes: bool = False
    shipped: list[str] = field(default_factory=list)

    def turn(self) -> None:
        """Deal with everything that has come."""
        for interchange in self.taken():
            (head,) = (row for row in interchange if row[0] == "ST")
            if head[1] == "997":
                for control in self.hear(interchange):
                    self.send("SW", *self.sent[control])
                continue
            self.acknowledge(interchange)
            order = next(row for row in interchange if row[0] == "W05")
            if order[1] == "N":
                self._ship(order[2], interchange)

    def _ship(self, number: str, interchange: list[Segment]) -> None:
        lines = {row[5]: int(row[1]) for row in interchange if row[0] == "W01"}
        at = self.now + timedelta(hours=4)
        body = [
            ["W06", "F", number, f"{self.now:%Y%m%d}", f"BW{len(self.shipped)}"],
            ["N1", "WH", "BIRCHWOOD", "92", "01"],
            ["G62", "11", f"{at:%Y%m%d}", "8", f"{at:%H%M}", "UT"],
            ["W27", "M", "SWFT"],
        ]
        for place, (sku, units) in enumerate(lines.items(), 1):
            left = units - self.short.pop(sku, 0)
            status = "Q?" if self.odd_codes else "CC" if left == units else "CP"
            row = ["W12", status, str(units), str(left), str(units - left), "EA"]
            body += [["LX", str(place)], [*row, "", "VN", sku]]
        body += [["ZZZ", "our own"]] if self.odd_codes else []
        self.shipped.append(number)
        self.send("SW", "945", body, miscounted=self.miscounts)
        self.miscounts = 0
        if self.twice:
            self.send("SW", "945", body)


@dataclass
class Freighters(Mailbox):
    """A broker of freight carriers: takes 204, sends 990 and 214."""

    declines: set[str] = field(default_factory=set)
    silent: bool = False
    offered: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    under_way: dict[str, str] = field(default_factory=dict)

    def turn(self) -> None:
        """Deal with everything that has come."""
        for interchange in self.taken():
            (head,) = (row for row in interchange if row[0] == "ST")
            if head[1] == "997":
                self.hear(interchange)
                continue
            self.acknowledge(interchange)
            load = next(row for row in interchange if row[0] == "B2")
            purpose = next(row for row in interchange if row[0] == "B2A")[1]
            if purpose == "01":
                self.withdrawn.append(load[4])
            else:
                self.offered.append(load[4])
                self._answer(load[2], load[4])

    def drives(self, tracking: set[str]) -> None:
        """Bring what left under these numbers to the door."""
        for number in sorted(tracking & set(self.under_way)):
            reference = self.under_way.pop(number)
            for hours, code in ((5, "AF"), (9, "X6"), (20, "ZQ"), (30, "X1")):
                self._tell(reference, number, code, hours)
            self._tell(reference, number, "D1", 31)

    def _answer(self, scac: str, reference: str) -> None:
        if self.silent:
            return
        answer = "D" if scac in self.declines else "A"
        number = f"PRO{len(self.offered):05d}"
        body = [["B1", scac, reference, f"{self.now:%Y%m%d}", answer]]
        if answer == "A":
            self.under_way[number] = reference
            body.append(["N9", "CN", number])
        self.send("GF", "990", body)

    def _tell(self, reference: str, number: str, code: str, hours: int) -> None:
        at = self.now + timedelta(hours=hours)
        event = ["AT7", code, "NS", "", "", f"{at:%Y%m%d}", f"{at:%H%M}", "UT"]
        body = [["B10", number, reference, "SWFT"], ["LX", "1"], event]
        self.send("QM", "214", body)


async def trade(warehouse: Birchwood, carriers: Freighters) -> None:
    """Let both partners do their day's work, until cancelled."""
    while True:
        warehouse.turn()
        carriers.turn()
        await asyncio.sleep(0.02)
