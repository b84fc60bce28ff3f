"""Loads and writes rule sets: versioned YAML, every mistake with its position."""

from importlib.resources import files
from pathlib import Path

import yaml

from domain.errors import LanewiseError
from domain.segment import RuleSet
from segmentation.document import Problem, read
from segmentation.inspection import inspect

# What a policy's sources call the base of a rule set.
BASE = "base"
SHOWN = 20


class RuleSetError(LanewiseError):
    """A rule set cannot be accepted; ``problems`` holds all that is wrong.

    The message lists the first twenty.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        lines = [str(problem) for problem in problems[:SHOWN]]
        if len(problems) > SHOWN:
            lines.append(f"and {len(problems) - SHOWN} more")
        super().__init__("\n".join(lines))
        self.problems = problems


def load(source: str | Path) -> RuleSet:
    """Read a rule set from YAML text, or from a file.

    A text that ends in ``.yaml`` or ``.yml`` is the name of a file.

    Raises
    ------
    RuleSetError
        With every mistake: its line and column in the YAML, and a hint.
    """
    document = read(_text_of(source))
    if document.problems:
        raise RuleSetError(tuple(document.problems))
    rule_set, problems = inspect(document)
    if problems or rule_set is None:
        raise RuleSetError(problems)
    return rule_set


def starter() -> RuleSet:
    """Return the rule set Lanewise comes with."""
    text = files("segmentation").joinpath("starter.yaml").read_text(encoding="utf-8")
    return load(text)


def dump(rule_set: RuleSet) -> str:
    """Write a rule set as YAML that loads to an equal one."""
    data = rule_set.model_dump(mode="json", exclude_defaults=True)
    ordered = {"version": rule_set.version, **data, "segments": data["segments"]}
    return yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=88)


def _text_of(source: str | Path) -> str:
    if isinstance(source, str) and not source.endswith((".yaml", ".yml")):
        return source
    try:
        return Path(source).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise RuleSetError((Problem(1, 1, "the file is not UTF-8"),)) from None
    except OSError as error:
        said = f"cannot read {str(source)!r}: {error.strerror}"
        raise RuleSetError((Problem(1, 1, said),)) from None
