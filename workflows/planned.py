"""One parcel of a plan, as it was decided: what its effects are asked with."""

from dataclasses import dataclass

from temporalio import workflow
from temporalio.common import Priority

with workflow.unsafe.imports_passed_through():
    from domain.order import Order
    from domain.plan import Parcel
    from domain.policy import Limits
    from domain.quantities import ParcelId
    from workflows.names import effect_key


@dataclass(frozen=True)
class PlannedParcel:
    """A parcel, the order it is of, and the decision it was planned in."""

    order: Order
    id: ParcelId
    revision: int
    parcel: Parcel
    limits: Limits
    priority: Priority

    @property
    def key(self) -> str:
        """Name this parcel's effects; a new revision has new keys."""
        return effect_key(self.id, self.revision)
