"""What a value of the rule language is: its type, unit and words."""

from dataclasses import dataclass

from segmentation.language.nodes import Literal
from segmentation.language.units import Unit, unit_of
from segmentation.schema import FactSpec, FactType


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is: its type, unit, and the words a choice may take."""

    type: FactType | None
    unit: Unit = None
    values: tuple[str, ...] = ()
    ordered: bool = False
    of: str = ""

    def __str__(self) -> str:
        names = {
            FactType.BOOLEAN: "a condition",
            FactType.NUMBER: "a number",
            FactType.TEXT: "a text",
            FactType.CHOICE: "a choice",
            FactType.WORDS: "a list of texts",
        }
        return names[self.type] if self.type else "something wrong"


# What a mistake has already been reported about; it agrees with everything.
WRONG = Kind(None)
TRUTH = Kind(FactType.BOOLEAN)


def kind_of(literal: Literal) -> Kind:
    """Return what a literal is."""
    if isinstance(literal.value, bool):
        return TRUTH
    return Kind(FactType.TEXT if isinstance(literal.value, str) else FactType.NUMBER)


def kind_of_fact(spec: FactSpec) -> Kind:
    """Return what a fact is, as declared."""
    unit = unit_of(spec.unit) if spec.type is FactType.NUMBER else None
    return Kind(spec.type, unit, spec.values, spec.ordered, spec.name)
