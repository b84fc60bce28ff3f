"""Every benchmark in its short form, one after the other: what ``make bench`` runs.

``python -m benchmarks --data ../shared/data --json -`` prints one JSON object with
an entry per benchmark; each alone takes more orders, seeds and peers.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SHORT: dict[str, tuple[str, ...]] = {
    "decide": ("--orders", "100", "--rounds", "2"),
    "explain": ("--orders", "100"),
    "waves": ("--orders", "100", "--regimes", "normal", "--polish", "5"),
    "online": ("--seeds", "1", "--sequences", "1", "--asked", "50"),
    "packing": ("--orders", "500", "--rounds", "1"),
    "gap": ("--only", "gap1-"),
    "segmentation": ("--orders", "2000", "--rounds", "2", "--rules", "100"),
    "windows": ("--households", "30"),
}
# Published instances, which are not ours to hand on: benchmark → folder under --data.
NEEDED = {"packing": "packing", "gap": "gap"}
# Read where it is there; else the benchmark draws its own.
WANTED = {"online": "ma2023"}


def arguments(name: str, data: Path) -> tuple[str, ...]:
    """Return a benchmark's short form, with the data it finds.

    Raises
    ------
    FileNotFoundError
        When it needs data that is not there.
    """
    if name in NEEDED:
        folder = data / NEEDED[name]
        if not folder.is_dir():
            msg = f"{folder} is not there; name the folder that holds it with --data"
            raise FileNotFoundError(msg)
        return (*SHORT[name], "--data", str(folder))
    if name in WANTED and (data / WANTED[name]).is_dir():
        return (*SHORT[name], "--data", str(data / WANTED[name]))
    return SHORT[name]


def run(name: str, data: Path) -> Any:
    """Run one benchmark in a process of its own and return what it printed."""
    command = (sys.executable, "-m", f"benchmarks.{name}", *arguments(name, data))
    done = subprocess.run((*command, "--json", "-"), stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", choices=SHORT, nargs="*", default=list(SHORT))
    parser.add_argument("--json", default="-")
    said = parser.parse_args(argv)
    found: dict[str, Any] = {}
    failed = False
    for name in said.only:
        try:
            found[name] = run(name, said.data)
        except FileNotFoundError as error:
            found[name] = {"left_out": str(error)}
        except subprocess.CalledProcessError as error:
            found[name] = {"failed": f"exit code {error.returncode}"}
            failed = True
    text = json.dumps(found, indent=1)
    if said.json == "-":
        sys.stdout.write(text + "\n")
    else:
        Path(said.json).write_text(text + "\n", encoding="utf-8")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
