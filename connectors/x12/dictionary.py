"""The segments we know: their elements in 4010, and what 5010 changed."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from connectors.x12.notation import SegmentRule, segment_rule

V4010 = "004010"
V5010 = "005010"

_WEIGHT4 = "R1-10 ID1-2 ID1"

_BASE: Mapping[str, str] = MappingProxyType(
    {
        "ST": "!ID3 !AN4-9",
        "SE": "!N01-10 !AN4-9",
        "AK1": "!ID2 !N01-9",
        "AK2": "!ID3 !AN4-9",
        "AK3": "!ID2-3 !N01-6 AN1-6 ID1-3",
        "AK4": "!(!N01-2 N01-2) N01-4 !ID1-3 AN1-99",
        "AK5": "!ID1 ID1-3 ID1-3 ID1-3 ID1-3 ID1-3",
        "AK9": "!ID1 !N01-6 !N01-6 !N01-6 ID1-3 ID1-3 ID1-3 ID1-3 ID1-3",
        "AMT": "!ID1-3 !R1-18 ID1",
        "AT5": "ID2-3 ID2-10 AN2-30",
        "AT7": "ID2 ID2 ID2 ID2 DT8 TM4-8 ID2 | E0103 C0201 C0403 C0605 C0706",
        "AT8": "ID1-2 ID1 R1-10 N01-7 N01-7 ID1 R1-8 | P010203 P0607",
        "B1": "ID2-4 !AN1-30 DT8 ID1",
        "B10": "AN1-30 AN1-30 !ID2-4 N01-3 ID2-3 AN1-30 ID1 | R0106 P0506",
        "B2": "ID2 ID2-4 ID6-9 AN1-30 ID1 !ID2 ID1 N01-3 ID1 ID2 ID3 ID3",
        "B2A": "!ID2 ID2",
        "BNX": "ID1 ID1-13 ID1 N01-5",
        "CD3": (
            "ID1-2 R1-10 ID2-3 N11-4 ID2 AN1-2 ID2 N21-12 ID2 N21-12 ID2 ID2 ID3 ID2-3"
        ),
        "EFI": "!ID2 AN1-264 ID2 AN1-30 AN1-30 AN1-30 AN1-30 AN1-30 AN1-30 ID2 AN1-64",
        "FA1": "!ID2 ID4 ID1",
        "FA2": "!ID2 !AN1-80",
        "G61": "!ID2 !AN1-60 ID2 AN1-80 AN1-20 | P0304",
        "G62": "ID2 DT8 ID1-2 TM4-8 ID2 | R0103 P0102 P0304",
        "G66": "ID2 ID1-2 ID1 ID2 AN1-35 ID2 AN1-30",
        "G69": "!AN1-45",
        "G72": "!ID1-3 !ID2 AN1-16 AN1-16 R1-15 R1-10 ID2 N21-15 R1-6 R1-9 AN1-20",
        "K1": "!AN1-30 AN1-30",
        "L11": "AN1-30 ID2-3 AN1-80 | R0103 P0102",
        "L3": (
            "R1-10 ID1-2 R1-9 ID2 N21-12 N21-9 N21-9 ID3 R1-8 ID1 N01-7 ID1 AN1-7 "
            "N22-12 ID2 | P0102 P0304 P0910"
        ),
        "L4": "!R1-8 !R1-8 !R1-8 !ID1 N01-15 ID1-30",
        "L5": "N01-3 AN1-50 AN1-30 ID1 ID3-5 AN1-48 ID1-2 ID1 AN1-30 ID1 | P0304 P0607",
        "L9": "!ID3 !N21-18",
        "LAD": (
            "ID3 N01-7 ID1 R1-8 ID1 R1-10 ID2 AN1-48 ID2 AN1-48 ID2 AN1-48 AN1-50 "
            "| P0506 P0708 P0910 P1112"
        ),
        "LE": "!AN1-6",
        "LH1": "!ID2 !N01-7 ID6 AN1-6 AN1-30 ID2 R1-15 ID1 ID1 ID1-3 ID1-5",
        "LH2": "ID1-30 ID1 AN14-40 AN4-25 ID2 ID2 R1-4 ID2 R1-4 ID2 R1-4",
        "LH3": "AN1-25 ID1 ID1 ID1",
        "LH4": "AN1-12 AN1-12 AN1-12 AN1-12 AN1-12 AN1-12 AN1-12 ID1 ID1 ID1 AN1-12",
        "LH6": "AN1-60 ID1 AN1-25 AN1-25",
        "LHR": "!ID2-3 !AN1-30 DT8",
        "LHT": "AN1-25 AN1-25 AN1-25",
        "LEP": "ID1-30 ID1-30 ID2 AN1-30",
        "LFH": "!ID3 !AN1-25 AN1-25 ID1 R1-15 R1-15 ID1",
        "LM": "!ID2 AN1-15",
        "LQ": "ID1-3 AN1-30",
        "LS": "!AN1-6",
        "LX": "!N01-6",
        "M7": "!AN2-15 AN2-15 AN2-15 AN2-15 ID2-3",
        "MAN": "!ID1-2 !AN1-48 AN1-48 ID1-2 AN1-48 AN1-48 | P0405 C0605",
        "MEA": ("ID2 ID1-3 R1-20 (!ID2 R1-15 R1-10) R1-20 R1-20 ID2 ID2 ID2 ID2-4"),
        "MS1": "AN2-30 ID2 ID2-3 ID7 ID7 ID1 ID1 | C0201 C0301",
        "MS2": "ID2-4 AN1-10 ID2 N01 | P0102",
        "MS3": "!ID2-4 !ID1-2 AN2-30 ID1-2 ID2",
        "N1": "!ID2-3 AN1-60 ID1-2 AN2-80 ID2 ID2-3 | R0203 P0304",
        "N2": "!AN1-60 AN1-60",
        "N3": "!AN1-55 AN1-55",
        "N4": "AN2-30 ID2 ID3-15 ID2-3 ID1-2 AN1-30 | C0605",
        "N7": (
            "AN1-4 !AN1-10 R1-10 ID1-2 N03-8 N02-6 N01-6 R1-8 ID1 ID1 ID2 ID2-4 "
            "AN3-6 ID1-3 N04-5 ID1 ID1 N01 ID2 R1-8 R1-8 ID4 ID2-4 AN1-4"
        ),
        "N7A": "ID2 R1-8 N01-2 ID3 N01-2 N01-2 ID2 ID2 ID2",
        "N7B": "N01-2 ID1 ID3 ID3 ID3 AN1-30",
        "N9": (
            "!ID2-3 AN1-30 AN1-45 DT8 TM4-8 ID2 "
            "(!ID2-3 !AN1-30 ID2-3 AN1-30 ID2-3 AN1-30) | R0203 C0605"
        ),
        "NM1": "!ID2-3 !ID1 AN1-35 AN1-25 AN1-25 AN1-10 AN1-10 ID1-2 AN2-80 ID2 ID2-3",
        "NTE": "ID3 !AN1-80",
        "OID": "AN1-30 AN1-22 AN1-30 ID2 R1-15 ID1 R1-10 ID1 R1-8 | R0102 P0405 P0607",
        "PAL": "ID1-2 N01-3 N01-3 N01-6 R1-8 ID2 R1-8 R1-8 R1-8 ID2 R1-9 ID2 R1-9 ID2",
        "PER": (
            "!ID2 AN1-60 ID2 AN1-80 ID2 AN1-80 ID2 AN1-80 AN1-20 | P0304 P0506 P0708"
        ),
        "PLD": "!N01-3 ID1 ID1 R1-10 | P0304",
        "PRF": "!AN1-22 AN1-30 AN1-8 DT8 AN1-20 AN1-30 ID2",
        "Q7": "!ID1 ID3 N01-7",
        "QTY": "!ID2 R1-15 (!ID2 R1-15 R1-10) AN1-30 | R0204 E0204",
        "R2": (
            "!ID2-4 !ID1-2 AN2-30 ID6-9 ID1-2 ID1-2 ID2-4 ID2-4 AN1-22 DT8 AN1-45 "
            "ID2 AN1-35"
        ),
        "R4": "!ID1 ID1-2 AN1-30 AN2-24 ID2-3 AN2-30 AN1-4 ID2",
        "S5": (
            "!N01-3 !ID2 R1-10 ID1 R1-10 ID2 R1-8 "
            "ID1 AN1-80 ID6-9 ID1 | P0304 P0506 P0708"
        ),
        "SDQ": f"!ID2 ID1-2 !AN2-80 !R1-15 {'AN2-80 R1-15 ' * 9}AN1-30",
        "SPO": "!AN1-22 AN1-30 ID2 R1-15 ID1 R1-10 ID1-3 AN1-30 | P0304 P0506",
        "TA1": "!N09 !DT6-8 !TM4 !ID1 !ID3",
        "TD1": "AN3-5 N01-7 ID1 AN1-30 AN1-50 ID1-2 R1-10 ID2 R1-8 ID2",
        "V9": (
            "!ID3 AN1-25 DT8 TM4-8 AN2-30 ID2 ID2-3 ID3 ID6-9 R1-15 ID2 AN1-30 ID2 "
            "R1-15 ID6-9 N01-3 N01-3 N01-3 R1-10 R1-8"
        ),
        "W01": (
            "!R1-15 !ID2 AN12 ID2 AN1-48 ID2 AN1-48 ID2-5 AN1-3 ID1 AN1-30 N06 "
            "AN1-12 ID2 ID2 AN1-48 | P0405 P0607 P1516"
        ),
        "W03": "!R1-10 R1-10 ID2 R1-8 ID2 N01-7 ID2 | P0203 P0405 P0607",
        "W05": "!ID1 !AN1-22 AN1-22 N06 AN1-22 ID2 ID1-2 | P0405",
        "W06": (
            "!ID1 AN1-22 DT8 AN1-30 AN1-12 AN1-22 AN1-22 "
            "N06 ID2-3 ID2 ID2 ID1-2 | P0708"
        ),
        "W09": "!ID2 R1-4 ID2 R1-4 ID2 AN1-60 ID1 R1-3 R1-15",
        "W10": "ID2 N01-3 ID1 AN2-15 AN2-15 R1-4 ID2 R1-4 ID2",
        "W12": (
            f"!ID2 R1-15 R1-10 R1-9 ID2 AN12 ID2 AN1-48 AN1-12 {_WEIGHT4} {_WEIGHT4} "
            "AN12 ID2 AN1-48 ID2 ID1 ID2 AN1-48 | P0708 P1718 P2122"
        ),
        "W20": "N01-6 R1-8 ID2 R1-10 ID1-2 ID1 R1-8 R1-8 ID2 ID1-10",
        "W27": "!ID1-2 ID2-4 AN1-35 ID2 ID2 AN1-4 AN1-10 ID2 ID2-3 ID2",
        "W28": "!ID1 R1-10 ID1-2 ID1 N01-2 AN1-30 ID1-2 AN1-12",
        "W6": "!ID2-3 ID2-3 ID2-3 ID2-3",
        "W66": "!ID2 !ID1-2 ID1 ID2 AN1-35 ID2 AN1-30 ID1 N21-15 ID2-4",
        "W76": "!R1-15 R1-10 ID2 R1-8 ID2 N01-10 | P0203 P0405",
    }
)

_IN_5010: Mapping[str, str] = MappingProxyType(
    {
        "ST": "!ID3 !AN4-9 AN1-35",
        "AK1": "!ID2 !N01-9 AN1-12",
        "AK2": "!ID3 !AN4-9 AN1-35",
        "AK3": "!ID2-3 !N01-10 AN1-4 ID1-3",
        "AK4": "!(!N01-2 N01-2 N01-4) N01-4 !ID1-3 AN1-99",
        "AT5": "ID2-3 ID2-10 AN2-30 ID2 N01-4 N01-4",
        "AT9": "N04-5 R1-8 R1-8 ID1-2 ID1 R1-10 ID1 R1-8",
        "B1": "!ID2-4 AN1-30 DT8 ID1 ID1 ID3",
        "B10": "AN1-50 AN1-30 !ID2-4 N01-3 ID2-3 AN1-50 ID1 DT8 TM4-8 | R0106 P0506",
        "C3": "!ID3 R4-10 ID3 ID3",
        "G61": "!ID2 !AN1-60 ID2 AN1-256 AN1-20 | P0304",
        "L11": "AN1-50 ID2-3 AN1-80 DT8 ID1 | R0103 P0102",
        "L3": (
            "R1-10 ID1-2 R1-9 ID2 N21-15 N21-9 N21-15 ID3 R1-8 ID1 N01-7 ID1 AN1-7 "
            "N22-12 ID2 | P0102 P0304 P0910"
        ),
        "LE": "!AN1-4",
        "LS": "!AN1-4",
        "MS1": "AN2-30 ID2 ID2-3 ID7 ID7 ID1 ID1 ID3-15 | C0201 C0301",
        "MS2": "ID2-4 AN1-15 ID2 N01 | P0102",
        "N4": "AN2-30 ID2 ID3-15 ID2-3 ID1-2 AN1-30 ID1-3 | E0207 C0605 C0704",
        "N9": (
            "!ID2-3 AN1-50 AN1-45 DT8 TM4-8 ID2 "
            "(!ID2-3 !AN1-50 ID2-3 AN1-50 ID2-3 AN1-50) | R0203 C0605"
        ),
        "OID": (
            "AN1-50 AN1-22 AN1-50 ID3 R1-15 ID1 R1-10 ID1 R1-8 ID1-3 AN1-50 "
            "| R0102 P0405 P0607"
        ),
        "PER": (
            "!ID2 AN1-60 ID2 AN1-256 ID2 AN1-256 ID2 AN1-256 AN1-20 | P0304 P0506 P0708"
        ),
        "RTT": "!ID2 !R1-9",
        "TD3": "ID2 AN1-4 AN1-15 ID1-2 R1-10 ID2 ID1 ID2 AN2-15 ID4",
        "W05": "!ID1 !AN1-22 AN1-22 N06 AN1-22 ID2 ID1-2 ID2 | P0405",
        "W27": "!ID1-2 ID2-4 AN1-35 ID2 ID2 AN1-4 AN1-15 ID2 ID2-3 ID2",
        "W28": "!ID1 R1-10 ID1-2 ID1 N01-2 AN1-30 ID1-2 AN1-25",
    }
)

# Code lists are kept only where a code decides what we do.
_CODES: Mapping[str, Mapping[int, frozenset[str]]] = MappingProxyType(
    {
        "AK5": {1: frozenset("AEMRWX")},
        "AK9": {1: frozenset("AEMPRWX")},
        "W05": {1: frozenset("ABCDEFGLNRSTXZ")},
        "W06": {1: frozenset("ABCFJKNOPRSXYZ")},
    }
)


@cache
def segment_rules(version: str) -> Mapping[str, SegmentRule]:
    """Return every segment we know in a version (V4010 or V5010)."""
    texts = {**_BASE, **(_IN_5010 if version == V5010 else {})}
    return MappingProxyType(
        {
            name: segment_rule(name, text, _CODES.get(name, {}))
            for name, text in texts.items()
        }
    )
