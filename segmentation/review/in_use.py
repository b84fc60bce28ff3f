"""What is odd about segments on a history, and about names the network lacks."""

from collections.abc import Mapping, Sequence

from domain.network import Network
from domain.quantities import SegmentId
from domain.segment import Segment
from domain.subject import SubjectKind
from segmentation.review.finding import Findings, Notebook
from segmentation.review.population import Count
from segmentation.review.reading import Read
from segmentation.schema import nearest

UNKNOWN_SHARE = 0.2
LEAST_SHARE = 0.001


def on_history(
    reads: Sequence[Read],
    counts: Mapping[SegmentId, Count],
    without_effect: frozenset[SegmentId],
    least: int,
    notes: Notebook,
) -> Findings:
    """Find what is odd about how the rules came out on a history."""
    for each in reads:
        count = counts.get(each.id)
        if count is not None and count.looks:
            yield from _of(each, count, each.id in without_effect, least, notes)


def _of(each: Read, count: Count, idle: bool, least: int, notes: Notebook) -> Findings:
    what = f"{count.looks:,} looks at {count.subjects:,} {_plural(each, count)}"
    if count.unknown_share > UNKNOWN_SHARE:
        yield notes.warn(
            "often-unknown",
            each.id,
            f"facts are missing for {count.unknown_share:.0%} of {what}",
            "ask known(...) first, or see that the facts are delivered",
            at=("when",),
        )
    if count.never:
        said = f"it never held on the history ({what})"
        hint = "retire it, unless it waits for something rare"
        yield notes.warn("never-on-history", each.id, said, hint, at=("when",))
    elif count.always:
        said = f"it always held on the history ({what})"
        hint = "put its effects into base"
        yield notes.warn("always-on-history", each.id, said, hint, at=("when",))
    elif count.members and _too_few(each, count, least):
        yield notes.warn(
            "too-small",
            each.id,
            f"only {count.members:,} of {count.subjects:,} {_plural(each, count)} "
            "were in it",
            "widen it, merge it, or retire it: it costs more care than it serves",
            at=("when",),
        )
    if idle and not count.never:
        said = "it never changed a policy on the history"
        hint = "others already ask for what it does, or a higher priority overrules it"
        yield notes.warn("no-effect-on-history", each.id, said, hint, at=("effects",))


def _too_few(each: Read, count: Count, least: int) -> bool:
    """Tell whether few were in it, of enough to say so; one bad lane is enough."""
    if each.on is SubjectKind.LANE or count.subjects < 2 * least:
        return False
    return count.members < least or count.members < LEAST_SHARE * count.subjects


def _plural(each: Read, count: Count) -> str:
    names = {"sku": "SKU"}
    name = names.get(each.on.value, each.on.value)
    return name if count.subjects == 1 else f"{name}s"


def not_in_network(
    segments: Sequence[Segment], network: Network, notes: Notebook
) -> Findings:
    """Find effects that name centers, carriers or services nobody has."""
    known = {
        "centers": {str(center.id) for center in network.centers},
        "carriers": {str(service.carrier) for service in network.services},
        "services": {str(service.id) for service in network.services},
    }
    for segment in segments:
        for term, value in segment.effects:
            _, _, kind = term.partition("_")
            if kind not in known or not isinstance(value, tuple):
                continue
            for name in sorted(set(value) - known[kind]):
                near = _alike(name, known[kind])
                yield notes.warn(
                    "not-in-network",
                    segment.id,
                    f"{term} names {name!r}, which network {network.version!r} "
                    "does not have",
                    f"did you mean {near!r}?"
                    if near
                    else f"it has {_some(known[kind])}",
                    at=("effects", term),
                )


def _alike(name: str, names: set[str]) -> str:
    folded = {other.casefold(): other for other in sorted(names)}
    return folded.get(nearest(name, folded), "")


def _some(names: set[str]) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - 5} more" if len(listed) > 5 else ""
    return ", ".join(listed[:5]) + more
