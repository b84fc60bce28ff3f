"""Small pictures as SVG text: bars to the left and right of a line, with words.

Every bar's value is written beside it, colors are told apart by lightness too,
and the whole is described for those who hear a picture read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 760
ROW = 26
BAR = 16
HEAD = 34
GAP = 20
LABEL = 230
MARGIN = 16
VALUE = 90
FONT = "font-family='sans-serif'"

RED, BLUE, INK, FAINT = "#b2182b", "#2166ac", "#222222", "#999999"


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: a label, how far to the left and to the right, and both in words."""

    label: str
    left: float
    right: float
    left_said: str = ""
    right_said: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars that share a scale, and what left and right mean; the worse is red."""

    title: str
    left: str
    right: str
    bars: tuple[Bar, ...]
    colors: tuple[str, str] = (RED, BLUE)


def deltas(
    title: str, left: str, right: str, values: Sequence[tuple[str, float, str]]
) -> Panel:
    """Build a panel of values, the less the better: label, number, and it in words."""
    bars = tuple(
        Bar(label, -min(value, 0), max(value, 0), *_beside(value, said))
        for label, value, said in values
    )
    return Panel(title, left, right, bars, (BLUE, RED))


def picture(title: str, about: str, panels: Sequence[Panel]) -> str:
    """Draw the panels below each other.

    Parameters
    ----------
    title, about
        What it shows, in a line and in a sentence.
    panels
        Those without bars are left out.
    """
    shown = [panel for panel in panels if panel.bars]
    parts: list[str] = []
    y = MARGIN + HEAD
    for panel in shown:
        parts += _panel(panel, y)
        y += _height(panel)
    if not shown:
        parts.append(_text(MARGIN, y + 14, "Nothing would change."))
        y += ROW
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {y + MARGIN}' "
        f"width='{WIDTH}' height='{y + MARGIN}' role='img' "
        f"aria-labelledby='title about' {FONT} font-size='13' fill='{INK}'>"
    )
    return "\n".join(
        [
            head,
            f"<title id='title'>{escape(title)}</title>",
            f"<desc id='about'>{escape(about)}</desc>",
            f"<rect width='{WIDTH}' height='{y + MARGIN}' fill='#ffffff'/>",
            _text(MARGIN, MARGIN + 14, title, weight="bold", size=16),
            *parts,
            "</svg>\n",
        ]
    )


def _beside(value: float, said: str) -> tuple[str, str]:
    return ("", said) if value >= 0 else (said, "")


def _height(panel: Panel) -> int:
    return HEAD + ROW * len(panel.bars) + GAP


def _panel(panel: Panel, y: int) -> list[str]:
    room = WIDTH - 2 * MARGIN - LABEL - 2 * VALUE
    most_left = max(bar.left for bar in panel.bars)
    most_right = max(bar.right for bar in panel.bars)
    scale = room / ((most_left + most_right) or 1)
    zero = MARGIN + LABEL + VALUE + most_left * scale
    top, colors = y + HEAD, panel.colors
    bottom = top + ROW * len(panel.bars)
    parts = [
        _text(MARGIN, y + 14, panel.title, weight="bold"),
        _text(
            zero - 6, y + HEAD - 6, panel.left, anchor="end", color=colors[0], size=11
        ),
        _text(zero + 6, y + HEAD - 6, panel.right, color=colors[1], size=11),
    ]
    for n, bar in enumerate(panel.bars):
        parts += _bar(bar, top + n * ROW, zero, scale, colors)
    parts.append(
        f"<line x1='{zero:.1f}' y1='{top}' x2='{zero:.1f}' y2='{bottom}' "
        f"stroke='{FAINT}'/>"
    )
    return parts


def _bar(
    bar: Bar, y: int, zero: float, scale: float, colors: tuple[str, str]
) -> list[str]:
    middle = y + BAR - 3
    left, right = bar.left * scale, bar.right * scale
    parts = [_text(MARGIN, middle, _cut(bar.label))]
    if bar.left:
        parts.append(_rect(zero - left, y, left, colors[0]))
    if bar.right:
        parts.append(_rect(zero, y, right, colors[1]))
    if bar.left_said:
        parts.append(_text(zero - left - 6, middle, bar.left_said, anchor="end"))
    if bar.right_said:
        parts.append(_text(zero + right + 6, middle, bar.right_said))
    return parts


def _rect(x: float, y: int, width: float, color: str) -> str:
    return (
        f"<rect x='{x:.1f}' y='{y}' width='{max(width, 1):.1f}' height='{BAR}' "
        f"fill='{color}'/>"
    )


def _text(
    x: float,
    y: int,
    text: str,
    *,
    anchor: str = "start",
    weight: str = "normal",
    size: int = 13,
    color: str = INK,
) -> str:
    return (
        f"<text x='{x:.1f}' y='{y}' text-anchor='{anchor}' font-weight='{weight}' "
        f"font-size='{size}' fill='{color}'>{escape(text)}</text>"
    )


def _cut(label: str) -> str:
    return label if len(label) <= 34 else f"{label[:33]}…"
