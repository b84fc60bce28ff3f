"""Vendors' published contracts, as judges of the requests we make.

The contracts are in ``../shared``, which not everybody has: a test that needs
one skips where it is absent.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import jsonschema_rs
import pytest
import yaml

SPECS = Path(__file__).parents[2] / "shared" / "specs"
SHIPENGINE = SPECS / "shipengine" / "openapi.patched.yaml"
SHIPBOB = SPECS / "shipbob" / "openapi.json"

# Reads 460 kB in a second, where the one in Python takes ten.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Contract:
    """An OpenAPI document that judges requests."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._paths = [
            (_pattern(path), item) for path, item in document["paths"].items()
        ]
        self._validators: dict[int, Any] = {}
        self._components = _plain(document.get("components", {}))
        # OpenAPI 3.0 follows an early draft: its exclusiveMinimum is a yes or no.
        old = document["openapi"].startswith("3.0")
        draft4, newest = (
            jsonschema_rs.Draft4Validator,
            jsonschema_rs.Draft202012Validator,
        )
        self._draft: Any = draft4 if old else newest

    def faults(self, request: httpx.Request) -> list[str]:
        """Say what is wrong with a request; nothing where it keeps the contract."""
        path = unquote(request.url.raw_path.decode().partition("?")[0])
        found = [
            (match.groupdict(), item)
            for pattern, item in self._paths
            if (match := pattern.fullmatch(path))
        ]
        # The path with the fewest holes is meant, as routers have it.
        for holes, item in sorted(found, key=lambda pair: len(pair[0])):
            operation = item.get(request.method.lower())
            if operation is not None:
                given = (*item.get("parameters", ()), *operation.get("parameters", ()))
                parameters = [self._at(parameter) for parameter in given]
                return [
                    *self._body_faults(operation, request),
                    *self._query_faults(parameters, request),
                    *self._hole_faults(parameters, list(holes.values())),
                ]
        return [f"{request.method} {path}: there is no such operation"]

    def _body_faults(
        self, operation: dict[str, Any], request: httpx.Request
    ) -> list[str]:
        said = self._at(operation.get("requestBody", {}))
        schema = said.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            return [f"a body nobody asked for: {request.content!r}"][
                : len(request.content)
            ]
        if not request.content:
            return ["body: it is missing"] if said.get("required") else []
        return self._against(schema, json.loads(request.content), "body")

    def _query_faults(
        self, parameters: list[dict[str, Any]], request: httpx.Request
    ) -> list[str]:
        known = {one["name"]: one for one in parameters if one["in"] == "query"}
        faults = [f"query {n}: unknown" for n in request.url.params if n not in known]
        for name, parameter in known.items():
            given = request.url.params.get_list(name)
            if not given:
                if parameter.get("required"):
                    faults.append(f"query {name}: it is missing")
                continue
            faults += self._against(
                parameter["schema"], self._typed(parameter["schema"], given), name
            )
        return faults

    def _hole_faults(
        self, parameters: list[dict[str, Any]], values: list[str]
    ) -> list[str]:
        holes = [one for one in parameters if one["in"] == "path"]
        return [
            fault
            for one, value in zip(holes, values, strict=True)
            for fault in self._against(
                one["schema"], self._typed(one["schema"], [value]), one["name"]
            )
        ]

    def _typed(self, schema: dict[str, Any], given: list[str]) -> Any:
        """Return what a query's text stands for, by its schema."""
        schema = self._at(schema)
        kinds = schema.get("type")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        if "array" in kinds:
            return [self._typed(schema.get("items", {}), [one]) for one in given]
        if {"integer", "number", "boolean"} & set(kinds):
            try:
                return json.loads(given[0])
            except ValueError:
                return given[0]
        return given[0]

    def _against(self, schema: dict[str, Any], value: Any, where: str) -> list[str]:
        validator = self._validators.get(id(schema))
        if validator is None:
            whole = {"allOf": [_plain(schema)], "components": self._components}
            validator = self._draft(whole)
            self._validators[id(schema)] = validator
        return [
            f"{where}{'/'.join(['', *map(str, error.instance_path)])}: {error.message}"
            for error in validator.iter_errors(value)
        ]

    def _at(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            found: Any = self._document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            node = found
        return node


def contract(path: Path) -> Contract:
    """Return a published contract; skip the test where it is absent."""
    if not path.exists():
        pytest.skip(f"../shared/specs/{path.parent.name} is not there")
    return _read(path)


@cache
def _read(path: Path) -> Contract:
    text = path.read_text()
    if path.suffix == ".json":
        return Contract(json.loads(text))
    return Contract(yaml.load(text, Loader=_Loader))


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]+\}", path)
    return re.compile(
        "".join(
            re.escape(part) + (f"(?P<h{nth}>[^/]+?)" if nth < len(parts) - 1 else "")
            for nth, part in enumerate(parts)
        )
    )


def _plain(node: Any) -> Any:
    """Return a schema as JSON Schema has it: OpenAPI 3.0 says `nullable`."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    known = {name: _plain(value) for name, value in node.items() if name != "example"}
    if isinstance(known.get("$ref"), str):
        known["$ref"] = known["$ref"].replace(" ", "%20")
    if known.pop("nullable", False) is True:
        return {"anyOf": [{"type": "null"}, known]}
    return known
