"""The connections file: who our counterparts are, and what they may know of us.

A YAML list of connections. ``${NAME}`` in any text of it stands for the
environment's variable of that name, so that no secret need be in the file.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import SecretStr, TypeAdapter, ValidationError

from connectors.ports import Idempotency
from connectors.registry import Connection, ConnectionKind
from domain.errors import InvalidRequest
from lanewise.converter import sentence
from lanewise.settings import Settings

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def configured(settings: Settings) -> tuple[Connection, ...]:
    """Read the connections file; without one, everything is the simulated world.

    Raises
    ------
    InvalidRequest
        When the file is not YAML, an entry has a wrong field, or a variable it
        names is not set.
    """
    if settings.connections_file is not None:
        return read(settings.connections_file, os.environ)
    if settings.world_url is None:
        return ()
    return simulated(settings)


def read(path: Path, environment: Mapping[str, str]) -> tuple[Connection, ...]:
    """Read a connections file, with the environment's variables put in."""
    entries = TypeAdapter(tuple[Connection, ...])
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
        return entries.validate_python(_filled(document, environment, "connections"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError, InvalidRequest) as error:
        msg = f"connections file {path}: {error}"
        raise InvalidRequest(msg) from None
    except ValidationError as error:
        msg = f"connections file {path}: {sentence(error)}"
        raise InvalidRequest(msg) from None


def simulated(settings: Settings) -> tuple[Connection, ...]:
    """Return the connections to the simulated world: it is every counterpart."""
    return tuple(
        Connection(
            name=name,
            kind=kind,
            base_url=settings.world_url,
            webhook_secret=settings.webhook_secret or SecretStr("unset"),
            options=options,
        )
        for name, kind, options in (
            ("warehouses", ConnectionKind.WAREHOUSE, {}),
            (
                "carriers",
                ConnectionKind.CARRIER,
                {"idempotency": Idempotency.UNIQUE_REFERENCE.value},
            ),
            ("hazards", ConnectionKind.HAZARDS, {}),
            ("clock", ConnectionKind.CLOCK, {}),
        )
    )


def _filled(value: Any, environment: Mapping[str, str], where: str) -> Any:
    """Put variables into every text, at any depth."""
    match value:
        case str():
            return VARIABLE.sub(lambda m: _variable(m[1], environment, where), value)
        case list():
            return [
                _filled(each, environment, f"{where}.{n}")
                for n, each in enumerate(value)
            ]
        case dict():
            return {
                name: _filled(each, environment, f"{where}.{name}")
                for name, each in value.items()
            }
    return value


def _variable(name: str, environment: Mapping[str, str], where: str) -> str:
    if name not in environment:
        msg = f"{where}: the variable {name} is not set in the environment"
        raise InvalidRequest(msg)
    return environment[name]
