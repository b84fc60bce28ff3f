"""An EasyPost connection as an operator writes it."""

from pathlib import Path

import pytest
import yaml

from connectors.connection import Connection
from connectors.easypost.client import EasyPostCarrier, carrier
from connectors.ports import Ability, Idempotency, WebhookScheme
from connectors.registry import adapter
from domain.errors import InvalidRequest
from tests.unit.connectors.easypost.samples import real_now, settings

PAGE = Path(__file__).parents[4] / "docs" / "connectors" / "easypost.md"


def documented() -> dict[str, object]:
    text = PAGE.read_text().partition("```yaml\n")[2].partition("```")[0]
    (connection,) = yaml.safe_load(text)
    return connection  # type: ignore[no-any-return]


async def test_the_documented_connection_can_be_made() -> None:
    made = adapter(Connection.model_validate(documented()), real_now)

    assert isinstance(made, EasyPostCarrier)
    assert made.capabilities().webhooks is WebhookScheme.HMAC
    await made.close()


def test_without_a_key_it_says_so_and_shows_nothing() -> None:
    fields = documented() | {"secret": None, "webhook_secret": "WHISPERED"}

    with pytest.raises(InvalidRequest, match="'secret'") as caught:
        carrier(Connection.model_validate(fields), real_now)

    assert "WHISPERED" not in str(caught.value)


def test_it_says_what_it_can_do() -> None:
    told = settings().capabilities

    assert told.idempotency is Idempotency.LOOK_UP
    assert not told.voids_at_once
    assert told.transit_percentiles == (50, 90)
    assert told.can(Ability.CLOSE_OUT)
    assert not told.can(Ability.RESERVE)
    assert settings(webhook_secret=None).capabilities.webhooks is WebhookScheme.NONE


@pytest.mark.parametrize("url", ["https://ep.example/v2", "https://ep.example/"])
def test_the_address_may_be_written_either_way(url: str) -> None:
    assert settings(base_url=url).root == "https://ep.example"
