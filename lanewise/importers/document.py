"""YAML as people write it: only what looks like a number or true/false is one.

Plain YAML 1.1 reads ``on``, ``no`` and ``Y`` as booleans, ``07030`` as octal and
``17:00`` as 1020; in a mapping these are a key, Norway, a zip code and a time.
"""

import re
from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """Reads scalars by the rules of YAML 1.2's core schema; no key twice."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Any, Any]:
        self.flatten_mapping(node)
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, str | int | float | bool) and key in seen:
                msg = f"the key {key!r} stands twice"
                raise yaml.constructor.ConstructorError(
                    None, None, msg, key_node.start_mark
                )
            seen.add(repr(key) if isinstance(key, dict | list) else key)
        return super().construct_mapping(node, deep=deep)


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    (
        "float",
        r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?",
        "-+0123456789",
    ),
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), [*_first]
    )
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^$"), [""])


def load_yaml(text: str) -> Any:
    """Read one document.

    Raises
    ------
    yaml.YAMLError
        When it is not YAML, or a key stands twice.
    """
    return yaml.load(text, _Loader)
