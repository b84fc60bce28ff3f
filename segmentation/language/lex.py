"""Refuses, by column, every character sequence the language does not have.

It runs before Python's own parser, so that hostile text never reaches it:
no escapes, look-alike letters, comments, attributes, or deep nesting.
"""

import keyword
import re

from segmentation.language.errors import Fault

MAX_LENGTH = 4000
MAX_TOKENS = 800
MAX_NODES = 200
MAX_DEPTH = 24
MAX_TEXT = 128
MAX_LIST = 256

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<number>\d+(?:_\d+)*(?:\.\d+)?(?:[eE][+-]?\d+)?)
      | (?P<text>"[^"\\\n]*"|'[^'\\\n]*')
      | (?P<operator><=|>=|==|!=|\*(?!\*)|/(?!/)|<(?!<)|>(?!>)|[+\-()\[\],=])""",
    re.VERBOSE | re.ASCII,
)
_HINTS = {
    "&": "write 'and'",
    "|": "write 'or'",
    "!": "write 'not' or '!='",
    "{": "write a list as [...]",
    "#": "remarks belong in 'why'",
    ".": "facts have no attributes; a number starts with a digit",
    "%": "only + - * / are there",
    "*": "only + - * / are there",
    "/": "only + - * / are there",
    "\\": "texts have no escapes",
    "$": "amounts are in cents",
}
_WORDS = {
    "is": "write '=='",
    "None": "write 'known(fact)' to ask whether a fact is known",
    "null": "write 'known(fact)' to ask whether a fact is known",
    "true": "write 'True'",
    "false": "write 'False'",
    "AND": "write 'and'",
    "OR": "write 'or'",
    "NOT": "write 'not'",
    "if": "write 'and' and 'or'",
    "else": "write 'and' and 'or'",
}
_STATEMENTS = frozenset({*keyword.kwlist, *_WORDS}) - {
    "and",
    "or",
    "not",
    "in",
    "True",
    "False",
}
_JOINTS = frozenset({"and", "or", "not", "in"})


def lex(text: str) -> list[Fault]:
    """Return what in the text cannot be part of a rule (empty: go on)."""
    if len(text) > MAX_LENGTH:
        said = f"the rule has {len(text)} characters, at most {MAX_LENGTH} are allowed"
        return [Fault(said, MAX_LENGTH)]
    if not text.strip():
        return [Fault("the rule is empty", 0, "write True for every order")]
    return _scan(text)


def _scan(text: str) -> list[Fault]:
    offset = tokens = depth = prefixes = listed = items = operands = 0
    before, before_end = "", 0
    match = _TOKEN.match
    while offset < len(text):
        found = match(text, offset)
        if found is None:
            return [_stray(text, offset)]
        kind, end = found.lastgroup or "", found.end()
        if kind != "space":
            token = found.group()
            tokens += 1
            fault = None
            if kind == "operator":
                depth += (token in "([") - (token in ")]")
                listed += (token == "[") - (token == "]")
                items = 0 if token == "[" else items
                prefixes = prefixes + 1 if token in "-+" else 0
            else:
                prefixes = prefixes + 1 if token == "not" else 0
                operands += listed <= 0 and token not in _JOINTS
                items += listed > 0
                fault = _refusal(kind, token, offset, before, before_end == offset)
            if fault is None:
                nested = max(depth, prefixes)
                fault = _too_much(offset, tokens, operands, items, nested)
            if fault is not None:
                return [fault]
            before, before_end = kind, end
        offset = end
    return []


def _too_much(
    offset: int, tokens: int, operands: int, items: int, depth: int
) -> Fault | None:
    if items > MAX_LIST:
        return Fault(f"a list has at most {MAX_LIST} items", offset)
    if tokens > MAX_TOKENS:
        return Fault(f"more than {MAX_TOKENS} words and signs", offset)
    if operands > MAX_NODES:
        return Fault(f"more than {MAX_NODES} parts", offset, "split the segment")
    if depth > MAX_DEPTH:
        return Fault(f"nested deeper than {MAX_DEPTH} levels", offset)
    return None


def _refusal(
    kind: str, token: str, offset: int, before: str, touches: bool
) -> Fault | None:
    if kind in ("name", "number") and before in ("name", "number") and touches:
        return Fault(f"{token!r} runs into the number before it", offset)
    if kind == "text":
        if before == "text":
            return Fault("two texts without a comma between them", offset)
        if before == "name" and touches:
            return Fault("a text runs into the word before it", offset)
        return _bad_text(token[1:-1], offset)
    if kind == "name" and token in _STATEMENTS:
        said = f"{token!r} is not part of the rule language"
        return Fault(said, offset, _WORDS.get(token, ""))
    if kind == "number" and len(token) > 1 and token[0] == "0" and token[1].isdigit():
        said = f"the number {token[:20]} begins with 0"
        return Fault(said, offset, "a thousand is 1000 or 1_000")
    return None


def _bad_text(text: str, offset: int) -> Fault | None:
    if len(text) > MAX_TEXT:
        return Fault(f"a text has at most {MAX_TEXT} characters", offset)
    for n, character in enumerate(text, start=1):
        if not character.isprintable():
            return Fault(f"invisible character U+{ord(character):04X}", offset + n)
    return None


def _stray(text: str, offset: int) -> Fault:
    character = text[offset]
    if character in "\"'":
        return Fault("a text is not closed", offset, "texts have no escapes")
    if not character.isascii() or not character.isprintable():
        said = f"character U+{ord(character):04X} is not allowed outside a text"
        return Fault(said, offset, "names are plain ASCII letters, digits and _")
    return Fault(f"unexpected {character!r}", offset, _HINTS.get(character, ""))
