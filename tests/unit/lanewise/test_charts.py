from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from lanewise.charts import WIDTH, Bar, Panel, deltas, picture

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*panels: Panel, title: str = "a → b") -> ElementTree.Element:
    return ElementTree.fromstring(picture(title, "What changes.", panels))


def texts(svg: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in svg.iter(f"{SVG}text")]


def test_a_picture_can_be_read_aloud() -> None:
    svg = drawn(Panel("Orders", "lost", "gained", (Bar("big", 2, 5, "−2", "+5"),)))

    assert svg.attrib["role"] == "img"
    assert [svg.findtext(f"{SVG}{part}") for part in ("title", "desc")] == [
        "a → b",
        "What changes.",
    ]
    assert {"Orders", "big", "−2", "+5", "lost", "gained"} <= set(texts(svg))


def test_what_a_name_says_is_never_markup() -> None:
    svg = drawn(Panel("<b>", "&", "'", (Bar("</svg>", 1, 0),)), title='<a "b">')

    assert "</svg>" in texts(svg)
    assert svg.findtext(f"{SVG}title") == '<a "b">'


def test_nothing_to_draw_is_said() -> None:
    assert "Nothing would change." in texts(drawn(Panel("Orders", "", "", ())))


def test_bars_have_the_lengths_of_their_values() -> None:
    panel = deltas("Cost", "less", "more", [("a", 30, "30"), ("b", -10, "-10")])

    _, long, short = [
        float(rect.attrib["width"]) for rect in drawn(panel).iter(f"{SVG}rect")
    ]

    assert abs(long - 3 * short) < 0.5


VALUES = st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 2))


@settings(max_examples=40, deadline=None)
@given(values=st.lists(VALUES, min_size=1, max_size=12))
def test_nothing_is_drawn_outside_the_picture(values: list[float]) -> None:
    rows = [(f"row {n}", value, f"{value}") for n, value in enumerate(values)]

    svg = drawn(deltas("Cost", "less", "more", rows))

    height = float(svg.attrib["height"])
    for rect in svg.iter(f"{SVG}rect"):
        left, top = float(rect.get("x", 0)), float(rect.get("y", 0))
        assert left >= 0
        assert left + float(rect.attrib["width"]) <= WIDTH
        assert top + float(rect.attrib["height"]) <= height
