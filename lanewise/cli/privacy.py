"""``lanewise privacy …``: a person's right to be forgotten."""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table

from lanewise import wiring
from lanewise.cli.console import Exit, emit, err, out, run
from lanewise.executions import Executions
from lanewise.privacy import Erasure, Privacy, Proof
from lanewise.settings import Settings
from store.engine import Store

app = typer.Typer(no_args_is_help=True)

KEPT = (
    "What stays on purpose: the orders as figures (id, status, digest, goods, "
    "dates, country, region and at most three characters of the postal code), "
    "their decisions, parcels and outcomes without a name, and counts of SKUs and "
    "lanes. Decisions name only the pseudonym, which is nobody's any more."
)
FILE_LIMITS = (
    "Not proven here: backups and copies of the file, blocks the file system has "
    "freed, Temporal's own database files and its archive, log files of other "
    "programs, and what warehouses, carriers and the shop keep themselves."
)
SERVER_LIMITS = (
    "Not proven here: PostgreSQL reuses freed space without overwriting it; its "
    "write-ahead log and archive, replicas and backups hold older states until "
    "they expire. The same is true of Temporal's database and archive, and of "
    "what warehouses, carriers and the shop keep themselves."
)


@app.callback()
def privacy() -> None:
    """Erase what is kept of people."""


@app.command()
def erase(
    customer: Annotated[
        str, typer.Argument(metavar="CUSTOMER", help="Your id of them, or ours.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go; erase nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Erase a customer from the store, its files and Temporal, and prove it."""
    erasure = run(_erase(customer, dry_run=dry_run))
    on_files = erasure.proof is None or erasure.proof.file_bytes is not None
    limits = FILE_LIMITS if on_files else SERVER_LIMITS
    if as_json:
        emit(document(erasure, limits))
    else:
        show(erasure, limits)
    if erasure.proof is not None and not erasure.proof.holds:
        raise typer.Exit(Exit.PARTLY)


async def _erase(customer: str, *, dry_run: bool) -> Erasure:
    settings = Settings()
    store = Store(settings.database_url.get_secret_value())
    store.migrate()
    try:
        work = Privacy(store, Executions(await wiring.temporal(settings)))
        return await (work.look(customer) if dry_run else work.erase(customer))
    finally:
        store.close()


def document(erasure: Erasure, limits: str) -> dict[str, Any]:
    proof = erasure.proof
    return {
        **asdict(erasure),
        "dry_run": proof is None,
        "proven": proof.holds if proof else None,
        "kept_on_purpose": KEPT,
        "not_proven": limits,
    }


def show(erasure: Erasure, limits: str) -> None:
    proof = erasure.proof
    table = Table(
        "what", "rows", title="Would be erased" if proof is None else "Erased"
    )
    for name, rows in erasure.erased.items():
        table.add_row(name, f"{rows:,}")
    table.add_row("executions in Temporal", f"{len(erasure.executions):,}")
    out.print(table)
    out.print(KEPT, soft_wrap=True)
    out.print(f"Decisions kept: {erasure.decisions_kept:,}.")
    if proof is None:
        err.print("Nothing was erased (--dry-run).")
        return
    for line in _words(proof):
        out.print(line, soft_wrap=True)
    out.print(limits, soft_wrap=True)


def _words(proof: Proof) -> list[str]:
    words = [f"The id is in {proof.found} rows."]
    if proof.file_bytes is not None:
        words.append(
            f"The id is {proof.file_bytes} times in the bytes of the database, its "
            "log and the log's index (as UTF-8 and UTF-16)."
        )
    if proof.in_longer_ids:
        words.append(f"Inside longer ids of others: {_places(proof.in_longer_ids)}.")
    words.append(
        f"{proof.telling} strings that told this customer from others were searched "
        f"for; found in rows of others: {_places(proof.telling_found)}."
    )
    if not proof.log_cut:
        words.append(
            "Somebody kept the database busy: its log could not be cut. Stop the "
            "workers for a moment and erase again."
        )
    return words


def _places(places: dict[str, int]) -> str:
    return ", ".join(f"{n} in {where}" for where, n in places.items()) or "none"
