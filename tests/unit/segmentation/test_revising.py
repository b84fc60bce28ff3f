import pytest

from domain.quantities import SegmentId
from domain.segment import SegmentStatus
from segmentation.revising import UnknownSegment, next_version, without
from tests.builders import a_rule_set, a_segment

RULES = a_rule_set(a_segment(id="urgent"), a_segment(id="odd"), version="spring-3")


def test_a_segment_is_retired_in_a_version_of_its_own() -> None:
    found = without(RULES, SegmentId("odd"), "spring-3.1")

    statuses = {segment.id: segment.status for segment in found.segments}
    assert statuses == {"urgent": SegmentStatus.ACTIVE, "odd": SegmentStatus.RETIRED}
    assert (RULES.version, found.version) == ("spring-3", "spring-3.1")


def test_what_is_retired_already_cannot_be_retired() -> None:
    once = without(RULES, SegmentId("odd"), "spring-3.1")

    with pytest.raises(UnknownSegment, match="no segment 'odd' to retire"):
        without(once, SegmentId("odd"), "spring-3.2")


def test_a_mistyped_segment_comes_with_the_likely_one() -> None:
    with pytest.raises(UnknownSegment, match="did you mean 'urgent'"):
        without(RULES, SegmentId("urgnt"), "spring-3.1")


@pytest.mark.parametrize(
    ("version", "taken", "expected"),
    [
        ("spring-3", {"spring-3"}, "spring-3.1"),
        ("spring-3", {"spring-3", "spring-3.1"}, "spring-3.2"),
        ("spring-3.1", {"spring-3", "spring-3.1"}, "spring-3.2"),
        ("2026.03", {"2026.03"}, "2026.03.1"),
    ],
)
def test_the_next_version_is_one_that_is_free(
    version: str, taken: set[str], expected: str
) -> None:
    assert next_version(version, taken) == expected
