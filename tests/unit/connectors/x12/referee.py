"""A judge of X12 that we did not write: it shares no grammar with ours."""

import logging

import edi_parser


def complaints(content: bytes) -> list[str]:
    """List what the strict referee has against an interchange."""
    # It logs every complaint with a stack trace of its own.
    logging.disable(logging.CRITICAL)
    try:
        verdict = edi_parser.validate_edi(
            content.decode("ascii"), editype="x12", messagetype="x12"
        )
    finally:
        logging.disable(logging.NOTSET)
    return [str(error["message"]).strip() for error in verdict["errors"]]
