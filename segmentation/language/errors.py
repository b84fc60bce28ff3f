"""What is wrong with a rule, where, and what would be right."""

from dataclasses import dataclass

from domain.errors import LanewiseError


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake at an offset of the rule's text."""

    message: str
    offset: int
    hint: str = ""


class RuleError(LanewiseError):
    """A rule cannot be accepted.

    ``line`` and ``column`` count from 1 in the rule's own text. ``hint`` says
    what was probably meant (empty: no idea). ``also`` holds the rule's further
    mistakes.
    """

    def __init__(
        self,
        message: str,
        line: int,
        column: int,
        hint: str = "",
        *,
        offset: int = 0,
        also: tuple["RuleError", ...] = (),
    ) -> None:
        ending = f" ({hint})" if hint else ""
        super().__init__(f"line {line}, column {column}: {message}{ending}")
        self.message = message
        self.line = line
        self.column = column
        self.hint = hint
        self.offset = offset
        self.also = also

    @property
    def all(self) -> tuple["RuleError", ...]:
        """Return this mistake and the others of the same rule."""
        return (self, *self.also)


def rule_error(text: str, faults: list[Fault]) -> RuleError:
    """Turn the faults found in a text (at least one) into one error."""
    ordered = sorted(faults, key=lambda fault: (fault.offset, fault.message))
    errors = [_located(text, fault) for fault in ordered]
    first = errors[0]
    return RuleError(
        first.message,
        first.line,
        first.column,
        first.hint,
        offset=first.offset,
        also=tuple(errors[1:]),
    )


def _located(text: str, fault: Fault) -> RuleError:
    offset = max(0, min(fault.offset, len(text)))
    before = text[:offset]
    line = before.count("\n") + 1
    column = offset - (before.rfind("\n") + 1) + 1
    return RuleError(fault.message, line, column, fault.hint, offset=offset)
