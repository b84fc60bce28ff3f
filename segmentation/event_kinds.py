"""The kinds of event rules may count, and to whom or what they happen."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.subject import SubjectKind

_C, _S, _L = SubjectKind.CUSTOMER, SubjectKind.SKU, SubjectKind.LANE

# Kind → what it is, and the kinds of subject it happens to.
KNOWN: Mapping[str, tuple[str, tuple[SubjectKind, ...]]] = MappingProxyType(
    {
        "order_placed": ("an order was placed", (_C, _S)),
        "order_canceled": ("an order was canceled by the customer", (_C, _S)),
        "viewed": ("a product was looked at", (_C, _S)),
        "searched": ("something was searched for", (_C,)),
        "wishlisted": ("a product was put on a wish list", (_C, _S)),
        "carted": ("a product was put into a cart", (_C, _S)),
        "checkout_started": ("a checkout was begun", (_C, _S)),
        "message_opened": ("a message of ours was opened", (_C,)),
        "contacted": ("the customer asked us something", (_C,)),
        "complained": ("somebody complained", (_C, _S, _L)),
        "reviewed": ("a product was given a review", (_C, _S)),
        "returned": ("goods came back", (_C, _S)),
        "refunded": ("money was given back", (_C, _S)),
        "delivered": ("a parcel was delivered", (_C, _S, _L)),
        "delivered_late": ("a parcel was delivered after its promise", (_C, _S, _L)),
        "delivery_failed": ("a delivery was tried in vain", (_C, _S, _L)),
        "damaged": ("goods arrived damaged", (_C, _S, _L)),
        "lost": ("a parcel was lost", (_C, _S, _L)),
        "handed_over": ("a parcel was handed to its carrier", (_C, _S, _L)),
        "carrier_scan": ("a carrier scanned a parcel", (_C, _S, _L)),
        "booking_refused": ("a carrier refused a parcel", (_L,)),
        "carrier_ok": ("a carrier did what it was asked", (_L,)),
        "carrier_failed": (
            "a carrier failed or did not answer",
            (_L,),
        ),
        "center_ok": ("a center did what it was asked", (_L,)),
        "center_refused": ("a center refused or did not answer", (_L,)),
        "stock_change": ("a center's stock of a SKU changed", (_S,)),
        "stocked_out": ("a SKU ran out", (_S,)),
        "restocked": ("a SKU came in again", (_S,)),
        "short_picked": ("a center could not find what it had promised", (_S,)),
        "price_changed": ("a SKU's price changed", (_S,)),
    }
)


def happens_to(kind: str) -> tuple[SubjectKind, ...]:
    """Return what events of a kind happen to; of a declared one, anything."""
    return KNOWN[kind][1] if kind in KNOWN else (_C, _S, _L)
