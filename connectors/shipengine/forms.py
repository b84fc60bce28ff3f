"""ShipEngine's manifests: one form for all that a carrier collects.

A label stands on one manifest only. What stands on one already is looked for
first, so that asking again for the same labels is answered with their form.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.fields import rows, table, word
from connectors.http import HttpClient
from connectors.shipengine.mapping import needed
from connectors.shipengine.pictures import inline
from connectors.shipengine.settings import ShipEngineSettings
from domain.errors import ConnectorError, ContractViolation
from domain.shipping import CloseOut, Document, Manifest
from domain.wire import raw_of

PAGE = 50
MOST_PAGES = 20
# A label is closed out within days of being made.
LOOK_BACK = timedelta(days=7)

Form = Mapping[str, Any]


class Forms:
    """Makes manifests, and finds those there are."""

    def __init__(
        self,
        settings: ShipEngineSettings,
        http: HttpClient,
        is_id: Callable[[str], bool],
        real_time: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._http = http
        self._is_id = is_id
        self._real_time = real_time

    async def close_out(self, day: CloseOut) -> Manifest:
        """Make a form for the labels that stand on none; tell of all that do."""
        wanted = {name for name in day.bookings if self._is_id(name)}
        forms = [one for one in await self._known(day) if wanted & labels_on(one)]
        rest = sorted(wanted - set().union(*map(labels_on, forms)))
        told: Any = {}
        if rest:
            body = {"label_ids": rest}
            answer = await self._http.act("POST", "/v1/manifests", body)
            told = answer.json()
            forms += made(told)
        manifest = parse_manifest(day, forms, told)
        document = await self._picture(forms)
        return manifest.model_copy(update={"document": document})

    async def _known(self, day: CloseOut) -> list[Form]:
        """List the manifests of the last days, of this carrier's account."""
        account = self._settings.accounts.get(day.carrier)
        since = self._real_time() - LOOK_BACK
        asked = {
            "created_at_start": f"{since:%Y-%m-%dT%H:%M:%SZ}",
            "page_size": str(PAGE),
            **({"carrier_id": account.id} if account else {}),
        }
        found: list[Form] = []
        for page in range(1, MOST_PAGES + 1):
            query = {**asked, "page": str(page)}
            document = table((await self._http.ask("/v1/manifests", query)).json())
            if not isinstance(document.get("manifests"), list):
                msg = "manifests: expected a list"
                raise ContractViolation(msg, raw=raw_of(document))
            found += rows(document["manifests"])
            pages = document.get("pages")
            if not isinstance(pages, int) or page >= pages:
                break
        return found

    async def _picture(self, forms: Collection[Form]) -> Document | None:
        """Fetch the first form; the day is closed without its picture as well."""
        for form in forms:
            place = form.get("manifest_download")
            href = word(place, "href") if isinstance(place, dict) else ""
            if not href:
                continue
            try:
                known = inline(href)
                if known is not None:
                    return Document(media_type=known[0], content=known[1])
                fetched = await self._http.fetch(href)
            except ConnectorError:
                return None
            kind = fetched.headers.get("content-type", "").partition(";")[0].strip()
            return Document(media_type=kind or "application/pdf", content=fetched.body)
        return None


def made(document: Any) -> list[Form]:
    """Return the manifests an answer tells of: a list, or as it told one before."""
    answer = table(document)
    listed: list[Form] = list(rows(answer.get("manifests")))
    if listed:
        return listed
    return [answer] if word(answer, "manifest_id") else []


def labels_on(form: Form) -> set[str]:
    """Return the labels that stand on a form."""
    listed = form.get("label_ids")
    names = listed if isinstance(listed, list) else []
    return {name for name in names if isinstance(name, str)}


def parse_manifest(day: CloseOut, forms: list[Form], told: Any) -> Manifest:
    """Put what stands on which form in our words.

    It is pending where ShipEngine only took the request. A label on no form is
    left out, with what the answer says of it.

    Raises
    ------
    ContractViolation
        Where the answer tells of no form, of no request and of no error.
    """
    answer = table(told)
    errors = [word(error, "message") for error in rows(answer.get("errors"))]
    requests = [word(r, "manifest_request_id") for r in rows(_requests(answer))]
    pending = bool(requests) and not made(answer)
    names = [needed(dict(form), "manifest_id") for form in forms] or requests
    why = "; ".join(filter(None, errors))
    if not names and not why:
        msg = "manifests: the answer tells of no form and of no request"
        raise ContractViolation(msg, raw=raw_of(answer))
    on = set().union(*map(labels_on, forms))
    if forms and not on:
        # Older answers count the labels and do not name them.
        on = set(day.bookings)
    missing = [name for name in day.bookings if name not in on]
    waiting = pending and not why
    return Manifest(
        id=names[0] if names else "none",
        key=day.key,
        carrier=day.carrier,
        bookings=day.bookings if waiting else tuple(n for n in day.bookings if n in on),
        left_out={} if waiting else dict.fromkeys(missing, why or "it is on no form"),
        pending=waiting,
        raw=raw_of(answer or forms),
    )


def _requests(answer: Form) -> Any:
    return answer.get("manifest_requests")
