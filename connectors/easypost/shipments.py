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

    async def unfit(self, day: CloseOut) -> tuple[Document | None, dict[str, str]]:
        """Tell why a day's scan form was refused.

        Returns
        -------
        tuple
            The form that all that stands of the day is on already, or None;
            and each booking that cannot be on a new one, with the reason.
        """
        forms: dict[str, Document] = {}
        left_out: dict[str, str] = {}
        free = 0
        for booking in day.bookings:
            try:
                shipment = await self.get(booking)
            except NotFound:
                left_out[booking] = "it is not known"
                continue
            form = shipment.get("scan_form")
            if isinstance(form, dict) and text(form, "status") != "failed":
                forms[booking] = form
            elif not stands(shipment):
                left_out[booking] = "it has no label that stands"
            else:
                free += 1
        if len({text(form, "id") for form in forms.values()}) == 1 and not free:
            return next(iter(forms.values())), left_out
        on_another = {one: "it is on another form" for one in forms}
        return None, {**left_out, **on_another}

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
