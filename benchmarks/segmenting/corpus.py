"""Draws rules and orders' facts for measuring: seeded, over the real schema.

A hundred rules are the first hundred of a thousand. Facts are drawn one by one,
without regard to each other; limits in rules are drawn from the same spread.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from random import Random

from domain.segment import Fact
from domain.subject import SubjectKind
from segmentation.fact_table import SCHEMA
from segmentation.window import Window

MISSING = 0.1


@dataclass(frozen=True, slots=True)
class Amount:
    """A spread of numbers; the greater the skew, the more of them are small."""

    low: float
    high: float
    skew: float
    whole: bool = True

    def at(self, quantile: float) -> int | float:
        value: float = self.low + (self.high - self.low) * quantile**self.skew
        return round(value) if self.whole else round(value, 6)


AMOUNTS = {
    "lines": Amount(1, 14, 3),
    "units": Amount(1, 400, 4),
    "max_line_units": Amount(1, 200, 4),
    "order_value_cents": Amount(500, 150_000, 3),
    "max_unit_value_cents": Amount(300, 80_000, 3),
    "weight_g": Amount(50, 120_000, 4),
    "volume_mm3": Amount(100_000, 400_000_000, 4),
    "density_g_per_l": Amount(60, 2_500, 2, whole=False),
    "longest_mm": Amount(60, 2_400, 2),
    "girth_mm": Amount(300, 4_000, 2),
    "heaviest_unit_g": Amount(30, 40_000, 4),
    "min_shelf_life_h": Amount(24, 6_000, 2),
    "pallet_units": Amount(0, 12, 5),
    "nearest_center_km": Amount(3, 2_800, 1.7, whole=False),
    "hazard_delay_h": Amount(0, 72, 6),
    "hazard_hours_left": Amount(0, 96, 6, whole=False),
    "hours_to_deliver_by": Amount(-10, 240, 1.3, whole=False),
    "promise_window_h": Amount(12, 240, 1.3, whole=False),
    "hours_since_placed": Amount(0, 72, 2, whole=False),
    "hour_of_day": Amount(0, 23, 1),
}
CHANCES = {
    "pickup": 0.05,
    "gift": 0.1,
    "signature": 0.08,
    "residential": 0.7,
    "hazmat": 0.05,
    "fragile": 0.15,
    "ships_alone": 0.07,
    "spoils": 0.2,
    "same_metro_center": 0.3,
}
CHOICES = tuple(spec.name for spec in SCHEMA if spec.name in {
    "requested_service", "temperature", "customer_tier", "customer_kind",
    "hazard_severity", "hazard_ahead_severity", "day_of_week",
})  # fmt: skip
TEXTS = {
    "channel": ("web", "app", "store", "marketplace", "phone", "edi"),
    "country": ("US", "CA", "MX"),
    "region": (
        "CA", "TX", "FL", "NY", "PA", "IL", "OH", "GA", "NC", "MI", "NJ", "VA",
        "WA", "AZ", "MA", "TN", "IN", "MO",
    ),
    "postal_prefix": tuple(f"{n:03}" for n in range(100, 1_000, 7)),
}  # fmt: skip
WORDS = {
    "hazmat_classes": ("2.1", "3", "4.1", "8", "9"),
    "categories": (
        "grocery", "frozen-food", "shoes", "running-shoes", "furniture", "books",
        "electronics", "batteries", "garden", "pharmacy", "toys", "wine",
    ),
    "hazard_kinds": ("ice-storm", "flood", "wildfire", "hurricane", "heat", "snow"),
}  # fmt: skip
HOUR_S, DAY_S = 3_600, 86_400
_SPANS = {"24h": 24 * HOUR_S, "7d": 7 * DAY_S, "30d": 30 * DAY_S, "90d": 90 * DAY_S}
_ORDERED = tuple(name for name in CHOICES if SCHEMA.get(name).ordered)  # type: ignore[union-attr]


class Corpus:
    """Rules as text and facts of orders; equal arguments draw equal ones."""

    def __init__(self, orders: int, rules: int, seed: int) -> None:
        self._orders, self._seed = orders, seed
        self.rules = tuple(_rule(Random(f"{seed}/rule/{n}")) for n in range(rules))

    def with_rules(self, rules: int) -> "Corpus":
        """Return a corpus with so many rules and the facts drawn here."""
        other = Corpus(self._orders, rules, self._seed)
        other.__dict__.update(
            {name: value for name, value in self.__dict__.items() if name != "rules"}
        )
        return other

    @cached_property
    def known(self) -> tuple[dict[str, Fact], ...]:
        """Return each order's facts, all of them known."""
        return tuple(_facts(random) for random in self._randoms("order"))

    @cached_property
    def partial(self) -> tuple[dict[str, Fact], ...]:
        """Return the same facts with a tenth of them missing."""
        gaps = zip(self.known, self._randoms("gaps"), strict=True)
        return tuple(_with_gaps(facts, random) for facts, random in gaps)

    @cached_property
    def news(self) -> tuple[tuple[str, Fact], ...]:
        """Return, for each order, the name of one fact and its new value."""
        return tuple(_news(random) for random in self._randoms("news"))

    def _randoms(self, what: str) -> Iterator[Random]:
        for n in range(self._orders):
            yield Random(f"{self._seed}/{what}/{n}")


def _words(name: str) -> tuple[str, ...]:
    spec = SCHEMA.get(name)
    assert spec is not None
    return spec.values


def _fresh(text: str) -> str:
    """Return an equal text that is another object, as if read from a file."""
    return text.encode().decode()


def _value(name: str, random: Random) -> Fact:
    if name in AMOUNTS:
        return AMOUNTS[name].at(random.random())
    if name in CHANCES:
        return random.random() < CHANCES[name]
    if name in CHOICES:
        values = _words(name)
        weights = [1 / (rank + 1) ** 1.3 for rank in range(len(values))]
        return random.choices(values, weights)[0]
    if name in TEXTS:
        return _fresh(random.choice(TEXTS[name]))
    count = random.choices((0, 1, 2, 3), (0.3, 0.4, 0.2, 0.1))[0]
    return tuple(map(_fresh, random.sample(WORDS[name], count)))


NAMES = (*AMOUNTS, *CHANCES, *CHOICES, *TEXTS, *WORDS)


def _facts(random: Random) -> dict[str, Fact]:
    facts = {name: _value(name, random) for name in NAMES}
    return {**facts, **{w.key: _counted(w, random) for w in WINDOWS.values()}}


def _counted(window: Window, random: Random) -> Fact:
    return _spread(window).at(random.random())


def _with_gaps(facts: dict[str, Fact], random: Random) -> dict[str, Fact]:
    return {name: value for name, value in facts.items() if random.random() >= MISSING}


def _news(random: Random) -> tuple[str, Fact]:
    name = random.choice(NAMES)
    return name, _value(name, random)


def _limit(name: str, amount: Amount, random: Random) -> str:
    """Write a comparison that few orders meet."""
    if random.random() < 0.65:
        limit = amount.at(random.uniform(0.7, 0.98))
        return f"{name} {random.choice(['>', '>='])} {round(limit)}"
    limit = round(amount.at(random.uniform(0.02, 0.3)))
    sign = random.choice(["<", "<="]) if limit > amount.low else "<="
    return f"{name} {sign} {limit}"


def _threshold(random: Random) -> str:
    name = random.choice(tuple(AMOUNTS))
    if random.random() < 0.1:
        low, high = (AMOUNTS[name].at(q) for q in (0.35, 0.8))
        return f"{round(low)} < {name} <= {round(high)}"
    return _limit(name, AMOUNTS[name], random)


def _flag(random: Random) -> str:
    name = random.choice(tuple(CHANCES))
    return name if random.random() < 0.7 else f"not {name}"


def _chosen(random: Random) -> str:
    name = random.choice(CHOICES)
    sign = random.choice(["==", "==", "==", "!="])
    return f'{name} {sign} "{random.choice(_words(name))}"'


def _ranked(random: Random) -> str:
    name = random.choice(_ORDERED)
    return f'{name} {random.choice([">", ">=", ">="])} "{_words(name)[1]}"'


def _listed(random: Random) -> str:
    name = random.choice(tuple(TEXTS))
    most = min(8, len(TEXTS[name]) - 1)
    words = random.sample(TEXTS[name], random.randint(min(2, most), most))
    listed = ", ".join(f'"{word}"' for word in words)
    return f"{name} {'in' if random.random() < 0.85 else 'not in'} [{listed}]"


def _worded(random: Random) -> str:
    name = random.choice(tuple(WORDS))
    draw = random.random()
    if draw < 0.2:
        return f"count({name}) >= {random.randint(1, 3)}"
    if draw < 0.3:
        return f'startswith(postal_prefix, "{random.randint(1, 9)}")'
    return f'"{random.choice(WORDS[name])}" in {name}'


def _calculated(random: Random) -> str:
    sums = (
        "order_value_cents / units >= {}",
        "weight_g / units > {}",
        "order_value_cents - max_unit_value_cents > {}",
        "hours_to_deliver_by - hazard_delay_h < {}",
        "min_shelf_life_h - promise_window_h <= {}",
        "max(longest_mm, girth_mm / 3) > {}",
        "min(hours_to_deliver_by, hazard_hours_left + 12) <= {}",
        "units / lines > {}",
        "abs(hour_of_day - 12) <= {}",
    )
    limits = ((500, 9_000), (300, 6_000), (20_000, 90_000), (8, 60), (24, 400),
              (700, 1_500), (6, 40), (3, 30), (2, 7))  # fmt: skip
    n = random.randrange(len(sums))
    return sums[n].format(random.randint(*limits[n]))


def _windows() -> dict[str, Window]:
    """Return the windows rules may ask for, by how a rule says them."""
    asked = {}
    for function, kind in (
        ("events", "viewed"),
        ("events", "carted"),
        ("events", "returned"),
        ("events", "order_placed"),
        ("sum_cents", "order_placed"),
        ("sum_units", "order_placed"),
    ):
        for span, seconds in _SPANS.items():
            text = f'{function}("{kind}", within="{span}")'
            asked[text] = Window(function, kind, SubjectKind.CUSTOMER, within_s=seconds)
    return asked


WINDOWS = _windows()


def _spread(window: Window) -> Amount:
    if window.function == "sum_cents":
        return Amount(0, 200_000, 3)
    return Amount(0, 40, 4)


def _windowed(random: Random) -> str:
    text, window = random.choice(tuple(WINDOWS.items()))
    return _limit(text, _spread(window), random)


_CONDITIONS: tuple[tuple[Callable[[Random], str], float], ...] = (
    (_threshold, 0.34),
    (_flag, 0.13),
    (_chosen, 0.1),
    (_ranked, 0.1),
    (_listed, 0.12),
    (_worded, 0.06),
    (_calculated, 0.07),
    (_windowed, 0.08),
)
# How many of each shape, as in the rule set Lanewise comes with.
_SHAPES = (
    ("{}", 0.1),
    ("{} and {}", 0.36),
    ("{} and {} and {}", 0.2),
    ("{} or {}", 0.06),
    ("{} and ({} or {})", 0.15),
    ("{} or ({} and {})", 0.05),
    ("{} and not ({} and {})", 0.08),
)


def _rule(random: Random) -> str:
    shapes, weights = zip(*_SHAPES, strict=True)
    shape: str = random.choices(shapes, weights)[0]
    return shape.format(*(_condition(random) for _ in range(shape.count("{}"))))


def _condition(random: Random) -> str:
    kinds, weights = zip(*_CONDITIONS, strict=True)
    kind: Callable[[Random], str] = random.choices(kinds, weights)[0]
    return kind(random)
