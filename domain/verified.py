"""What an independent judge said about plans that were decided."""

from datetime import date

from domain.quantities import Count, Instant, OrderId, Value


class Found(Value):
    """Something wrong with a plan: which rule, and the figures.

    ``order_id`` is empty where it is about all orders of a batch together.
    """

    order_id: OrderId
    rule: str
    detail: str
    found_at: Instant


class VerifiedDay(Value):
    """How much was verified on one day (UTC), and how much was wrong."""

    day: date
    batches: Count
    plans: Count
    violations: Count
