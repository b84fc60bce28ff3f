"""Every table, as rows; they never leave this room.

SQLModel rows are not validated. Whole values are kept as JSON text in
``document``; the other columns repeat what is searched, summed or unique.
"""

from store.rows.columns import Serial, UtcDateTime
from store.rows.ledger import (
    CapacityClaimRow,
    CapacityRow,
    ClaimRow,
    ReleaseRow,
    ScarceRow,
    ShipmentRow,
    StockClaimRow,
    StockRow,
)
from store.rows.orders import (
    ClassificationRow,
    DecisionRow,
    InterestRow,
    MembershipRow,
    OrderRow,
    OutcomeRow,
    TellingRow,
    VerifiedDayRow,
    ViolationRow,
)
from store.rows.people import ApiKeyRow, CustomerRow, PseudonymRow
from store.rows.published import (
    ActiveRow,
    NetworkRow,
    RuleSetMoveRow,
    RuleSetRow,
    SkuRow,
)
from store.rows.subjects import (
    ConditionRow,
    DailyUnitsRow,
    EventRow,
    HazardRow,
    MembershipChangeRow,
    ProfileRow,
    ScoresRow,
    SubjectMembershipRow,
    SubjectStateRow,
)
from store.rows.traffic import (
    DoubleRow,
    InboxRow,
    ManifestRow,
    OrderSourceRow,
    ParcelRow,
    SourcedOrderRow,
    ToldShipmentRow,
)

__all__ = [
    "ActiveRow",
    "ApiKeyRow",
    "CapacityClaimRow",
    "CapacityRow",
    "ClaimRow",
    "ClassificationRow",
    "ConditionRow",
    "CustomerRow",
    "DailyUnitsRow",
    "DecisionRow",
    "DoubleRow",
    "EventRow",
    "HazardRow",
    "InboxRow",
    "InterestRow",
    "ManifestRow",
    "MembershipChangeRow",
    "MembershipRow",
    "NetworkRow",
    "OrderRow",
    "OrderSourceRow",
    "OutcomeRow",
    "ParcelRow",
    "ProfileRow",
    "PseudonymRow",
    "ReleaseRow",
    "RuleSetMoveRow",
    "RuleSetRow",
    "ScarceRow",
    "ScoresRow",
    "Serial",
    "ShipmentRow",
    "SkuRow",
    "SourcedOrderRow",
    "StockClaimRow",
    "StockRow",
    "SubjectMembershipRow",
    "SubjectStateRow",
    "TellingRow",
    "ToldShipmentRow",
    "UtcDateTime",
    "VerifiedDayRow",
    "ViolationRow",
]
