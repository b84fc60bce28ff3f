"""What ``lanewise segments …`` says and does, on a store of its own."""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from domain.customer import Customer, Tier
from domain.network import ServiceMode
from domain.policy import Effects
from domain.quantities import CustomerId, FcId, OrderId, SegmentId, SkuId
from domain.segment import Classification, Membership, SegmentStatus
from domain.subject import of_customer
from domain.warehousing import StockReport
from lanewise.cli.console import Exit
from lanewise.cli.main import main
from lanewise.loading import publish
from segmentation import ruleset
from store import orders, segments, stock, subjects
from store.engine import Store
from tests.builders import (
    MONDAY,
    a_line,
    a_network,
    a_rule_set,
    a_segment,
    a_sku,
    an_order,
)

Said = tuple[int, str, str]
Says = Callable[..., Said]

FIRST = a_rule_set(
    a_segment(id="big", title="Big", when="units >= 3", owner="ann", why="Heavy."),
    a_segment(id="gifts", title="Gifts", when="gift", owner="ann", why="Nice."),
    version="spring-1",
)


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """A store with a network, goods, stock, orders, and rules in force."""
    publish(sqlite_store, a_network(), [a_sku()], MONDAY, rules=FIRST)
    with sqlite_store.writing() as session:
        report = StockReport(
            fc=FcId("EAST"), as_of=MONDAY, on_hand={SkuId("LAMP"): 500}
        )
        stock.load(session, report)
        for n in range(1, 6):
            order = an_order(
                id=f"o-{n}",
                placed_at=MONDAY + timedelta(minutes=n),
                lines=(a_line("LAMP", n),),
                customer_id=f"c-{n}",
            )
            orders.admit(session, order, order.placed_at)
    return sqlite_store


@pytest.fixture
def says(
    store: Store, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Says:
    """Run a command; return its exit code, its output and its complaints."""
    monkeypatch.setenv("LANEWISE_DATABASE_URL", str(store.url))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["lanewise", "segments", *words])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capfd.readouterr()
        code = left.value.code
        return (int(code) if code else 0), out, err

    return run


def a_file(path: Path, version: str = "spring-2", **changed: Any) -> str:
    """Write the rules in force with one segment changed, as another version."""
    first = FIRST.segments[0].model_copy(update=changed)
    rules = FIRST.model_copy(
        update={"version": version, "segments": (first, FIRST.segments[1])}
    )
    file = path / f"{version}.yaml"
    file.write_text(ruleset.dump(rules), encoding="utf-8")
    return str(file)


def statuses(store: Store) -> dict[str, str]:
    with store.reading() as session:
        return {v.version: v.status.value for v in segments.listing(session)}


def test_a_sound_file_passes(says: Says, tmp_path: Path) -> None:
    code, out, _ = says("lint", a_file(tmp_path))

    assert code == Exit.DONE
    assert "nothing to say against it" in out


def test_mistakes_are_refused_with_file_line_and_column(
    says: Says, tmp_path: Path
) -> None:
    file = a_file(tmp_path, when="unitz >= 3")

    code, out, _ = says("lint", file)

    assert code == Exit.REFUSED
    assert f"{file}:5:9: error" in out
    assert "did you mean 'units'?" in out


def test_warnings_stop_only_who_is_strict(says: Says, tmp_path: Path) -> None:
    file = a_file(tmp_path, owner="")

    assert says("lint", file)[0] == Exit.DONE
    assert says("lint", file, "--strict")[0] == Exit.PARTLY


def test_lint_looks_at_the_orders_of_the_store(says: Says, tmp_path: Path) -> None:
    code, out, _ = says("lint", a_file(tmp_path), "--on", "store", "--json")

    document = json.loads(out)
    assert code == Exit.DONE
    assert document["history"]["big"]["members"] == 3
    assert [f["code"] for f in document["findings"]] == ["never-on-history"]


def test_lint_knows_the_network_in_force(says: Says, tmp_path: Path) -> None:
    file = a_file(tmp_path, effects=Effects(blocked_centers=(FcId("EASTT"),)))

    _, out, _ = says("lint", file)

    assert "network 'test-1' does not have" in out


def test_diff_shows_rules_and_money(says: Says, tmp_path: Path) -> None:
    file = a_file(tmp_path, when="units >= 4", priority=9)

    _, out, _ = says("diff", "active", file, "--on", "store")

    assert "spring-1 → spring-2" in out
    assert "- units >= 3" in out
    assert "+ units >= 4" in out
    assert "-1" in out.splitlines()[-2]


def test_diff_names_what_is_neither_file_nor_version(says: Says) -> None:
    code, _, err = says("diff", "active", "autumn-9")

    assert code == Exit.UNKNOWN
    assert "'autumn-9'" in err


def test_a_file_is_applied_tried_and_put_in_force(
    says: Says, store: Store, tmp_path: Path
) -> None:
    file = a_file(tmp_path, when="units >= 4")

    for status in ("draft", "shadow", "active"):
        code, *_ = says("apply", file, "--as", status, "--reason", "try it")
        assert code == Exit.DONE
        assert statuses(store)["spring-2"] == status
    assert statuses(store)["spring-1"] == "retired"


def test_a_dry_run_changes_nothing(says: Says, store: Store, tmp_path: Path) -> None:
    before = statuses(store)

    code, out, _ = says(
        "apply", a_file(tmp_path), "--as", "active", "--reason", "x", "--dry-run"
    )

    assert code == Exit.DONE
    assert "would be active" in out
    assert statuses(store) == before


def test_a_dry_run_is_refused_as_in_earnest(says: Says, tmp_path: Path) -> None:
    file = a_file(tmp_path, version="spring-1", when="units >= 4")

    code, _, err = says("apply", file, "--as", "draft", "--dry-run")

    assert code == Exit.REFUSED
    assert "'spring-1' is already published with other content" in err


def test_nothing_takes_force_without_a_reason(says: Says, tmp_path: Path) -> None:
    code, _, err = says("apply", a_file(tmp_path), "--as", "active")

    assert code == Exit.USAGE
    assert "--reason" in err


def test_going_back_is_a_step_with_a_reason(
    says: Says, store: Store, tmp_path: Path
) -> None:
    says("apply", a_file(tmp_path), "--as", "active", "--reason", "go")

    says("activate", "spring-1", "--author", "bo", "--reason", "it was worse")

    _, out, _ = says("list", "--versions", "--json")
    newest = json.loads(out)[0]
    assert (newest["version"], newest["status"]) == ("spring-1", "active")
    assert (newest["author"], newest["reason"]) == ("bo", "it was worse")


def test_a_segment_is_retired_by_a_version_of_its_own(says: Says, store: Store) -> None:
    code, *_ = says("retire", "gifts", "--author", "ann", "--reason", "unused")

    with store.reading() as session:
        active = segments.active(session)
    assert code == Exit.DONE
    assert active is not None
    assert active.version == "spring-1.1"
    assert active.segments[1].status is SegmentStatus.RETIRED


def test_the_version_in_force_cannot_be_retired(says: Says) -> None:
    code, _, err = says("retire", "--version", "spring-1", "--reason", "tired")

    assert code == Exit.REFUSED
    assert "active until another version is activated" in err


def test_segments_are_listed_with_who_is_in_them(says: Says, store: Store) -> None:
    member = Membership(segment=SegmentId("big"), version="spring-1", since=MONDAY)
    with store.writing() as session:
        found = Classification(memberships=(member,), version="spring-1")
        segments.record(session, OrderId("o-1"), found, MONDAY)

    _, out, _ = says("list", "--json")

    counts = {s["id"]: s["orders"] for s in json.loads(out)["segments"]}
    assert counts == {"big": 1, "gifts": 0}


def test_an_order_is_explained_with_both_values(says: Says) -> None:
    _, out, _ = says("explain", "o-4")

    assert "in big, since 2026-03-02 12:04:00" in out
    assert "units is 4, at least 3" in out
    assert "no  gifts" in out
    assert "Each hour late costs $3.50 (big)." in out


def test_an_order_in_a_file_is_explained(says: Says, tmp_path: Path) -> None:
    file = tmp_path / "order.json"
    file.write_text(an_order(gift=True).model_dump_json(), encoding="utf-8")

    _, out, _ = says("explain", str(file), "--segment", "gifts", "--json")

    document = json.loads(out)
    (rule,) = document["rules"]
    assert (rule["segment"], rule["holds"]) == ("gifts", True)
    assert document["memberships"][0]["evidence"] == ["gift is true"]


def test_a_customers_segments_are_explained(says: Says, store: Store) -> None:
    evidence = ("4 orders in 90 days",)
    member = Membership(
        segment=SegmentId("loyal"), version="spring-1", since=MONDAY, evidence=evidence
    )
    name = of_customer(CustomerId("c-1"))
    with store.writing() as session:
        subjects.mark(session, {name: MONDAY})
        subjects.keep(
            session,
            subjects.Found(
                subject=name,
                version="spring-1",
                memberships=(member,),
                replayed_from=MONDAY,
                evaluated_at=MONDAY,
            ),
        )

    _, out, _ = says("explain", "customer/c-1")

    assert "in loyal" in out
    assert "because 4 orders in 90 days" in out


def test_what_was_never_looked_at_is_explained_on_the_spot(
    says: Says, store: Store
) -> None:
    rules = a_rule_set(
        a_segment(id="fragile", on="sku", when="fragile"),
        a_segment(id="sturdy", on="sku", when="not fragile"),
        version="skus-1",
    )
    with store.writing() as session:
        segments.publish(session, rules, MONDAY)

    _, out, _ = says("explain", "sku/LAMP", "--json")

    document = json.loads(out)
    assert [m["segment"] for m in document["memberships"]] == ["sturdy"]
    assert {r["segment"]: r["holds"] for r in document["rules"]} == {
        "fragile": False,
        "sturdy": True,
    }


def test_an_unknown_order_is_named(says: Says) -> None:
    code, _, err = says("explain", "o-99")

    assert code == Exit.UNKNOWN
    assert "'o-99'" in err


def test_a_simulation_is_shown_and_drawn(says: Says, tmp_path: Path) -> None:
    file = a_file(tmp_path, effects=Effects(allowed_modes=(ServiceMode.AIR,)))
    picture = tmp_path / "change.svg"

    code, out, _ = says("simulate", file, "--on", "store", "--picture", str(picture))

    assert code == Exit.DONE
    assert "spring-1 → spring-2 on 5 orders: 3 change segment or policy." in out
    assert "allowed modes" in out
    assert "No plan: 0 orders before, 0 after." in out
    assert ElementTree.fromstring(picture.read_text("utf-8")).tag.endswith("svg")


def test_a_simulation_can_plan_as_if_stock_never_ran_out(
    says: Says, tmp_path: Path
) -> None:
    file = a_file(tmp_path, when="units >= 4")

    code, out, _ = says("simulate", file, "--on", "store", "--ample-stock")

    assert code == Exit.DONE
    assert "No plan: 0 orders before, 0 after." in out


def test_a_simulation_as_json_is_the_same_twice(says: Says, tmp_path: Path) -> None:
    file = a_file(tmp_path, when="units >= 4")

    _, first, _ = says("simulate", file, "--on", "store", "--json")
    _, again, _ = says("simulate", file, "--on", "store", "--json")

    assert json.loads(first) == json.loads(again)
    assert json.loads(first)["segments"][0]["lost"] == 1


def test_linting_makes_no_database(
    says: Says, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = tmp_path / "nothing.db"
    monkeypatch.setenv("LANEWISE_DATABASE_URL", f"sqlite:///{nothing}")

    code, *_ = says("lint", a_file(tmp_path))

    assert code == Exit.DONE
    assert not nothing.exists()


def test_customers_of_a_history_are_known_by_their_pseudonyms(
    says: Says, store: Store, tmp_path: Path
) -> None:
    publish(
        store,
        a_network(),
        [a_sku()],
        MONDAY,
        [Customer(id=CustomerId("C-7"), tier=Tier.VIP)],
    )
    file = a_file(tmp_path, when="customer_tier == 'vip'")
    history = tmp_path / "history.jsonl"
    history.write_text(an_order(customer_id="C-7").model_dump_json(), "utf-8")

    _, out, _ = says("lint", file, "--on", str(history), "--json")

    assert json.loads(out)["history"]["big"]["members"] == 1
