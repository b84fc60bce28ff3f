"""How values travel through Temporal, and how refusals look to a person."""

import dataclasses
from typing import Any

import temporalio.api.common.v1 as common
import temporalio.api.failure.v1 as failures
from pydantic import ValidationError
from temporalio.contrib.pydantic import (
    PydanticPayloadConverter,
    pydantic_data_converter,
)
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverter,
    PayloadConverter,
)
from temporalio.exceptions import ApplicationError

from domain.quantities import Edge
from workflows.order import FulfillOrder

# Answers to people, not faults: a stack trace would only hide the sentence.
BUSINESS = frozenset({"Refused", "OrderRefused", "OrderConflict", "InvalidPayload"})


class SentencePayloadConverter(PydanticPayloadConverter):
    """Pydantic values; what people typed wrong is answered field by field."""

    def from_payloads(
        self,
        payloads: "common.Payloads | list[common.Payload]",  # type: ignore[override]
        type_hints: list[type] | None = None,
    ) -> list[Any]:
        """Decode, or say which field of a person's payload is wrong."""
        try:
            return super().from_payloads(payloads, type_hints)  # type: ignore[arg-type]
        except ValidationError as error:
            if not any(_typed_by_people(hint) for hint in type_hints or ()):
                raise
            raise ApplicationError(
                sentence(error), type="InvalidPayload", non_retryable=True
            ) from error


class SentenceFailureConverter(DefaultFailureConverter):
    """Failures as usual, but a business refusal is one sentence."""

    def to_failure(
        self,
        exception: BaseException,
        payload_converter: PayloadConverter,
        failure: failures.Failure,
    ) -> None:
        """Leave the stack trace and the causes off answers to people."""
        super().to_failure(exception, payload_converter, failure)
        if isinstance(exception, ApplicationError) and exception.type in BUSINESS:
            failure.stack_trace = ""
            failure.ClearField("cause")


def data_converter() -> DataConverter:
    """Return the converter that every client and worker of ours uses."""
    return dataclasses.replace(
        pydantic_data_converter,
        payload_converter_class=SentencePayloadConverter,
        failure_converter_class=SentenceFailureConverter,
    )


def sentence(error: ValidationError) -> str:
    """Say what is wrong with a value, field by field, in one line."""
    parts = []
    for item in error.errors(include_url=False):
        where = ".".join(str(part) for part in item["loc"]) or "payload"
        what = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            what = "is not a field here"
        elif item["type"] == "missing":
            what = "is missing"
        else:
            what = f"{what} (was {str(item['input'])[:60]!r})"
        parts.append(f"{where}: {what}")
    return "; ".join(parts)


def _typed_by_people(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, (Edge, FulfillOrder))
