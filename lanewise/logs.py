"""Log lines: text for people, or one JSON object each for machines."""

import json
import logging
from datetime import UTC, datetime

from lanewise.settings import Settings

# What every record has; the rest was given as ``extra`` and is worth keeping.
_USUAL = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}
TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class JsonLines(logging.Formatter):
    """One object per record: time, level, logger, message, and every extra."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line of JSON."""
        at = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, object] = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        extras = {k: v for k, v in vars(record).items() if k not in _USUAL}
        if record.exc_info:
            extras["exception"] = self.formatException(record.exc_info)
        return json.dumps(line | extras, default=str)


def configure(settings: Settings) -> None:
    """Log to standard error, as the settings say; replaces what was set up before."""
    handler = logging.StreamHandler()
    wants_json = settings.log_format == "json"
    handler.setFormatter(JsonLines() if wants_json else logging.Formatter(TEXT))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    # One line per request is the counterpart's business, not ours.
    logging.getLogger("httpx").setLevel(logging.WARNING)
