"""Reads from the store what customers, SKUs and lanes are judged by."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from domain.quantities import SkuId
from domain.subject import Subject, SubjectKind, kind_of, name_of
from segmentation import behavior, velocity, windows
from segmentation.classify import Rules
from segmentation.known import Facts, Look
from segmentation.telling.parts import merged
from store import events, scores, units

SEEN = timedelta(days=400)


class Looking:
    """Tells, for each subject, its facts at any instant from what is known now."""

    def __call__(
        self, session: Session, rules: Rules, names: Sequence[Subject], now: datetime
    ) -> dict[Subject, Look]:
        """Read what is known of subjects of one kind, in a few queries."""
        kept = events.histories(session, names, now)
        found = scores.get(session)
        skus = [SkuId(name_of(n)) for n in names if kind_of(n) is SubjectKind.SKU]
        daily = units.by_day(session, skus, (now - SEEN).date(), now.date())

        def look(name: Subject) -> Look:
            kind, history = kind_of(name), kept[name]
            counted = rules.windows_of(kind)

            def tell(at: datetime) -> Facts:
                told = [windows.tell(counted, {kind: [history]}, at)]
                if kind is SubjectKind.CUSTOMER:
                    told.append(behavior.tell(history, found, at))
                if kind is SubjectKind.SKU:
                    sold = daily[SkuId(name_of(name))]
                    told.append(velocity.tell(sold, found, None, at))
                return merged(told)

            return tell

        return {name: look(name) for name in names}
