"""The connections file, with secrets from the environment."""

from pathlib import Path

import pytest

from domain.errors import InvalidRequest
from lanewise.connections import read

FILE = """
- name: parcels
  kind: carrier
  provider: neutral
  base_url: http://${HOST}/v1
  secret: ${PARCEL_KEY}
  options: {void_window_h: 24}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "connections.yaml"
    path.write_text(text)
    return path


def test_variables_of_the_environment_are_put_in(tmp_path: Path) -> None:
    environment = {"HOST": "carrier.test", "PARCEL_KEY": "s3cret"}

    [connection] = read(written(tmp_path, FILE), environment)

    assert connection.base_url == "http://carrier.test/v1"
    assert connection.secret is not None
    assert connection.secret.get_secret_value() == "s3cret"
    assert connection.options == {"void_window_h": 24}


def test_a_variable_that_is_not_set_is_named_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"connections\.0\.secret.*PARCEL_KEY"):
        read(written(tmp_path, FILE), {"HOST": "carrier.test"})


def test_no_secret_is_shown_where_a_connection_is(tmp_path: Path) -> None:
    environment = {"HOST": "carrier.test", "PARCEL_KEY": "s3cret"}

    shown = repr(read(written(tmp_path, FILE), environment))

    assert "s3cret" not in shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- name: [", "connections file"),
        ("- {name: Parcels, kind: carrier}", "name"),
        ("- {name: parcels, kind: courier}", "kind"),
        ("name: parcels", "connections file"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(InvalidRequest, match=said) as refused:
        read(written(tmp_path, text), {})

    assert "Traceback" not in str(refused.value)
