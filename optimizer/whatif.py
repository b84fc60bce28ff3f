"""What an operator's wish would cost, term by term, before anything is done.

The wish is planned like any order, on a snapshot in which what it replaces is
free again; nothing is held. Made on the same snapshot, it costs just that.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.plan import Cost, CostTerm, Plan, Unplaced, total
from optimizer.plan import plan
from optimizer.problem import Effort, Problem


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The plan of a wish, and its cost by term less that of the plan before it.

    ``delta`` and ``delta_cents`` are None where the plan before is not known,
    or the wish has none. Terms without a difference are left out.
    """

    answer: Plan | Unplaced
    delta: Cost | None
    delta_cents: int | None


def what_if(
    problem: Problem, before: Mapping[CostTerm, int] | None, effort: Effort
) -> WhatIf:
    """Price the wish of a problem's only order against the plan it has.

    Parameters
    ----------
    problem
        The order, pinned as wished, among what is free with its own holds
        given back.
    before
        The cost by term of the plan in force; None where it is not known.
    effort
        How hard to look.
    """
    (answer,) = plan(problem, effort).answers
    if before is None or isinstance(answer, Unplaced):
        return WhatIf(answer, None, None)
    delta = difference(answer.cost, before)
    return WhatIf(answer, delta, total(delta))


def difference(cost: Mapping[CostTerm, int], before: Mapping[CostTerm, int]) -> Cost:
    """Return a cost less another, term by term; terms that are equal are left out."""
    return {
        term: cents
        for term in CostTerm
        if (cents := cost.get(term, 0) - before.get(term, 0))
    }
