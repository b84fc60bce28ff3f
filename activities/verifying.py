"""Has a sample of decided batches recomputed by a judge that shares no code.

After the answer was given, in a thread of its own: nobody waits for it. Which
batches are looked at depends on the id of their first order alone, so that every
worker, and a replay, looks at the same.
"""

import logging
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

from domain.plan import Plan
from domain.quantities import OrderId
from domain.verified import Found
from optimizer.problem import Problem, Result
from store import verified
from store.engine import Store
from verification.verifier import Violation, verify

# Batches that wait for their judge; the next ones are let pass.
MOST_WAITING = 8
PERMILLE = 1_000

_log = logging.getLogger(__name__)


class Verifying:
    """Verifies some decided batches, and keeps what was wrong with them.

    Parameters
    ----------
    store
        Keeps how much was verified, and every violation.
    permille
        How many batches of a thousand are verified; 0: none.
    """

    def __init__(self, store: Store, permille: int) -> None:
        self._store = store
        self._permille = permille
        self._waiting = threading.Semaphore(MOST_WAITING)
        self._judge = ThreadPoolExecutor(1, "verification")

    def offer(self, problem: Problem, result: Result) -> None:
        """Have a decided batch verified later, if it is among those to look at."""
        ids = [task.order.id for task in problem.tasks]
        if not ids or not sampled(ids[0], self._permille):
            return
        if self._waiting.acquire(blocking=False):
            self._judge.submit(self._verify, problem, result)

    def close(self) -> None:
        """Finish what waits, and look at nothing more."""
        self._judge.shutdown()

    def _verify(self, problem: Problem, result: Result) -> None:
        try:
            wrong = verify(problem, result)
            self._note(problem, result, wrong)
        except Exception:  # whatever is wrong with the judge, orders go on
            _log.exception("a batch of decisions could not be verified")
        finally:
            self._waiting.release()

    def _note(
        self, problem: Problem, result: Result, wrong: Sequence[Violation]
    ) -> None:
        found = [
            Found(
                order_id=OrderId(violation.order_id),
                rule=violation.rule,
                detail=violation.detail,
                found_at=problem.as_of,
            )
            for violation in wrong
        ]
        for each in found:
            _log.error(
                "a plan violates %s: %s",
                each.rule,
                each.detail,
                extra={"order_id": each.order_id, "rule": each.rule},
            )
        plans = _plans(result.answers)
        self._store.write(lambda s: verified.note(s, problem.as_of, plans, found))


def sampled(order_id: OrderId, permille: int) -> bool:
    """Tell whether the batch that this order leads is among those to look at."""
    digest = int.from_bytes(sha256(order_id.encode()).digest()[:8], "big")
    return digest % PERMILLE < permille


def _plans(answers: Iterable[object]) -> int:
    return sum(isinstance(answer, Plan) for answer in answers)
