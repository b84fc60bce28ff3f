"""The transaction sets we know, in 4010 and 5010."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from connectors.x12.dictionary import V4010, V5010, segment_rules
from connectors.x12.notation import SetRule, structure

_HAZMAT = "LH1*25(LH2*4 LH3*10 LFH*20 LEP*3 LH4 LHT*3)"
_CODES = "LM*10(LQ!*100)"
_FUNDS = "FA1*(FA2!*)"
_ADDRESS = "N2 N3*2 N4"
_EQUIPMENT = "N7*10(N7A N7B MEA M7*2)"
_ACKNOWLEDGMENT = "ST! AK1! AK2*(AK3*(AK4*99) AK5!) AK9! SE!"

_STRUCTURES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("940", V4010): f"""
            ST! W05! N1*10(N2*2 N3*2 N4 PER*5) N9*10 G61*3 G62*10 NTE* W09 W66 W6
            R2*13 BNX {_CODES}
            LX*(MAN* SDQ* N1 G62*10
                W01*(G69*5 N9*200 NTE* W20*3 QTY*10 AMT G62*10 G66 N1*3 PER*5
                    LH2*6 LHR LH6*5 {_CODES}
                    LS(LX!*(N9* G62*10 N1 SDQ* {_CODES}
                        LH1*(LH2*4 LH3*10 LFH*20 LEP*3 LH4 LHT*3 LHR*5 PER*5)) LE!)
                    {_FUNDS}))
            W76 SE!""",
        ("940", V5010): f"""
            ST! W05! N1*10(N2*2 N3*2 N4 PER*5) N9*10 G61*3 G62*10 NTE* W09 W66 W6*5
            R2*13 BNX TD3(AT9) {_CODES}
            LX*(MAN* N9* SDQ* N1 G62*10
                W01*(G69*5 N9*200 NTE* W20*3 QTY*10 AMT* G62*10 G66
                    LH2*6 LHR LH6*5 N1*(N2 N3 N4 PER*5) {_CODES}
                    LS(LX!*(N9* G62*10 N1 SDQ* {_CODES}
                        LH1*(LH2*4 LH3*10 LFH*20 LEP*3 LH4 LHT*3 LHR*5 PER*5)) LE!)
                    {_FUNDS}))
            W76 SE!""",
        ("945", V4010): f"""
            ST! W06! N1!*10(N2 N3*2 N4 PER*5) N9*10 G61*3 G62*5 NTE*20 W27 W6 W28
            W10*10 G72*5 {_CODES}
            LX*(MAN* PAL N9*5
                W12*(G69*5 N9*200 G62*10 QTY*10 MEA*5 AMT R4*5 W27 N1*5 G72*5 {_CODES}
                    LS(LX!*(N9* G62*10 N1 {_CODES}) LE!)
                    {_FUNDS}))
            W03 SE!""",
        ("945", V5010): f"""
            ST! W06! N1!*10(N2 N3*2 N4 PER*5) N9*10 G61*3 G62*5 NTE*20 W27 W6 W28
            W10*10 G72*5 {_CODES}
            LX*(MAN* PAL TD1*5 N9*5
                W12*(G69*5 N9*200 G62*10 QTY*10 MEA*5 AMT R4*5 W27 G72*5
                    N1*(N2 N3 N4 PER) {_CODES}
                    LS(LX!*(N9* G62*10 N1 {_CODES}) LE!)
                    {_FUNDS}))
            W03 SE!""",
        ("204", V4010): f"""
            ST! B2! B2A! L11*50 G62 MS3 AT5*6 PLD LH6*6 NTE*10
            N1*5({_ADDRESS} L11 G61*3) {_EQUIPMENT}
            S5!*999(L11*50 G62*2 AT8 LAD*999 AT5*6 PLD NTE*20
                N1({_ADDRESS} G61*3)
                L5*99(AT8 G61*99(L11*5 LH6*6 {_HAZMAT}))
                OID*999(G62*2 LAD*999 L5*99(AT8 G61*99(L11*5 LH6*6 {_HAZMAT})))
                {_EQUIPMENT})
            L3 SE!""",
        ("204", V5010): f"""
            ST! B2! B2A! C3 L11* G62 MS3 AT5*6(RTT C3) PLD LH6*6 NTE*10
            N1*5({_ADDRESS} L11 G61*3) {_EQUIPMENT}
            S5!*999(L11* G62*3 AT8 LAD* AT5*6(RTT C3) PLD NTE*20
                N1({_ADDRESS} G61*3)
                L5*(AT8 AT5*6(RTT C3) L11* MEA*10 PER L4
                    G61*99(L11*5 LH6*6 {_HAZMAT}))
                OID*(G62*2 LAD* L5*(AT8 L4 G61*99(L11*5 LH6*6 {_HAZMAT})))
                {_EQUIPMENT})
            LX(L4) L3 SE!""",
        ("990", V4010): """
            ST! B1! N9 G62*6 N7 L9*40 V9*10 K1*10 S5*999(N9*10 G62*10 K1*10) SE!""",
        # 5010 dropped most of these from the header; partners kept sending them.
        ("990", V5010): "ST! B1! L11*10 N9 G62*6 N7 V9*10 K1*10 SE!",
        ("214", V4010): f"""
            ST! B10! L11*300 MAN*9999 K1*10 N1*10({_ADDRESS} G61 G62 L11*10) MS3*12
            LX*(AT7*10(MS1 MS2) L11*10 MAN*9999 Q7*10 K1*10 AT5*10 AT8*10
                CD3*(L11*20 AT7*10(MS1 MS2) NM1 Q7*10 AT8 MAN*9999
                    N1*(N2 N3*3 N4 L11*10))
                PRF*(N1*({_ADDRESS} L11*10) CD3*(L11*20 AT7*10(MS1 MS2) MAN*9999))
                SPO*(SDQ*10) EFI*)
            SE!""",
        ("214", V5010): f"""
            ST! B10! L11*300 MAN*9999 K1*10 N1*10({_ADDRESS} G61 G62 L11*10) MS3*12
            LX!*(L11*999 MAN*9999 Q7*10 K1*10 AT5*10 AT8*10
                AT7!*10(MS1 MS2*2 K1 M7)
                N1*5({_ADDRESS} G62 L11*10) OID*(SDQ*10))
            SE!""",
        ("997", V4010): _ACKNOWLEDGMENT,
        ("997", V5010): _ACKNOWLEDGMENT,
    }
)


def base_version(version: str) -> str | None:
    """Return which of our grammars reads a version named in a GS, None for none.

    Releases between ours are read by the older one (004030 by 4010, 006020
    by 5010); what they added shows as unknown. Earlier than 4010 is refused:
    its dates have two-digit years.
    """
    release = version[:6]
    if not (release.isascii() and release.isdigit() and len(release) == 6):
        return None
    if release < V4010:
        return None
    return V4010 if release < V5010 else V5010


@cache
def set_rule(name: str, version: str) -> SetRule | None:
    """Return the grammar of a transaction set, None when we have none."""
    text = _STRUCTURES.get((name, version))
    if text is None:
        return None
    return SetRule(name, version, structure(text), segment_rules(version))
