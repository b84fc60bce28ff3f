"""What can go wrong, in our words.

LanewiseError
├── OrderRefused            the order itself cannot be accepted
│   └── OrderConflict       another order already has this id
├── IllegalMove             the present status does not allow this
├── NoPlan                  a work limit ended before any feasible plan
├── StoreUnreachable        the database did not answer when it was opened
├── HoldLost                stock or capacity went to somebody else
├── Immutable               what is kept under this id never changes
├── UnknownVersion          nothing is kept under this version
└── ConnectorError          the closed set a counterpart may answer with
    ├── InvalidRequest      ours to mend; never retried
    ├── AuthFailed          never retried
    ├── NotFound            never retried
    ├── StateConflict       too late, or not in that state; never retried
    ├── QuoteExpired        re-rate, then decide again if the difference matters
    ├── InsufficientStock   a refusal of the goods; decide again
    ├── RateLimited         retried after `retry_after_s`
    ├── Unavailable         surely not done; retried, after `retry_after_s` if said
    ├── OutcomeUnknown      sent, no answer: look it up before anything else
    ├── ContractViolation   an answer we cannot read; never retried
    └── Unsupported         this counterpart cannot do that; never retried
"""


class LanewiseError(Exception):
    """Base of everything Lanewise raises on purpose."""


class OrderRefused(LanewiseError):
    """The order cannot be accepted; the message names field, value and remedy."""


class OrderConflict(OrderRefused):
    """A different order was already accepted under this id."""


class IllegalMove(LanewiseError):
    """The present status does not allow what was asked."""


class NoPlan(LanewiseError):
    """No feasible plan was found within the work allowed."""


class StoreUnreachable(LanewiseError):
    """The database did not answer when it was opened."""


class HoldLost(LanewiseError):
    """A hold expired or lost its stock before it was confirmed."""


class Immutable(LanewiseError):
    """Something else is already kept under this id, and it never changes."""


class UnknownVersion(LanewiseError):
    """Nothing is kept under this version."""


class ConnectorError(LanewiseError):
    """A counterpart's answer, normalized; `raw` keeps what it really said.

    ``retry_after_s`` is how long it wants to be left alone, where it says so.
    """

    retry_after_s: float | None = None

    def __init__(self, message: str, *, raw: str = "") -> None:
        super().__init__(message)
        self.raw = raw


class InvalidRequest(ConnectorError):
    """The counterpart says our request is wrong."""


class AuthFailed(ConnectorError):
    """Our credentials were refused."""


class NotFound(ConnectorError):
    """The counterpart does not know that thing."""


class StateConflict(ConnectorError):
    """It knows it, but in a state that does not allow this."""


class QuoteExpired(ConnectorError):
    """The rate quoted is no longer offered; ``now_cents`` is, where it is told."""

    def __init__(
        self, message: str, *, now_cents: int | None = None, raw: str = ""
    ) -> None:
        super().__init__(message, raw=raw)
        self.now_cents = now_cents


class InsufficientStock(ConnectorError):
    """The warehouse does not have the goods."""


class RateLimited(ConnectorError):
    """Asked too often; try again after `retry_after_s` seconds."""

    retry_after_s: float

    def __init__(self, message: str, *, retry_after_s: float, raw: str = "") -> None:
        super().__init__(message, raw=raw)
        self.retry_after_s = retry_after_s


class Unavailable(ConnectorError):
    """Not reached or turned away: nothing was done."""

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, raw: str = ""
    ) -> None:
        super().__init__(message, raw=raw)
        self.retry_after_s = retry_after_s


class OutcomeUnknown(ConnectorError):
    """Sent, but never answered: it may or may not have been done."""


class ContractViolation(ConnectorError):
    """An answer that does not follow the agreed contract."""


class Unsupported(ConnectorError):
    """The counterpart cannot do that."""


# Retrying cannot help with these: activity retry policies name them.
FINAL_CONNECTOR_ERRORS: tuple[type[ConnectorError], ...] = (
    InvalidRequest,
    AuthFailed,
    NotFound,
    StateConflict,
    QuoteExpired,
    InsufficientStock,
    ContractViolation,
    Unsupported,
)

# An undo whose answer cannot be read may not have been done: it is asked again.
FINAL_WHILE_UNDOING = tuple(
    error for error in FINAL_CONNECTOR_ERRORS if error is not ContractViolation
)
