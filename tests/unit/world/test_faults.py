import pytest

from lanewise.world.faults import Faults
from lanewise.world.spec import Fault, FaultSpec, ScriptedFault


def drawn(faults: Faults, operation: str, calls: int) -> list[Fault | None]:
    hits = [faults.draw(operation) for _ in range(calls)]
    return [hit.fault if hit else None for hit in hits]


def test_the_nth_call_of_the_operation_goes_wrong() -> None:
    faults = Faults(FaultSpec())
    faults.script(ScriptedFault(operation="book", fault=Fault.DROP, nth=3, times=2))

    assert drawn(faults, "reserve", 4) == [None] * 4
    assert drawn(faults, "book", 6) == [
        None,
        None,
        Fault.DROP,
        Fault.DROP,
        None,
        None,
    ]
    assert faults.injected == {"book": {Fault.DROP: 2}}


def test_any_operation_may_be_struck() -> None:
    faults = Faults(FaultSpec(scripted=(ScriptedFault(operation="*", fault="busy"),)))

    assert drawn(faults, "void", 2) == [Fault.BUSY, None]


def test_a_spent_script_is_forgotten() -> None:
    faults = Faults(FaultSpec())
    faults.script(ScriptedFault(operation="book", fault=Fault.DROP))

    faults.draw("book")

    assert faults.scripted == 0


def test_chance_strikes_about_as_often_as_said_and_alike_for_equal_seeds() -> None:
    spec = FaultSpec(permille={Fault.HANG: 100, Fault.BUSY: 200}, operations=("book",))

    first = drawn(Faults(spec, seed=4), "book", 2_000)

    assert first == drawn(Faults(spec, seed=4), "book", 2_000)
    assert first != drawn(Faults(spec, seed=5), "book", 2_000)
    assert 150 < first.count(Fault.HANG) < 250
    assert 330 < first.count(Fault.BUSY) < 470
    assert drawn(Faults(spec), "void", 100) == [None] * 100


def test_latency_is_within_its_bounds() -> None:
    faults = Faults(FaultSpec(latency_min_ms=20, latency_max_ms=40))

    drawn_s = [faults.latency_s() for _ in range(200)]

    assert 0.02 <= min(drawn_s) < max(drawn_s) <= 0.04


def test_nobody_can_ask_for_the_death_of_every_process() -> None:
    with pytest.raises(ValueError, match="greater than 1"):
        ScriptedFault(operation="book", fault=Fault.KILL, pid=-1)
