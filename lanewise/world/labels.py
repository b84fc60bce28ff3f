"""Labels as carriers make them: a small real PDF, or ZPL for a label printer."""

PDF = "application/pdf"
ZPL = "application/zpl"


def zpl_label(rows: list[str]) -> bytes:
    """Return a 4 × 6 inch label in ZPL II; the second row becomes a bar code."""
    fields = [
        f"^FO40,{60 + 60 * n}^A0N,40,40^FD{_plain(row)}^FS"
        for n, row in enumerate(rows)
    ]
    code = f"^FO40,{100 + 60 * len(rows)}^BY3^BCN,160,Y,N,N^FD{_plain(rows[1])}^FS"
    return "\n".join(["^XA", *fields, code, "^XZ", ""]).encode("ascii", "replace")


def pdf_label(rows: list[str]) -> bytes:
    """Return a one-page 4 × 6 inch PDF with a row of text each."""
    shown = " ".join(f"({_escaped(row)}) Tj T*" for row in rows)
    stream = f"BT /F1 12 Tf 18 396 Td 18 TL {shown} ET".encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 288 432] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (
        body
        + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
        + table
        + b"trailer << /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
        + b"startxref\n%d\n%%%%EOF\n" % len(body)
    )


def _plain(row: str) -> str:
    return row.replace("^", " ").replace("~", " ")


def _escaped(row: str) -> str:
    return row.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
