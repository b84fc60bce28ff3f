"""Solve the day by one integer program made straight from the CSV files.

Run ``python examples/brunel/direct.py DATA``: it shares nothing with Lanewise, and
says the most orders that can be served and the least cents for which they can.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from pathlib import Path

from ortools.math_opt.python import mathopt
from rich.console import Console

COLLECTED, TRUCK_G, STATED_TO_G = "CRF", 5_000_000, 10
Run = tuple[str, str, str, str]


def rows(data: Path, name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a file, without blanks around names and cells."""
    with (data / name).open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            cells = {key.strip(): (cell or "").strip() for key, cell in row.items()}
            if any(cells.values()):
                yield cells


def number(text: str) -> Decimal:
    """Return a number that may have a currency sign and commas."""
    return Decimal(text.replace("$", "").replace(",", "").strip())


def nearest(value: Decimal) -> int:
    """Round to the nearest whole number, halves up."""
    return int((value + Decimal("0.5")) // 1)


@dataclass(frozen=True)
class Air:
    """One band of an air rate: its weights in grams, its minimum, cents a kilogram."""

    from_g: Decimal
    to_g: Decimal
    minimum: Decimal
    per_kg: Decimal


class Day:
    """The tables of the day."""

    def __init__(self, data: Path) -> None:
        self.capacity = {
            row["Plant ID"]: int(row["Daily Capacity"])
            for row in rows(data, "WhCapacities.csv")
        }
        self.unit = {
            row["WH"]: number(row["Cost/unit"])
            for row in rows(data, "WhCosts.csv")
            if row["WH"]
        }
        self.ports = pairs(data, "PlantPorts.csv", "Plant Code", "Port")
        self.has = pairs(data, "ProductsPerPlant.csv", "Product ID", "Plant Code")
        self.only = pairs(data, "VmiCustomers.csv", "Plant Code", "Customers")
        self.air: dict[tuple[str, str], list[Air]] = defaultdict(list)
        self.trucks: dict[tuple[str, str, str], int] = {}
        for row in rows(data, "FreightRates.csv"):
            lane, rate = (row["orig_port_cd"], row["svc_cd"]), number(row["rate"]) * 100
            if row["mode_dsc"] == "AIR":
                ends = (number(row[f"{end}_wgh_qty"]) * 1000 for end in ("minm", "max"))
                self.air[lane].append(
                    Air(*ends, number(row["minimum cost"]) * 100, rate)
                )
            else:
                key = (row["Carrier"], *lane)
                self.trucks[key] = min(int(rate), self.trucks.get(key, int(rate)))

    def air_cents(self, plant: str, level: str, grams: int) -> int | None:
        """Return the cheapest air freight from a plant, None where no band holds it."""
        prices = [
            max(int(band.minimum), nearest(band.per_kg * grams / 1000))
            for port in self.ports[plant]
            for band in self.air[port, level]
            if band.from_g <= grams < band.to_g + STATED_TO_G
        ]
        return min(prices, default=None)


def pairs(data: Path, name: str, one: str, other: str) -> dict[str, set[str]]:
    """Return what a table of pairs says of each first one."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows(data, name):
        found[row[one]].add(row[other])
    return found


class Model:
    """Orders choose a plant and a way; plants have a day, trucks a price."""

    def __init__(self, data: Path) -> None:
        self.day, self.program = Day(data), mathopt.Model()
        self.chosen: list[mathopt.Variable] = []
        self.cents: list[tuple[int, mathopt.Variable]] = []
        self.at: dict[str, list[mathopt.Variable]] = defaultdict(list)
        self.aboard: dict[Run, list[tuple[int, mathopt.Variable]]] = defaultdict(list)
        for row in rows(data, "OrderList.csv"):
            self._order(row)
        for plant, taken in self.at.items():
            self.program.add_linear_constraint(
                mathopt.LinearSum(taken) <= self.day.capacity[plant]
            )
        for (plant, *run), riders in self.aboard.items():
            carrier, port, level = run
            sent = self.program.add_integer_variable(lb=0, name=f"{plant} {run}")
            load = mathopt.LinearSum(grams / TRUCK_G * on for grams, on in riders)
            self.program.add_linear_constraint(load <= sent)
            self.cents.append((self.day.trucks[carrier, port, level], sent))

    def _order(self, row: dict[str, str]) -> None:
        kilograms = number(row["Weight"])
        grams = int((kilograms * 1000).to_integral_value(ROUND_CEILING))
        if grams <= 0:
            return
        mine: list[mathopt.Variable] = []
        for plant in sorted(self.day.has[row["Product ID"]] & set(self.day.capacity)):
            only = self.day.only.get(plant)
            if only is None or row["Customer"] in only:
                self._ways(plant, row, grams, mine)
        if mine:
            self.program.add_linear_constraint(mathopt.LinearSum(mine) <= 1)
        self.chosen += mine

    def _ways(
        self, plant: str, row: dict[str, str], grams: int, mine: list[mathopt.Variable]
    ) -> None:
        level, units = row["Service Level"], number(row["Unit quantity"])
        handling = nearest(self.day.unit[plant] * 100 * units)
        freight = 0 if level == COLLECTED else self.day.air_cents(plant, level, grams)
        ways: list[tuple[int, Run | None]] = []
        if freight is not None:
            ways.append((handling + freight, None))
        for carrier, port, to in self.day.trucks:
            if port in self.day.ports[plant] and to == level:
                ways.append((handling, (plant, carrier, port, to)))
        for cents, run in ways:
            on = self.program.add_binary_variable()
            mine.append(on)
            self.at[plant].append(on)
            self.cents.append((cents, on))
            if run is not None:
                self.aboard[run].append((grams, on))

    def solved(self) -> tuple[int, int]:
        """Return the most orders that can be served, and the least cents for that."""
        served = mathopt.LinearSum(self.chosen)
        self.program.maximize(served)
        most = round(self._optimum())
        self.program.add_linear_constraint(served >= most)
        self.program.minimize(mathopt.LinearSum(each * on for each, on in self.cents))
        return most, round(self._optimum())

    def _optimum(self) -> float:
        limits = mathopt.SolveParameters(
            relative_gap_tolerance=0.0, absolute_gap_tolerance=0.5
        )
        answer = mathopt.solve(self.program, mathopt.SolverType.HIGHS, params=limits)
        if answer.termination.reason is not mathopt.TerminationReason.OPTIMAL:
            msg = f"HiGHS did not finish: {answer.termination}"
            raise RuntimeError(msg)
        return answer.objective_value()


if __name__ == "__main__":
    most, least = Model(Path(sys.argv[1])).solved()
    Console().print(f"{most:,} orders at most, for ${least / 100:,.2f} at least")
