"""Compose file, image and CI agree with the code, without a Docker engine."""

import os
import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from typer.core import TyperGroup as Group
from typer.main import get_command

from lanewise.cli.main import app
from lanewise.settings import PREFIX, Settings, variables

ROOT = Path(__file__).parents[1]
OURS = ("migrate", "world", "load", "worker", "api")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(text("docker-compose.yml"))[
        "services"
    ]
    return found


def resolved(value: object) -> str:
    """Write out ``${NAME:-default}`` as compose does with nothing set."""
    return re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", str(value))


def environment(service: str) -> dict[str, str]:
    given = services()[service].get("environment", {})
    return {name: resolved(value) for name, value in given.items()}


def settings_of(service: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    for name, value in environment(service).items():
        monkeypatch.setenv(name, value)
    return Settings()


def published(service: str) -> dict[int, int]:
    """Return host ports by container port."""
    ports = [port.rsplit(":", 2) for port in services()[service].get("ports", [])]
    return {int(inside): int(outside) for _, outside, inside in ports}


def dockerfile(instruction: str) -> list[list[str]]:
    joined = re.sub(r"\\\n", " ", text("Dockerfile"))
    lines = [line.split() for line in joined.splitlines() if line.strip()]
    return [words[1:] for words in lines if words[0] == instruction]


@pytest.mark.parametrize("service", OURS)
def test_each_of_our_services_runs_a_command_that_exists(service: str) -> None:
    name, *arguments = services()[service]["command"]
    group = get_command(app)

    assert isinstance(group, Group)
    with group.commands[name].make_context(name, arguments) as context:
        assert context.info_name == name
    assert dockerfile("ENTRYPOINT") == [['["lanewise"]']]


def test_every_variable_of_ours_is_a_setting() -> None:
    files = text("docker-compose.yml") + text("Dockerfile")
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]+", files))

    assert named
    assert named <= set(variables())


@pytest.mark.parametrize("service", OURS)
def test_the_settings_of_each_service_are_valid(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(service, monkeypatch)

    assert settings.database_url.get_secret_value().startswith("postgresql+psycopg://")
    assert settings.temporal()["target_host"] == "temporal:7233"


@pytest.mark.parametrize("service", ["api", "world"])
def test_servers_listen_to_all_and_are_published_to_this_machine_only(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(service, monkeypatch)

    assert getattr(settings, f"{service}_host") == "0.0.0.0"
    assert all(port.startswith("127.0.0.1:") for port in services()[service]["ports"])


@pytest.mark.parametrize("service", ["api", "world"])
def test_ports_are_those_of_the_settings(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    default = Settings.model_fields[f"{service}_port"].default
    settings = settings_of(service, monkeypatch)

    assert getattr(settings, f"{service}_port") == default
    assert published(service) == {default: default}
    assert f"localhost', {default})" in str(services()[service]["healthcheck"]["test"])


def test_the_image_exposes_the_ports_of_the_settings() -> None:
    fields = Settings.model_fields
    ports = [str(fields[name].default) for name in ("api_port", "world_port")]

    assert dockerfile("EXPOSE") == [ports]


def test_the_world_is_where_the_others_look_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = urlsplit(settings_of("worker", monkeypatch).world_url or "")

    assert url.hostname in services()
    assert url.port in published("world")


def test_webhooks_of_the_world_find_the_api(monkeypatch: pytest.MonkeyPatch) -> None:
    url = urlsplit(settings_of("world", monkeypatch).api_url)

    assert url.hostname in services()
    assert url.port in published("api")


def test_the_database_is_made_before_it_is_migrated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = urlsplit(settings_of("migrate", monkeypatch).database_url.get_secret_value())

    assert url.hostname in services()
    assert f"CREATE DATABASE {url.path[1:]};" in text("deploy/postgres-lanewise.sql")
    assert url.password == environment("postgresql")["POSTGRES_PASSWORD"]


def test_every_image_is_pinned() -> None:
    images = {service["image"] for service in services().values()}
    bases = {words[0] for words in dockerfile("FROM")}

    loose = [i for i in images | bases if not re.search(r":\d+\.\d+(\.\d+)?(-|$)", i)]

    assert loose == []


def test_our_image_carries_our_version() -> None:
    version = tomllib.loads(text("pyproject.toml"))["project"]["version"]

    assert {services()[name]["image"] for name in OURS} == {f"lanewise:{version}"}


def test_server_and_tools_of_temporal_are_of_one_version() -> None:
    tags = {
        service["image"].split(":")[1]
        for service in services().values()
        if service["image"].startswith(("temporalio/server", "temporalio/admin"))
    }

    assert len(tags) == 1


def test_every_mounted_file_exists() -> None:
    mounts = [
        mount.split(":")[0]
        for service in services().values()
        for mount in service.get("volumes", [])
        if mount.startswith("./")
    ]

    assert mounts
    assert [mount for mount in mounts if not (ROOT / mount).is_file()] == []


def test_the_server_reads_our_dynamic_config() -> None:
    path = environment("temporal")["DYNAMIC_CONFIG_FILE_PATH"]
    mounted = [mount.split(":")[:2] for mount in services()["temporal"]["volumes"]]

    config = yaml.safe_load(text("deploy/temporal-dynamicconfig.yaml"))

    source = "./deploy/temporal-dynamicconfig.yaml"
    assert [source, f"/etc/temporal/{path}"] in mounted
    assert config["matching.enableFairness"] == [{"value": True}]


def test_services_wait_only_for_what_can_be_waited_for() -> None:
    for service in services().values():
        for needed, how in service.get("depends_on", {}).items():
            healthy = how["condition"] == "service_healthy"

            assert needed in services()
            assert not healthy or "healthcheck" in services()[needed]


def test_the_worker_starts_after_schema_search_attributes_and_migration() -> None:
    needed = services()["worker"]["depends_on"]

    assert {"load", "temporal-namespace"} <= set(needed)
    assert "migrate" in services()["load"]["depends_on"]


def test_the_search_attributes_are_those_the_workflows_set() -> None:
    sources = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "workflows").glob("*.py")
    )
    made = set(re.findall(r"\b(Lw\w+):\w+", text("deploy/temporal-namespace.sh")))

    assert set(re.findall(r'"(Lw[A-Z]\w+)"', sources)) <= made
    assert len(made) == 8


def test_the_image_holds_every_room_and_nothing_that_is_ignored() -> None:
    build = tomllib.loads(text("pyproject.toml"))["tool"]["hatch"]["build"]
    rooms = build["targets"]["wheel"]["packages"]
    copied = {
        word
        for words in dockerfile("COPY")
        if not words[0].startswith("--")
        for word in words[:-1]
    }

    assert set(rooms) <= copied
    assert all((ROOT / path).exists() for path in copied)
    assert {f"!{path}" for path in copied} <= set(text(".dockerignore").splitlines())


def test_the_image_does_not_run_as_root() -> None:
    assert dockerfile("USER") == [["lanewise"]]


def test_the_image_is_built_with_the_uv_of_the_lock() -> None:
    locked = re.search(r"^uv==(\S+)", text("requirements.lock"), re.MULTILINE)

    assert locked is not None
    assert f"uv=={locked[1]}" in text("Dockerfile")


def test_ci_runs_the_commands_of_the_readme_and_nothing_else() -> None:
    script = ROOT / ".ci" / "run"
    workflow = yaml.safe_load(text(".github/workflows/ci.yml"))
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]

    assert os.access(script, os.X_OK)
    assert re.findall(r"^ *make ([\w-]+)", text(".ci/run"), re.MULTILINE) == [
        "check",
        "test",
        "test-connectors",
    ]
    assert [step["run"] for step in steps if "run" in step] == [".ci/run"]


def test_settings_named_in_the_documents_exist() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    named = {
        name
        for page in pages
        for name in re.findall(rf"`{PREFIX}([A-Z_]+)", page.read_text(encoding="utf-8"))
    }

    assert named
    assert {f"{PREFIX}{name}" for name in named} <= set(variables())


def test_every_dependency_has_its_reason_and_its_locked_version() -> None:
    needed = tomllib.loads(text("pyproject.toml"))["project"]["dependencies"]
    names = [re.split(r">=", requirement)[0] for requirement in needed]
    rows = re.findall(
        r"^\| (\S+) \| (\d\S*) \|",
        text("docs/decisions/0006-dependencies.md"),
        re.MULTILINE,
    )
    # The lock may hold two versions of one package, for two versions of Python.
    locked = set(re.findall(r"^[a-z0-9-]+==\S+", text("requirements.lock"), re.M))

    assert {name for name, _ in rows} == set(names)
    stated = {f"{name.split('[')[0]}=={version}" for name, version in rows}
    assert stated <= locked


def test_the_architecture_is_short_enough_to_be_read() -> None:
    assert len(text("ARCHITECTURE.md").splitlines()) <= 200
