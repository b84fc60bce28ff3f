"""Every setting of the process, read from the environment once, in the CLI."""

import sys
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from temporalio.envconfig import ClientConfig, ClientConnectConfig

PREFIX = "LANEWISE_"
DEFAULT_TEMPORAL_ADDRESS = "localhost:7233"
DEFAULT_TEMPORAL_NAMESPACE = "default"

Port = Annotated[int, Field(ge=1, le=65_535)]
Positive = Annotated[int, Field(gt=0)]


class Settings(BaseSettings):
    """What differs between one installation and another.

    Each field is an environment variable: its name in capitals after
    ``LANEWISE_``. Where Temporal is comes from Temporal's own variables and
    file (``TEMPORAL_ADDRESS``, ``TEMPORAL_NAMESPACE``, ``TEMPORAL_API_KEY``,
    ``TEMPORAL_CONFIG_FILE``, …) unless it is set here.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    database_url: Annotated[
        SecretStr,
        Field(description="Where Lanewise remembers: SQLite or PostgreSQL, as a URL."),
    ] = SecretStr("sqlite:///.lanewise/lanewise.db")
    temporal_address: Annotated[
        str | None,
        Field(
            description="Host and port of the Temporal server; "
            "unset: `TEMPORAL_ADDRESS`, else `localhost:7233`."
        ),
    ] = None
    temporal_namespace: Annotated[
        str | None,
        Field(
            description="Temporal namespace; "
            "unset: `TEMPORAL_NAMESPACE`, else `default`."
        ),
    ] = None
    task_queue: Annotated[
        str, Field(min_length=1, description="Task queue that workers serve.")
    ] = "lanewise"
    connections_file: Annotated[
        Path | None,
        Field(
            description="YAML file that names your warehouses and carriers; "
            "`${NAME}` in it is read from the environment."
        ),
    ] = None
    webhook_secret: Annotated[
        SecretStr | None,
        Field(description="Secret webhooks are signed with; unset: all are refused."),
    ] = None
    api_host: Annotated[str, Field(description="Address the HTTP API listens on.")] = (
        "127.0.0.1"
    )
    api_port: Annotated[Port, Field(description="Port of the HTTP API.")] = 8000
    api_url: Annotated[
        str, Field(description="Where the API is reached from outside; for webhooks.")
    ] = "http://127.0.0.1:8000"
    poll_s: Annotated[
        float,
        Field(
            gt=0,
            le=3_600,
            description="Seconds between polls of warehouses without webhooks.",
        ),
    ] = 30.0
    world_url: Annotated[
        str | None,
        Field(description="Where the simulated world is; unset in production."),
    ] = None
    world_host: Annotated[
        str, Field(description="Address the simulated world listens on.")
    ] = "127.0.0.1"
    world_port: Annotated[Port, Field(description="Port of the simulated world.")] = (
        8100
    )
    batch_window_ms: Annotated[
        int,
        Field(
            ge=0, le=5_000, description="How long a decision waits for company, in ms."
        ),
    ] = 5
    batch_max: Annotated[
        int, Field(ge=1, le=2_000, description="Most orders decided in one batch.")
    ] = 64
    decide_deadline_ms: Annotated[
        Positive,
        Field(
            le=60_000,
            description="After how long a batch takes the best plans there are, in ms.",
        ),
    ] = 10_000
    rate_shop_ms: Annotated[
        int,
        Field(
            ge=0,
            le=30_000,
            description="How long carriers are asked their own prices before an order "
            "is decided, in ms; 0: tables decide.",
        ),
    ] = 0
    solver_process: Annotated[
        bool,
        Field(
            description="Whether linear and integer programs are solved in a process "
            "of their own, which can be killed; else in the worker."
        ),
    ] = True
    price_half_life_minutes: Annotated[
        int,
        Field(
            ge=0,
            description="How long until the price of something scarce counts for half; "
            "0: prices are neither kept nor used.",
        ),
    ] = 30
    alone_under_prices: Annotated[
        bool,
        Field(
            description="Whether an order decided alone pays, in its choice only, for "
            "the scarce things it would take from others."
        ),
    ] = False
    verify_sample_permille: Annotated[
        int,
        Field(
            ge=0,
            le=1_000,
            description="How many of a thousand decided batches are verified, after "
            "they were answered.",
        ),
    ] = 20
    hold_minutes: Annotated[
        Positive,
        Field(description="How long held stock waits for its plan to be committed."),
    ] = 30
    review_hold_hours: Annotated[
        Positive, Field(description="How long held stock waits for a person's review.")
    ] = 48
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"],
        Field(description="Least severity that is logged."),
    ] = "INFO"
    log_format: Annotated[
        Literal["text", "json"],
        Field(description="Log lines for people, or one JSON object each."),
    ] = "text"

    def temporal(self) -> ClientConnectConfig:
        """Return the arguments for ``temporalio.client.Client.connect``.

        The fields set here win over Temporal's own variables and file.
        """
        connect = ClientConfig.load_client_connect_config()
        connect["target_host"] = (
            self.temporal_address
            or connect.get("target_host")
            or DEFAULT_TEMPORAL_ADDRESS
        )
        connect["namespace"] = (
            self.temporal_namespace
            or connect.get("namespace")
            or DEFAULT_TEMPORAL_NAMESPACE
        )
        return connect


def variables() -> tuple[str, ...]:
    """List the environment variables that are settings, in their order."""
    return tuple(f"{PREFIX}{name.upper()}" for name in Settings.model_fields)


def markdown_table() -> str:
    """Return the table of settings that docs/settings.md shows."""
    rows = ["| variable | default | what it is |", "|---|---|---|"]
    for variable, field in zip(
        variables(), Settings.model_fields.values(), strict=True
    ):
        default = field.default
        if isinstance(default, SecretStr):
            default = default.get_secret_value()
        shown = "unset" if default is None else f"`{default}`"
        rows.append(f"| `{variable}` | {shown} | {field.description} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(markdown_table())
