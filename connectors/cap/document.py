"""Reads XML from strangers: no document types, no entities, any usual encoding."""

import codecs
import re
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from domain.errors import ContractViolation
from domain.wire import raw_of

MOST_BYTES = 20_000_000
DEEPEST = 50

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(
    rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']"
)
# Names as Python spells them; other codecs it knows are not for text on the web.
_ENCODINGS = re.compile(
    r"utf-8|utf-8-sig|utf-16|ascii|iso8859-\d+|cp125\d|cp874|cp932|cp949|koi8-[rtu]"
    r"|mac-roman|gb2312|gbk|gb18030|big5|big5hkscs|shift_jis|euc_jp|euc_kr|tis-620"
)


def parse(data: bytes) -> Element:
    """Read a document into elements named without their namespaces.

    Signatures (``ds:Signature``) are left out, unchecked.

    Raises
    ------
    ContractViolation
        When it is not XML, is too large or deep, or has a document type: that
        is where entities come from that expand or fetch things.
    """
    try:
        return _parsed(data)
    except ContractViolation as error:
        error.raw = raw_of(data)
        raise


def _parsed(data: bytes) -> Element:
    if len(data) > MOST_BYTES:
        msg = f"the document has {len(data):,} bytes, at most {MOST_BYTES:,} are read"
        raise ContractViolation(msg)
    text = _decoded(data)
    tree = _Tree()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_document_type
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.data
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        msg = f"this is not XML: {error}"
        raise ContractViolation(msg) from None
    if tree.empty:
        msg = "there is nothing in the document but a signature"
        raise ContractViolation(msg)
    return tree.builder.close()


class _Tree:
    """Builds the tree, but for signatures and what is in them."""

    def __init__(self) -> None:
        self.builder = TreeBuilder()
        self.empty = True
        self._depth = 0
        self._signed_at: int | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            msg = f"the document is nested deeper than {DEEPEST} elements"
            raise ContractViolation(msg)
        if self._signed_at is None and name.endswith("xmldsig# Signature"):
            self._signed_at = self._depth
        if self._signed_at is None:
            self.empty = False
            self.builder.start(_local(name), attributes)

    def end(self, name: str) -> None:
        if self._signed_at is None:
            self.builder.end(_local(name))
        elif self._signed_at == self._depth:
            self._signed_at = None
        self._depth -= 1

    def data(self, text: str) -> None:
        if self._signed_at is None:
            self.builder.data(text)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _no_document_type(*_declared: object) -> None:
    msg = "the document declares a document type (<!DOCTYPE …>), which is refused"
    raise ContractViolation(msg)


def _decoded(data: bytes) -> str:
    """Decode by byte order mark, else as declared, else as UTF-8."""
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), None)
    declared = _DECLARED.match(data)
    name = declared[1].decode("ascii", "replace") if declared else "utf-8"
    try:
        known = encoding or codecs.lookup(name).name
        if not _ENCODINGS.fullmatch(known):
            raise LookupError
        return data.decode(known)
    except LookupError:
        msg = f"encoding {name!r} is not one we read"
        raise ContractViolation(msg) from None
    except UnicodeDecodeError as error:
        msg = f"the document says it is {name}, which it is not: {error.reason}"
        raise ContractViolation(msg) from None
