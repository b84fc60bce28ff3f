"""Declares facts that share a source, a kind of subject and how they are kept."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain.subject import SubjectKind
from segmentation.schema import FactSource, FactSpec, FactType, Sensitivity


@dataclass(frozen=True, slots=True)
class Declaring:
    """What the facts of a group have in common."""

    source: FactSource
    subjects: tuple[SubjectKind, ...] = (SubjectKind.ORDER,)
    sensitivity: Sensitivity = Sensitivity.INTERNAL
    purpose: str = ""
    fresh_for: timedelta | None = None
    needs: tuple[str, ...] = ()

    def number(
        self, name: str, title: str, about: str, unit: str = "", *, runs: float = 0.0
    ) -> FactSpec:
        """Declare a number; one that ``runs`` grows by that much in an hour."""
        return self._spec(name, FactType.NUMBER, title, about, unit, runs=runs)

    def yes_no(self, name: str, title: str, about: str) -> FactSpec:
        """Declare what is true or false."""
        return self._spec(name, FactType.BOOLEAN, title, about)

    def text(self, name: str, title: str, about: str) -> FactSpec:
        """Declare a text of any content."""
        return self._spec(name, FactType.TEXT, title, about)

    def words(self, name: str, title: str, about: str) -> FactSpec:
        """Declare a list of texts."""
        return self._spec(name, FactType.WORDS, title, about)

    def choice(
        self, name: str, title: str, about: str, values: tuple[str, ...]
    ) -> FactSpec:
        """Declare one of a few words, none more than another."""
        return self._spec(name, FactType.CHOICE, title, about, values=values)

    def ranked(
        self, name: str, title: str, about: str, values: tuple[str, ...]
    ) -> FactSpec:
        """Declare one of a few words, given from least to most."""
        return self._spec(
            name, FactType.CHOICE, title, about, values=values, ordered=True
        )

    def _spec(
        self,
        name: str,
        kind: FactType,
        title: str,
        about: str,
        unit: str = "",
        values: tuple[str, ...] = (),
        *,
        ordered: bool = False,
        runs: float = 0.0,
    ) -> FactSpec:
        return FactSpec(
            name=name,
            type=kind,
            title=title,
            about=about,
            source=self.source,
            unit=unit,
            values=values,
            ordered=ordered,
            sensitivity=self.sensitivity,
            purpose=self.purpose,
            subjects=self.subjects,
            fresh_for=self.fresh_for,
            runs=runs,
            needs=self.needs,
        )


def words_of(kind: type[StrEnum]) -> tuple[str, ...]:
    """Return the words of an enumeration in its own order."""
    return tuple(member.value for member in kind)
