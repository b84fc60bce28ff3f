"""EasyPost's verdicts on addresses, and its scan forms."""

from typing import Any

import httpx
import pytest

from connectors.easypost import addresses, requests
from domain.contact import Address, Contact
from domain.errors import InvalidRequest, Unavailable
from domain.quantities import Place
from domain.shipping import AddressVerdict, CloseOut
from tests.unit.connectors.easypost.counterpart import EasyPostSide
from tests.unit.connectors.easypost.samples import (
    FC,
    RENO,
    USPS,
    a_parcel,
    adapter,
    answering,
)

ASKED = Address(
    place=Place(postal_code="94107", region="CA", city="San Francisco"),
    contact=Contact(name="ADA", street_1="388 Townsend St", street_2="Apt 20"),
)
FOUND = {
    "street1": "388 TOWNSEND ST APT 20",
    "street2": "",
    "city": "SAN FRANCISCO",
    "state": "CA",
    "zip": "94107-1670",
    "country": "US",
    "residential": True,
}
LOCATED = {"latitude": 37.77551, "longitude": -122.39697}
NOT_FOUND = {"code": "E.ADDRESS.NOT_FOUND", "message": "Address not found"}


def verdict_of(delivery: object, **changes: Any):  # type: ignore[no-untyped-def]
    verifications = {"delivery": delivery}
    found = {**FOUND, "verifications": verifications, **changes}
    return addresses.parse_check(ASKED, found)


def yes(**changes: object) -> dict[str, object]:
    return {"success": True, "errors": [], "details": LOCATED, **changes}


def test_an_address_is_written_without_what_is_not_known() -> None:
    body = requests.verify_body(ASKED)

    assert body["verify"] is True
    assert body["address"]["street2"] == "Apt 20"
    assert "phone" not in body["address"]


async def test_an_address_is_asked_at_its_address() -> None:
    side = EasyPostSide()

    check = await adapter(side.transport()).validate_address(ASKED)

    assert [(m, p) for m, p, _ in side.asked] == [("POST", "/v2/addresses")]
    assert check.verdict is AddressVerdict.VALID


def test_other_capitals_are_no_correction() -> None:
    check = verdict_of(yes())

    assert (check.verdict, check.residential) == (AddressVerdict.VALID, True)
    assert check.better is not None
    assert check.better.place.postal_code == "94107-1670"
    assert check.better.contact.name == "ADA"


def test_another_town_is_a_correction() -> None:
    check = verdict_of(yes(), city="DALY CITY")

    assert check.verdict is AddressVerdict.CORRECTED
    assert check.better is not None
    assert check.better.place.city == "DALY CITY"


def test_success_with_errors_and_no_place_is_no_yes() -> None:
    nowhere = {"latitude": None, "longitude": None, "time_zone": None}

    check = verdict_of(yes(errors=[NOT_FOUND], details=nowhere))

    assert check.verdict is AddressVerdict.INVALID
    assert check.problems == ("E.ADDRESS.NOT_FOUND: Address not found",)


@pytest.mark.parametrize(
    ("delivery", "verdict"),
    [
        ({"success": False, "errors": [NOT_FOUND], "details": {}}, "invalid"),
        (yes(errors=[NOT_FOUND]), "corrected"),
        (yes(errors=["odd"], details=None), "invalid"),
        ({}, "unknown"),
        (None, "unknown"),
        ({"success": "maybe"}, "unknown"),
    ],
)
def test_verdicts_are_read(delivery: object, verdict: str) -> None:
    assert verdict_of(delivery).verdict == verdict


async def test_a_strict_refusal_is_a_verdict() -> None:
    said = {"code": "ADDRESS.VERIFY.FAILURE", "message": "Unable to verify address."}
    refusal = httpx.Response(422, json={"error": {**said, "errors": [NOT_FOUND]}})

    check = await adapter(answering(refusal)).validate_address(ASKED)

    assert check.verdict is AddressVerdict.INVALID
    assert "Address not found" in check.problems[0]


async def test_an_address_that_cannot_be_asked_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await adapter(answering(httpx.Response(500))).validate_address(ASKED)


def a_day(*bookings: str) -> CloseOut:
    return CloseOut(
        key="RENO/usps/2026-03-02",
        carrier=USPS,
        fc=FC,
        bookings=bookings,
        ship_from=RENO,
    )


def test_a_scan_form_names_its_shipments() -> None:
    body = requests.scan_form_body(a_day("shp_1", "shp_2"))

    assert body == {"shipments": [{"id": "shp_1"}, {"id": "shp_2"}]}


async def test_a_day_is_closed_once() -> None:
    side = EasyPostSide()
    carrier = adapter(side.transport())
    booked = [(await carrier.book(a_parcel(f"P/{n}"))).id for n in (1, 2)]

    first = await carrier.close_out(a_day(*booked))
    again = await carrier.close_out(a_day(*booked))

    assert (first.id, first.bookings, first.pending) == ("sf_1", tuple(booked), False)
    assert first.document is not None
    assert again.id == first.id
    assert len(side.forms) == 1


async def test_what_cannot_be_on_a_form_is_left_out() -> None:
    side = EasyPostSide()
    carrier = adapter(side.transport())
    booked = [(await carrier.book(a_parcel(f"P/{n}"))).id for n in (1, 2, 3)]
    await carrier.void(USPS, booked[0])
    await carrier.close_out(a_day(booked[1]))

    manifest = await carrier.close_out(a_day(*booked, "shp_9"))

    assert manifest.bookings == (booked[2],)
    assert manifest.left_out == {
        "shp_9": "it is not known",
        booked[0]: "it has no label that stands",
        booked[1]: "it is on another form",
    }
    again = await carrier.close_out(a_day(booked[0], booked[2]))
    assert (again.id, again.bookings) == (manifest.id, (booked[2],))


def test_a_failed_form_holds_nothing() -> None:
    form = {"id": "sf_1", "status": "failed", "message": "slow down"}

    manifest = addresses.parse_manifest(a_day("shp_1"), form)

    assert (manifest.bookings, manifest.pending) == ((), False)
    assert manifest.left_out == {"shp_1": "slow down"}


@pytest.mark.parametrize("status", ["creating", "never-heard-of", None])
def test_a_form_not_yet_made_is_pending(status: str | None) -> None:
    form = {"id": "sf_1", "status": status, "form_url": None}

    assert addresses.parse_manifest(a_day("shp_1"), form).pending


async def test_a_refused_form_is_read() -> None:
    said = {"code": "SCAN_FORM.INVALID", "message": "different origins"}
    refusal = httpx.Response(422, json={"error": said})
    alone = httpx.Response(200, json={"id": "shp_1", "scan_form": None})

    with pytest.raises(InvalidRequest, match="different origins"):
        await adapter(answering(refusal, alone)).close_out(a_day("shp_1"))


async def test_a_form_that_cannot_be_fetched_closes_the_day_all_the_same() -> None:
    url = "https://files.example.com/form.pdf"
    form = {"id": "sf_1", "status": "created", "form_url": url}
    answers = (httpx.Response(200, json=form), httpx.Response(403))

    manifest = await adapter(answering(*answers)).close_out(a_day("shp_1"))

    assert manifest.document is None
    assert not manifest.pending
