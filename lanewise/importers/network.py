"""A network out of a YAML or JSON document."""

import json
from pathlib import Path

import yaml
from pydantic import ValidationError

from domain.network import Network
from lanewise.importers.complaints import complaints, unknown_fields
from lanewise.importers.document import load_yaml
from lanewise.importers.reject import MappingError


def read_network(path: Path) -> Network:
    """Read a network file in our own words.

    A network is taken whole or not at all: half a network would silently send
    everything elsewhere.

    Raises
    ------
    MappingError
        When it cannot be read; the message lists everything that is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
        # JSON is YAML too, but its own reader is a hundred times faster.
        is_json = path.suffix == ".json"
        document = json.loads(text) if is_json else load_yaml(text)
    except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError) as error:
        msg = f"network {path}: cannot be read: {error}"
        raise MappingError(msg) from error
    if not isinstance(document, dict):
        msg = f"network {path}: it is no document with centers and services"
        raise MappingError(msg)
    wrong = [
        f"{'.'.join(map(str, loc))}: there is no such field; {hint}"
        for loc, hint in unknown_fields(document, Network)
    ]
    try:
        network = Network.model_validate(document)
    except ValidationError as error:
        wrong += [
            f"{bad.field} {bad.value!r}: {bad.problem}; {bad.remedy}"
            for bad in complaints(error, path.name, 0, {})
        ]
    if wrong:
        msg = f"network {path}:\n" + "\n".join(f"- {line}" for line in wrong)
        raise MappingError(msg)
    return network
