"""How commands speak: tables for people, JSON for scripts, codes for shells."""

import asyncio
import json
from collections.abc import Coroutine
from enum import IntEnum
from typing import Any, NoReturn, TypeVar

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape

from domain.errors import LanewiseError, StoreUnreachable
from lanewise.cli.natives import natives, wait_for_natives
from lanewise.client import Refused, UnknownOrder

T = TypeVar("T")

out = Console()
err = Console(stderr=True)


class Exit(IntEnum):
    """Exit codes that scripts can use."""

    DONE = 0
    PARTLY = 1
    USAGE = 2
    REFUSED = 3
    UNKNOWN = 4
    UNREACHABLE = 5


def emit(value: Any) -> None:
    """Print a value as one JSON document."""
    out.print_json(json.dumps(value, default=_plain))


def fail(message: str, code: Exit) -> NoReturn:
    """Say what is wrong on standard error and leave with a code."""
    err.print(f"[red]{escape(message)}[/red]", highlight=False, soft_wrap=True)
    raise typer.Exit(code)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work; known errors become a sentence and a code."""
    before = natives()
    try:
        return asyncio.run(work)
    except Refused as error:
        fail(str(error), Exit.REFUSED)
    except UnknownOrder as error:
        fail(str(error), Exit.UNKNOWN)
    except StoreUnreachable as error:
        fail(str(error), Exit.UNREACHABLE)
    except LanewiseError as error:
        fail(str(error), Exit.PARTLY)
    except (RuntimeError, OSError) as error:
        fail(f"not reached: {error}", Exit.UNREACHABLE)
    finally:
        wait_for_natives(but=before)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return str(value)
