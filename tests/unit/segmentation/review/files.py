"""Rule-set files for reviews: sound by default, one thing odd at a time."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import timedelta
from typing import Any

import yaml

from domain.network import Network
from domain.segment import Fact
from domain.subject import Subject, of_customer, of_order
from segmentation.lint import Against, lint
from segmentation.review.finding import Finding
from segmentation.review.population import Sample
from tests.builders import MONDAY, an_order

NOW = MONDAY


def a_part(id: str = "urgent", **said: Any) -> dict[str, Any]:
    """Build one segment of a file that nothing is odd about."""
    sound = {
        "id": id,
        "title": id.capitalize(),
        "when": "requested_service == 'overnight'",
        "effects": {"late_cents_per_h": 350},
        "owner": "customer-experience",
        "why": "They call.",
    }
    part = sound | said
    return {word: value for word, value in part.items() if value is not None}


def a_file(*parts: Mapping[str, Any], **said: Any) -> str:
    """Write a rule set's file."""
    data = {"version": "v1", "segments": [deepcopy(dict(p)) for p in parts]} | said
    return yaml.safe_dump(data, sort_keys=False)


def a_history(*told: Mapping[str, Fact], customer: bool = False) -> tuple[Sample, ...]:
    """Tell one order after the other, each with these facts (of its customer)."""
    samples = []
    for n, facts in enumerate(told):
        order = an_order(id=f"o-{n}", customer_id=f"c-{n}")
        subject: Subject = (
            of_customer(order.customer_id) if customer else of_order(order.id)
        )
        at = MONDAY + timedelta(hours=n)
        samples.append(Sample(order, at, {subject: facts}))
    return tuple(samples)


def found(
    text: str,
    samples: Iterable[Sample] = (),
    network: Network | None = None,
    **said: Any,
) -> dict[str, Finding]:
    """Review a file; return what was found by code (the last one of each)."""
    against = Against(now=NOW, samples=tuple(samples), network=network, **said)
    return {each.code: each for each in lint(text, against).findings}
