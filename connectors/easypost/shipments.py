"""Shipments as EasyPost keeps them, found by id, by reference, or by their age."""

from urllib.parse import quote

from connectors.easypost import mapping
from connectors.easypost.reading import Document, an_object, children, text
from connectors.easypost.settings import EasyPostSettings
from connectors.http import HttpClient
from domain.errors import ConnectorError, NotFound
from domain.shipping import CloseOut

SHIPMENTS = "/v2/shipments"
PAGE = 50
# A reference is used again after its label was taken back, at most so often.
MOST_LATER = 20


class Shipments:
    """Reads shipments of an account; changes none."""

    def __init__(self, settings: EasyPostSettings, http: HttpClient) -> None:
        self._settings = settings
        self._http = http

    async def chain(self, reference: str) -> list[Document]:
        """Return the shipments under a reference, oldest first.

        A label taken back is followed by a shipment whose reference counts on,
        so that each can be asked for by its own.
        """
        found: list[Document] = []
        while len(found) < MOST_LATER:
            name = mapping.later(reference, len(found) + 1)
            try:
                shipment = await self.get(name)
            except NotFound:
                return found
            if text(shipment, "reference") != name:
                return found
            found.append(shipment)
            if not mapping.bought(shipment) or stands(shipment):
                return found
        return found

    async def latest(self) -> list[Document]:
        """Return the newest purchases, as many pages as are to be searched."""
        found: list[Document] = []
        params = {"page_size": str(PAGE)}
        for _ in range(self._settings.look_back_pages):
            answer = await self._http.ask(SHIPMENTS, params)
            page = an_object(answer.json(), "shipments")
            listed = children(page, "shipments")
            found += listed
            last = text(listed[-1], "id") if listed else ""
            if page.get("has_more") is not True or not last:
                break
            params["before_id"] = last
        return found

    async def smart(self, shipment: Document) -> Document:
        """Ask for the percentiles of transit; without them prices still stand."""
        name = text(shipment, "id")
        if not self._settings.smart_rates or not name:
            return {}
        try:
            answer = await self._http.ask(path_of(name, "smartrate"))
            return an_object(answer.json(), "smartrate")
        except ConnectorError:
            return {}

    async def form_of(self, day: CloseOut) -> Document | None:
        """Return the scan form that every booking of a day is already on."""
        forms: dict[str, Document] = {}
        for booking in day.bookings:
            form = (await self.get(booking)).get("scan_form")
            if not isinstance(form, dict) or text(form, "status") == "failed":
                return None
            forms[text(form, "id")] = form
        return next(iter(forms.values())) if len(forms) == 1 else None

    async def get(self, name: str) -> Document:
        """Return a shipment by its id, or by its reference."""
        answer = await self._http.ask(path_of(name))
        return an_object(answer.json(), "shipment")


def stands(shipment: Document) -> bool:
    """Tell whether there is a label that was not taken back."""
    taken_back = mapping.void_of(shipment) in mapping.TAKEN_BACK
    return mapping.bought(shipment) and not taken_back


def path_of(name: str, *parts: str) -> str:
    """Return the path of a shipment, or of something below it."""
    return "/".join((SHIPMENTS, quote(name, safe=""), *parts))
