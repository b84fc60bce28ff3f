"""The rule sets in force, each compiled once per version."""

from sqlmodel import Session

from domain.segment import RuleSet
from segmentation import ruleset
from segmentation.classify import Rules
from store import segments as segment_store


class CompiledRules:
    """The active rule set and the one on trial, ready to classify.

    Whoever asks gets one object and decides by it from first to last; a newer
    version is seen by the next who asks.
    """

    def __init__(self) -> None:
        self._active: Rules | None = None
        self._shadow: Rules | None = None

    def active(self, session: Session) -> Rules:
        """Return the rules in force; the starter set where none was published."""
        version = segment_store.active_version(session)
        if self._active is None or self._active.rule_set.version != version:
            found = segment_store.active(session) or ruleset.starter()
            self._active = _compiled(found, self._active, self._shadow)
        return self._active

    def shadow(self, session: Session) -> Rules | None:
        """Return the rules on trial beside the ones in force, if any."""
        version = segment_store.shadow_version(session)
        if version is None:
            return None
        if self._shadow is None or self._shadow.rule_set.version != version:
            found = segment_store.get(session, version)
            self._shadow = None if found is None else _compiled(found, self._active)
        return self._shadow


def _compiled(rule_set: RuleSet, *known: Rules | None) -> Rules:
    """Take what was compiled already: a trial that becomes active is the same."""
    same = (r for r in known if r is not None and r.rule_set == rule_set)
    return next(same, None) or Rules(rule_set)
