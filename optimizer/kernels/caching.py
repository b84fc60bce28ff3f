"""Compiled functions whose cache is renewed when what they call changes.

The compiler's cache notices a change in the file of a function alone, not in the
files of the functions it calls.
"""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from numba import njit


def kernel(*called: ModuleType) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function, cached for as long as the modules it calls stay as well."""
    stamps = tuple(_stamp(module) for module in called)

    def compiled(function: Callable[..., Any]) -> Any:
        made: Any = njit(cache=True, nogil=True)(function)
        kept = made._cache._cache_file
        kept._source_stamp = (kept._source_stamp, *stamps)
        return made

    return compiled


def _stamp(module: ModuleType) -> tuple[float, int]:
    stat = Path(str(module.__file__)).stat()
    return stat.st_mtime, stat.st_size
