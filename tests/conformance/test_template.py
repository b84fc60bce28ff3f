"""A stranger's package: built, installed apart, found, and held against the kit."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "examples" / "connector_template"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Install a copy of the template without a network; return copy and target."""
    uv = shutil.which("uv", path=Path(sys.executable).parent) or shutil.which("uv")
    if uv is None:
        pytest.skip("uv, which builds the package, is not installed")
    folder = tmp_path_factory.mktemp("stranger")
    copy, target = folder / "package", folder / "site"
    shutil.copytree(TEMPLATE, copy)
    where = ("--python", sys.executable, "--target", str(target))
    built = subprocess.run(
        [uv, "pip", "install", "--offline", "--no-deps", "--no-cache", *where, copy],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return copy, target


def environment(target: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(target), str(ROOT)])}


def test_an_adapter_of_a_strangers_package_passes_the_kit(
    installed: tuple[Path, Path],
) -> None:
    copy, target = installed

    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(copy)],
        cwd=copy,
        env=environment(target),
        capture_output=True,
        text=True,
        check=False,
    )

    assert tested.returncode == 0, tested.stdout[-3000:] + tested.stderr[-1000:]
    assert " passed" in tested.stdout


def test_installed_providers_are_listed(installed: tuple[Path, Path]) -> None:
    _, target = installed

    listed = subprocess.run(
        [sys.executable, "-m", "lanewise", "connectors", "list"],
        env=environment(target),
        capture_output=True,
        text=True,
        check=False,
    )

    assert listed.returncode == 0, listed.stderr
    for provider in ("pigeon-post", "badger-sett", "hawk-watch", "nest-orders"):
        assert provider in listed.stdout
