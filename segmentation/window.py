"""Windows over events as rules ask for them: what, of whom, how far back."""

from dataclasses import dataclass

from domain.subject import SubjectKind


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A number counted from events; its key is the name of the fact it makes.

    ``function`` is ``events`` (how many), ``sum_units``, ``sum_cents`` or
    ``days_since``. An event counts from the instant it occurred until
    ``within_s`` seconds later, that instant excluded. ``days_since`` has no
    end: it is the time since the newest one, and unknown where there was none.
    Only events having all of ``labels`` count.
    """

    function: str
    kind: str
    of: SubjectKind
    labels: tuple[tuple[str, str], ...] = ()
    within_s: int | None = None

    @property
    def key(self) -> str:
        """Return the window as one canonical text."""
        said = [self.function, self.of.value, self.kind]
        said += [f"{name}={value}" for name, value in self.labels]
        if self.within_s is not None:
            said.append(f"{self.within_s}s")
        return " ".join(said)
