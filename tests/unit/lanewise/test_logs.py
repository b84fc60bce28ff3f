import json
import logging
import sys

from lanewise.logs import JsonLines


def a_record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    record = logging.LogRecord(
        "lanewise", logging.INFO, "somewhere.py", 1, message, args, None
    )
    vars(record).update(extra)
    return record


def test_a_record_becomes_one_line_of_json() -> None:
    line = JsonLines().format(a_record("picked %d\nunits", 3))

    assert "\n" not in line
    assert json.loads(line)["message"] == "picked 3\nunits"


def test_the_order_a_record_is_about_is_kept() -> None:
    line = JsonLines().format(a_record("released", order_id="ORD-1"))

    assert json.loads(line)["order_id"] == "ORD-1"


def test_what_json_does_not_know_is_written_as_text() -> None:
    line = JsonLines().format(a_record("odd", thing={1, 2}.__class__))

    assert json.loads(line)["thing"] == "<class 'set'>"


def test_an_exception_keeps_its_trace() -> None:
    record = a_record("failed")
    try:
        raise ValueError("OMINOUS")
    except ValueError:
        record.exc_info = sys.exc_info()

    assert "ValueError: OMINOUS" in json.loads(JsonLines().format(record))["exception"]
