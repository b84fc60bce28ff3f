"""A real Karrio server of our own: accounts with rate sheets, and our trucks.

Karrio (``make .counterparts/karrio/.ready``) runs on a free loopback port with
a database copied from a migrated template. Its carriers are generic ones: they
rate by the sheets given here and draw labels, all without any network.
"""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from lanewise.world.program import HOMES, NotStarted, installed, running
from lanewise.world.temporal_server import free_port

NAME = "karrio"
APPLICATION = "tracked_karrio:application"
APPLICATIONS = HOMES.parent / "counterparts"
TEMPLATE = HOMES / NAME / "template.sqlite3"
EVERYWHERE = "everywhere"

# One user, made with the template; it is reached on the loopback only.
MAKE_USER = """
from karrio.server.user.models import Token, User
user = User.objects.create_superuser("ops@example.com", None)
Token.objects.get_or_create(user=user, test_mode=False)
"""

CREATE_SHEET = """mutation($input: CreateRateSheetMutationInput!) {
  create_rate_sheet(input: $input) {
    rate_sheet { id services { id service_code } } errors { field messages }
  }
}"""
UPDATE_SHEET = """mutation($input: UpdateRateSheetMutationInput!) {
  update_rate_sheet(input: $input) {
    rate_sheet { id } errors { field messages }
  }
}"""


@dataclass(frozen=True)
class Price:
    """What carriage costs to some postal codes (none: everywhere) in some weights.

    Weights are in kilograms, the lower end included, the upper one not.
    """

    cents: int
    transit_days: int
    postal_codes: tuple[str, ...] = ()
    from_kg: float | None = None
    below_kg: float | None = None


Sheet = Mapping[str, Sequence[Price]]


class KarrioServer:
    """A running Karrio, and what an operator and the carriers do with it."""

    def __init__(self, url: str, token: SecretStr) -> None:
        self.url = url
        self.token = token
        self._sheets: dict[str, tuple[str, dict[str, str]]] = {}
        self._trackers: dict[str, str] = {}
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Token {token.get_secret_value()}"},
            timeout=60.0,
            trust_env=False,
        )

    async def add_account(self, account: str, sheet: Sheet) -> None:
        """Connect a generic carrier and give it a rate sheet."""
        made = await self._call(
            "POST",
            "/v1/connections",
            {
                "carrier_name": "generic",
                "carrier_id": account,
                "credentials": {
                    "display_name": account,
                    "custom_carrier_name": account.replace("-", "_").lower(),
                    "account_country_code": "US",
                },
                "capabilities": ["rating", "shipping", "tracking"],
            },
        )
        services = [
            {
                "service_name": code,
                "service_code": code,
                "currency": "USD",
                "weight_unit": "KG",
                "dimension_unit": "CM",
                "transit_days": max(price.transit_days for price in prices),
                "zone_ids": list(dict.fromkeys(map(_zone, prices))),
            }
            for code, prices in sheet.items()
        ]
        # A service that is not made yet is known by its place in the list.
        places = {code: f"temp-{n}" for n, code in enumerate(sheet)}
        answer = await self._graphql(
            CREATE_SHEET,
            {
                "name": account,
                "carrier_name": "generic",
                "carriers": [made["id"]],
                "services": services,
                **_prices(sheet, places),
            },
        )
        made_sheet = answer["create_rate_sheet"]["rate_sheet"]
        ids = {one["service_code"]: one["id"] for one in made_sheet["services"]}
        self._sheets[account] = (made_sheet["id"], ids)

    async def change_prices(self, account: str, sheet: Sheet) -> None:
        """Give the services of an account other prices for the same zones."""
        sheet_id, ids = self._sheets[account]
        rates = _prices(sheet, ids)["service_rates"]
        await self._graphql(UPDATE_SHEET, {"id": sheet_id, "service_rates": rates})

    async def send_webhooks(self, url: str) -> SecretStr:
        """Let trackers' news be sent to an address; return the shared secret."""
        made = await self._call(
            "POST",
            "/v1/webhooks",
            {"url": url, "enabled_events": ["tracker_created", "tracker_updated"]},
        )
        return SecretStr(made["secret"])

    async def stop_webhooks(self) -> None:
        """Send no webhooks any more: Karrio waits for whom it cannot reach."""
        known = await self._call("GET", "/v1/webhooks")
        for webhook in known["results"]:
            await self._call("DELETE", f"/v1/webhooks/{webhook['id']}")

    async def scan(
        self,
        tracking_number: str,
        status: str,
        at: datetime,
        note: str = "",
        reason: str = "",
    ) -> None:
        """Let a carrier's truck scan a parcel, in Karrio's own words."""
        if tracking_number not in self._trackers:
            made = await self._call("GET", f"/v1/trackers/{tracking_number}")
            self._trackers[tracking_number] = made["id"]
        event = {
            "date": f"{at:%Y-%m-%d}",
            "time": f"{at:%H:%M}",
            "timestamp": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}",
            "status": status,
            "code": status.upper(),
            "description": note or status.replace("_", " "),
            **({"reason": reason} if reason else {}),
        }
        said = {
            "events": [event],
            "status": status,
            **({"delivered": True} if status == "delivered" else {}),
        }
        path = f"/v1/trackers/{self._trackers[tracking_number]}/inject-events"
        await self._call("POST", path, said)

    async def shipments(self, reference: str = "") -> list[dict[str, Any]]:
        """List what Karrio has under references that contain this one."""
        params = {"reference": reference, "limit": "100"}
        answer = await self._http.get("/v1/shipments", params=params)
        found: list[dict[str, Any]] = answer.raise_for_status().json()["results"]
        return found

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def _graphql(self, query: str, given: dict[str, Any]) -> Any:
        body = {"query": query, "variables": {"input": given}}
        answer = await self._call("POST", "/graphql", body)
        refused = answer.get("errors") or [
            one["errors"] for one in answer["data"].values() if one["errors"]
        ]
        if refused:
            msg = f"Karrio refuses a rate sheet: {refused}"
            raise ValueError(msg)
        return answer["data"]

    async def _call(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self._http.request(method, path, json=body)
        if answer.is_error:
            msg = f"Karrio answers {method} {path} with {answer.text[:500]}"
            raise ValueError(msg)
        return answer.json()


@asynccontextmanager
async def karrio_server(folder: Path) -> AsyncIterator[KarrioServer]:
    """Run a Karrio with an empty, migrated database in a folder.

    Raises
    ------
    NotInstalled
        Saying how to install it.
    NotStarted
        With the last lines of its log.
    """
    database = await asyncio.to_thread(_copied, await _template(), folder)
    port = free_port()
    command = (
        *(installed(NAME, "uvicorn"), "--app-dir", APPLICATIONS, APPLICATION),
        *("--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"),
    )
    url = f"http://127.0.0.1:{port}"
    log, environment = folder / "karrio.log", _environment(database)
    async with running(command, f"{url}/", log, environment, 300.0):
        server = KarrioServer(url, _token(database))
        try:
            yield server
        finally:
            await server.close()


async def _template() -> Path:
    """Return a migrated database with one user; it is made once."""
    if TEMPLATE.exists():
        return TEMPLATE
    program = installed(NAME, "karrio")
    making = TEMPLATE.with_name(f"making-{os.getpid()}.sqlite3")
    environment = os.environ | _environment(making)
    for arguments in (("migrate",), ("shell", "-c", MAKE_USER)):
        process = await asyncio.create_subprocess_exec(
            *(str(program), *arguments),
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        if process.returncode:
            making.unlink(missing_ok=True)
            words = said.decode(errors="replace")[-1_000:]
            msg = f"karrio {arguments[0]} ended with {process.returncode}: {words}"
            raise NotStarted(msg)
    making.rename(TEMPLATE)
    return TEMPLATE


def _copied(template: Path, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "db.sqlite3"
    shutil.copy(template, database)
    with closing(sqlite3.connect(database)) as connection:
        # Who reads need not wait for who writes.
        connection.execute("PRAGMA journal_mode=WAL")
    return database


def _environment(database: Path) -> dict[str, str]:
    return {
        "DEBUG_MODE": "True",
        "DATABASE_ENGINE": "sqlite3",
        "DATABASE_NAME": str(database),
        "WORK_DIR": str(database.parent),
        "SECRET_KEY": "a-karrio-of-our-own-on-the-loopback",
        # Else no webhook leaves: there is no worker beside it.
        "WORKER_IMMEDIATE_MODE": "True",
        "DETACHED_WORKER": "True",
    }


def _token(database: Path) -> SecretStr:
    with closing(sqlite3.connect(database)) as connection:
        (key,) = connection.execute("SELECT key FROM user_token").fetchone()
    return SecretStr(key)


def _prices(sheet: Sheet, services: Mapping[str, str]) -> dict[str, Any]:
    zones = {
        _zone(price): {
            "id": _zone(price),
            "label": _zone(price),
            "country_codes": ["US"],
            **(
                {"postal_codes": list(price.postal_codes)} if price.postal_codes else {}
            ),
        }
        for prices in sheet.values()
        for price in prices
    }
    rates = [
        {
            "service_id": services[code],
            "zone_id": _zone(price),
            "rate": price.cents / 100,
            "transit_days": price.transit_days,
            **({} if price.from_kg is None else {"min_weight": price.from_kg}),
            **({} if price.below_kg is None else {"max_weight": price.below_kg}),
        }
        for code, prices in sheet.items()
        for price in prices
    ]
    return {"zones": list(zones.values()), "service_rates": rates}


def _zone(price: Price) -> str:
    if not price.postal_codes:
        return EVERYWHERE
    # Equal codes, one zone: services share them.
    return sha256(" ".join(price.postal_codes).encode()).hexdigest()[:12]
