"""How a check is to end over one of our own adapters."""

from collections.abc import Container
from typing import TypeVar

from conformance.running import Check, Verdict, judge

B = TypeVar("B")


async def passes(
    check: Check[B],
    bench: B,
    *,
    not_supported: Container[str] = (),
    not_tried: Container[str] = (),
) -> None:
    """Hold one check against a bench; what is left out is left out by name."""
    result = await judge(check, bench)

    wanted = Verdict.PASSED
    if check.name in not_supported:
        wanted = Verdict.NOT_SUPPORTED
    if check.name in not_tried:
        wanted = Verdict.NOT_TRIED
    assert result.verdict is wanted, str(result)
