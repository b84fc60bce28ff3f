from pathlib import Path

import pytest
from pydantic import ValidationError

from lanewise.settings import Settings, markdown_table, variables

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*variables(), "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "none.toml"))


def test_the_settings_page_shows_every_setting() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

    assert markdown_table() in page


def test_every_setting_says_what_it_is() -> None:
    silent = [name for name, f in Settings.model_fields.items() if not f.description]

    assert silent == []


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANEWISE_API_PORT", "9000")

    assert Settings().api_port == 9000


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANEWISE_CONNECTIONS_FILE", "")

    assert Settings().connections_file is None


def test_a_wrong_port_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANEWISE_API_PORT", "99999")

    with pytest.raises(ValidationError, match="api_port"):
        Settings()


def test_settings_cannot_be_changed_once_read() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().api_port = 1  # type: ignore[misc]


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANEWISE_DATABASE_URL", "postgresql+psycopg://me:OPEN-SESAME@h")
    monkeypatch.setenv("LANEWISE_WEBHOOK_SECRET", "OPEN-SESAME")

    assert "SESAME" not in repr(Settings())


def test_temporal_is_local_unless_said_otherwise() -> None:
    connect = Settings().temporal()

    assert connect["target_host"] == "localhost:7233"
    assert connect["namespace"] == "default"


def test_temporals_own_variables_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal:7233")

    assert Settings().temporal()["target_host"] == "temporal:7233"


def test_our_setting_wins_over_temporals_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "theirs")
    monkeypatch.setenv("LANEWISE_TEMPORAL_NAMESPACE", "ours")

    assert Settings().temporal()["namespace"] == "ours"
