"""Says in words what a window counts, and what it came to."""

from segmentation.language.render import span
from segmentation.window import Window

_SHORT = {"m": "min"}
UNITS = {"sum_cents": "cents", "days_since": "d"}


def title(window: Window) -> str:
    """Name the number a window makes: ``viewed events of the customer``."""
    match window.function:
        case "events":
            return f"number of {_which(window, 'events')}"
        case "sum_units":
            return f"number of units in {_which(window, 'events')}"
        case "sum_cents":
            return f"money in {_which(window, 'events')}"
        case _:
            return f"time since the last {_which(window, 'event')}"


def counted(window: Window, said: str) -> str:
    """Tell a window with its number, as ``said`` with the number's unit."""
    match window.function:
        case "events":
            return f"{said} {_which(window, 'event' if said == '1' else 'events')}"
        case "sum_units":
            noun = "unit" if said == "1" else "units"
            return f"{said} {noun} in {_which(window, 'events')}"
        case "sum_cents":
            return f"{said} in {_which(window, 'events')}"
        case _:
            return f"{said} since the last {_which(window, 'event')}"


def _which(window: Window, noun: str) -> str:
    kind = window.kind.replace("_", " ")
    of = "SKU" if window.of.value == "sku" else window.of.value
    text = f"{kind} {noun} of the {of}"
    if window.labels:
        labels = (f"{name} {value}" for name, value in window.labels)
        text += f" with {' and '.join(labels)}"
    if window.within_s is not None:
        written = span(window.within_s)
        text += f" within {written[:-1]} {_SHORT.get(written[-1], written[-1])}"
    return text
