"""``lanewise explain ORDER --packing out.svg``, on a store of its own."""

import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lanewise.cli.console import Exit
from lanewise.cli.main import main
from lanewise.loading import publish
from store import decisions, orders
from store.engine import Store
from tests.builders import (
    MONDAY,
    a_decision,
    a_network,
    a_rule_set,
    a_segment,
    a_sku,
    an_order,
)

Draws = Callable[..., int]
RULES = a_rule_set(a_segment(owner="ann", why="They pay for it."))


@pytest.fixture
def draws(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Draws:
    """Explain an order; return the exit code."""
    publish(sqlite_store, a_network(), [a_sku()], MONDAY, rules=RULES)
    with sqlite_store.writing() as session:
        orders.admit(session, an_order(id="ORDER-1", placed_at=MONDAY), MONDAY)
        decisions.record(session, a_decision())
    monkeypatch.setenv("LANEWISE_DATABASE_URL", str(sqlite_store.url))

    def run(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["lanewise", "explain", *words])
        with pytest.raises(SystemExit) as left:
            main()
        return int(left.value.code or 0)

    return run


def test_the_cartons_of_a_decision_are_drawn(draws: Draws, tmp_path: Path) -> None:
    picture = tmp_path / "out.svg"

    code = draws("ORDER-1", "--packing", str(picture))

    assert code == Exit.DONE
    assert ElementTree.parse(picture).getroot()[0].text == "Order ORDER-1"


def test_an_unknown_order_has_no_picture(draws: Draws, tmp_path: Path) -> None:
    picture = tmp_path / "out.svg"

    assert draws("ORDER-9", "--packing", str(picture)) == Exit.UNKNOWN
    assert not picture.exists()
