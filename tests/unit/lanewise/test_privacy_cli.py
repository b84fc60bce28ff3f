"""What ``lanewise privacy`` prints, without a server."""

import json
from dataclasses import replace

import pytest

from domain.quantities import OrderId
from lanewise.cli import privacy as cli
from lanewise.privacy import Erasure, Proof

ERASURE = Erasure(
    known_as="CUST-ADA",
    pseudonym="c-aaaaaaaaaaaaaaaaaaaa",
    orders=(OrderId("o-1"),),
    executions=("order/o-1",),
    erased={"orders": 1, "pseudonyms": 1},
    decisions_kept=3,
)


@pytest.mark.parametrize(
    ("proof", "holds"),
    [
        (Proof(file_bytes=0), True),
        (Proof(), True),
        (Proof(file_bytes=4), False),
        (Proof(file_bytes=4, in_longer_ids={"orders.id": 1}), True),
        (Proof(file_bytes=4, found=1, in_longer_ids={"orders.id": 1}), False),
        (Proof(file_bytes=0, log_cut=False), False),
    ],
)
def test_a_proof_holds_where_nothing_of_theirs_is_left(
    proof: Proof, *, holds: bool
) -> None:
    assert proof.holds is holds


def test_the_proof_is_told_in_figures(capsys: pytest.CaptureFixture[str]) -> None:
    proof = Proof(
        file_bytes=4,
        in_longer_ids={"pseudonyms.known_as": 2},
        telling=5,
        telling_found={"events.labels": 1},
        log_cut=False,
    )

    cli.show(replace(ERASURE, proof=proof), cli.FILE_LIMITS)

    said = " ".join(capsys.readouterr().out.split())
    assert "The id is 4 times in the bytes" in said
    assert "2 in pseudonyms.known_as" in said
    assert "1 in events.labels" in said
    assert "its log could not be cut" in said
    assert "Decisions kept: 3." in said
    assert "Not proven here" in said


def test_a_dry_run_says_that_nothing_was_erased(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cli.show(ERASURE, cli.FILE_LIMITS)

    said = capsys.readouterr()
    assert "Would be erased" in said.out
    assert "Nothing was erased" in said.err


def test_the_document_names_what_is_kept_and_what_is_not_proven() -> None:
    document = cli.document(ERASURE, cli.SERVER_LIMITS)

    assert json.loads(json.dumps(document)) == document | {
        "orders": ["o-1"],
        "executions": ["order/o-1"],
    }
    assert (document["dry_run"], document["proven"]) == (True, None)
    assert "PostgreSQL" in document["not_proven"]
    assert "Decisions name only the pseudonym" in document["kept_on_purpose"]
