"""Alerts in the Common Alerting Protocol become hazards, whoever wrote them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.alerts import Reading
from connectors.cap.document import DEEPEST
from connectors.cap.mapping import WITHOUT_END, hazards
from domain.errors import ContractViolation
from domain.hazard import Severity

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SAMPLES = Path(__file__).parents[5] / "shared" / "specs" / "cap"
NAMESPACE = 'xmlns="urn:oasis:names:tc:emergency:cap:1.2"'
INFO = """
<info><language>en-US</language><event>Flash Flood</event>
<responseType>Shelter</responseType><urgency>Immediate</urgency>
<severity>Extreme</severity><certainty>Likely</certainty>
<onset>2026-03-02T10:00:00-00:00</onset><expires>2026-03-02T15:00:00-00:00</expires>
<headline>Move to higher ground</headline>
<area><areaDesc>Valley</areaDesc>
<polygon>38.47,-120.14 38.34,-119.95 38.52,-119.74 38.47,-120.14</polygon>
<circle>38.0,-120.0 12.3</circle>
<geocode><valueName>SAME</valueName><value>006109</value></geocode></area></info>
"""
TIMES = "<sent>2026-03-02T09:00:00-00:00</sent>"


def alert(
    info: str = INFO,
    id: str = "a-1",
    status: str = "Actual",
    kind: str = "Alert",
    more: str = "",
) -> str:
    return (
        f"<alert {NAMESPACE}><identifier>{id}</identifier><sender>s</sender>{TIMES}"
        f"<status>{status}</status><msgType>{kind}</msgType>{more}{info}</alert>"
    )


def read(text: str, **more: str) -> Reading:
    return hazards(text.encode(), NOW, **more)


def info(extra: str = "", **replaced: str) -> str:
    text = INFO.replace("</area></info>", f"{extra}</area></info>")
    for old, new in replaced.items():
        start, end = text.index(f"<{old}>"), text.index(f"</{old}>")
        text = text[: start + len(old) + 2] + new + text[end:]
    return text


def test_an_alert_is_read_with_all_we_use() -> None:
    [hazard] = read(alert()).hazards

    assert (hazard.id, hazard.kind) == ("a-1", "flash-flood")
    assert hazard.severity is Severity.EXTREME
    assert hazard.valid_from == NOW - 2 * HOUR
    assert hazard.valid_until == NOW + 3 * HOUR
    assert tuple(hazard.polygons[0][0]) == (38.47, -120.14)
    assert hazard.circles[0].radius_km == 13
    assert (hazard.zones, hazard.country) == (("SAME:006109",), "US")
    assert hazard.headline == "Move to higher ground"


def test_english_is_preferred_and_each_of_its_blocks_is_a_hazard() -> None:
    french = INFO.replace("en-US", "fr-CA").replace("Flash Flood", "Crue")
    both = alert(french + INFO + info(event="High Wind"))

    assert [(h.id, h.kind) for h in read(both).hazards] == [
        ("a-1", "flash-flood"),
        ("a-1#2", "high-wind"),
    ]


def test_without_english_the_first_language_is_read() -> None:
    french = INFO.replace("en-US", "fr-CA").replace("Flash Flood", "Crue")
    german = INFO.replace("en-US", "de-DE").replace("Flash Flood", "Flut")

    assert [h.kind for h in read(alert(french + german)).hazards] == ["crue"]


@pytest.mark.parametrize(
    ("codes", "country"),
    [
        ("<geocode><valueName>EMMA_ID</valueName><value>UK004</value></geocode>", "GB"),
        ("<geocode><valueName>EMMA_ID</valueName><value>DE123</value></geocode>", "DE"),
        (
            "<geocode><valueName>layer:EC-MSC-SMC:1.0:CLC</valueName>"
            "<value>041420</value></geocode>",
            "CA",
        ),
        ("", "MX"),
    ],
)
def test_an_alerts_country_is_that_of_its_codes(codes: str, country: str) -> None:
    text = alert(info(codes).replace("SAME", "OTHER"))

    assert read(text, country="MX").hazards[0].country == country


def test_a_wmo_identifier_tells_the_country() -> None:
    text = alert(info().replace("SAME", "OTHER"), id="2.49.0.1.124.6bdd.2012")

    assert read(text).hazards[0].country == "CA"


def test_an_alert_that_says_no_end_lasts_a_day() -> None:
    text = alert(INFO.replace("<expires>2026-03-02T15:00:00-00:00</expires>", ""))

    assert read(text).hazards[0].valid_until == NOW - 2 * HOUR + WITHOUT_END


@pytest.mark.parametrize(
    ("status", "kind"), [("Test", "Alert"), ("Exercise", "Alert"), ("Actual", "Ack")]
)
def test_tests_exercises_and_acknowledgements_are_no_hazards(
    status: str, kind: str
) -> None:
    reading = read(alert(status=status, kind=kind))

    assert (reading.hazards, len(reading.left_out)) == ((), 1)


@pytest.mark.parametrize("kind", ["Update", "Cancel"])
def test_updates_and_cancellations_replace_what_they_refer_to(kind: str) -> None:
    references = "<references>s,a-1,2026-03-02T09:00:00-00:00</references>"
    text = f"<alerts>{alert()}{alert(id='a-2', kind=kind, more=references)}</alerts>"

    left = [hazard.id for hazard in read(text).hazards]

    assert left == (["a-2"] if kind == "Update" else [])


def test_an_all_clear_ends_what_it_updates() -> None:
    references = "<references>s,a-1,2026-03-02T09:00:00-00:00</references>"
    clear = alert(info(responseType="AllClear"), "a-2", kind="Update", more=references)

    assert read(f"<alerts>{alert()}{clear}</alerts>").hazards == ()


def test_alerts_in_an_atom_feed_are_read_and_mere_links_reported() -> None:
    entry = f"<entry><content>{alert()}</content></entry>"
    link = "<entry><id>urn:x</id><link href='https://example.org/x.cap'/></entry>"
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom">{entry}{link}</feed>'

    reading = read(atom)

    assert len(reading.hazards) == 1
    assert "urn:x" in reading.problems[0]
    assert not reading.complete


def test_an_empty_list_is_a_list() -> None:
    assert read("<alerts/>") == Reading()


def test_an_instant_that_cannot_be_read_is_reported_and_its_alert_kept() -> None:
    reading = read(alert(info(onset="at noon", expires="")))

    assert "at noon" in reading.problems[0]
    assert reading.hazards[0].valid_from == NOW - 3 * HOUR


def test_one_bad_alert_does_not_lose_the_others() -> None:
    bad = alert(info(onset="9999-12-31T23:59:00Z", expires=""), id="bad")

    reading = read(f"<alerts>{bad}{alert()}{alert(info='', id='mute')}</alerts>")

    assert [hazard.id for hazard in reading.hazards] == ["a-1"]
    assert reading.unreadable == ("bad", "mute")


def test_a_shape_that_cannot_be_read_is_left_out_by_itself() -> None:
    shapes = "<polygon>38.1 -120 38.2 -121</polygon><circle>91,0 5</circle>"
    shapes += "<circle>1,2 -5</circle><polygon>nowhere,else</polygon>"

    reading = read(alert(info(shapes)))

    assert len(reading.problems) == 4
    assert len(reading.hazards[0].polygons) == len(reading.hazards[0].circles) == 1


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "utf-16", "gb2312"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    word = "洪水" if encoding == "gb2312" else "Überflutung"
    declared = f'<?xml version="1.0" encoding="{encoding}"?>'
    text = declared + alert(info(headline=word))

    assert hazards(text.encode(encoding), NOW).hazards[0].headline == word


def test_a_signature_is_left_out() -> None:
    signature = (
        '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
        "<ds:Object><alert><identifier>forged</identifier></alert></ds:Object>"
        "</ds:Signature>"
    )

    reading = read(alert(more=signature))

    assert [hazard.id for hazard in reading.hazards] == ["a-1"]


_BOMB = (
    '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]><alert>&c;</alert>'
)
_FILE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><alert>&x;</alert>'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (_BOMB.encode(), "document type"),
        (_FILE.encode(), "document type"),
        (_FILE.encode("utf-16"), "document type"),
        (b"<!DOCTYPE alert SYSTEM 'http://x/y.dtd'><alert/>", "document type"),
        (b"<alert>&unknown;</alert>", "not XML"),
        (b"", "not XML"),
        (b"{}", "not XML"),
        (b"<html><body>Sorry</body></html>", "no CAP"),
        (b"<a>" * (DEEPEST + 1), "nested deeper"),
        (b'<?xml version="1.0" encoding="rot13"?><a/>', "encoding 'rot13'"),
        (b'<?xml version="1.0" encoding="utf-8"?><a>\xff</a>', "which it is not"),
        (
            b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>',
            "nothing in the document",
        ),
    ],
)
def test_what_is_not_harmless_xml_is_refused_in_a_sentence(
    data: bytes, said: str
) -> None:
    with pytest.raises(ContractViolation, match=said):
        hazards(data, NOW)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(alert()) - 1), st.binary(max_size=6))
def test_damaged_documents_are_read_or_refused_but_nothing_else(
    at: int, junk: bytes
) -> None:
    data = alert().encode()

    try:
        reading = hazards(data[:at] + junk + data[at + len(junk) :], NOW)
    except ContractViolation:
        return

    assert len(reading.hazards) + len(reading.problems) + len(reading.left_out) > 0


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the vendors' samples are not here")
@pytest.mark.parametrize(
    ("name", "kinds", "left_out"),
    [
        ("canada.cap", [], 1),
        ("earthquake-iso8859-1.cap", ["earthquake"], 0),
        ("weather.cap", ["flash-flood-watch"], 0),
    ],
)
def test_published_samples_are_read(name: str, kinds: list[str], left_out: int) -> None:
    reading = hazards((SAMPLES / name).read_bytes(), NOW)

    assert [hazard.kind for hazard in reading.hazards] == kinds
    assert (len(reading.left_out), reading.problems) == (left_out, ())
