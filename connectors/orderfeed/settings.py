"""What a shop's own list of orders over HTTP needs to be read."""

from typing import Annotated

from pydantic import Field, SecretStr

from connectors.http import Timeouts
from connectors.incoming import Fields
from domain.quantities import Edge, Positive


class OrderFeedSettings(Edge):
    """Where the list is, how it is paged, and where its fields are.

    The list is asked for with ``cursor_param`` set to the cursor of the page
    before; ``cursor_at`` is where a page names the next one (a value, or a whole
    address whose query holds it). Where the source only filters by time, leave
    ``cursor_at`` empty: ``since_param`` is then the latest change seen.
    ``acknowledge_path`` and ``shipment_path`` (``{id}`` is the source's id) are
    posted to; left out, the source is told nothing.
    """

    base_url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    secret: SecretStr | None = None
    api_key_header: str = ""
    path: Annotated[str, Field(pattern=r"^/")] = "/orders"
    orders_at: str = "orders"
    cursor_at: str = ""
    cursor_param: str = "cursor"
    since_param: str = "updated_since"
    page_size_param: str = ""
    page_size: Positive = 100
    acknowledge_path: str = ""
    shipment_path: str = ""
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{0,20}$")] = ""
    fields: Fields = Fields()
    read_timeout_s: Annotated[float, Field(gt=0, le=300)] = 60.0

    @property
    def timeouts(self) -> Timeouts:
        return Timeouts(read_s=self.read_timeout_s)
