"""Rules that must be refused, each with the column of what is wrong."""

import time

import pytest

from segmentation.fact_table import SCHEMA
from segmentation.language.check import check
from segmentation.language.errors import RuleError

# Text → column of the first mistake.
CORPUS: dict[str, int] = {
    # nothing, or not a sentence
    "": 1,
    "   \n ": 1,
    "lines >": 8,
    "(lines > 1": 1,
    "lines > 1)": 10,
    "lines > > 1": 9,
    "lines 1": 7,
    "and fragile": 1,
    "fragile fragile": 9,
    "lines = 1": 7,
    "lines == 1 == ": 14,
    # Python that is not part of the language
    "__import__('os').system('id')": 17,
    "().__class__": 3,
    "open('/etc/passwd')": 1,
    "eval('1')": 1,
    "lines.bit_length() > 1": 6,
    "channel[0] == 'w'": 1,
    "lambda: True": 1,
    "[x for x in categories]": 4,
    "(lines := 3) > 1": 8,
    "lines if fragile else units": 7,
    "f'{lines}' == 'a'": 2,
    "b'web' == channel": 2,
    "*categories": 1,
    "{'web'} == channel": 1,
    "fragile; hazmat": 8,
    "import os": 1,
    "exec": 1,
    "print(lines)": 1,
    "max(lines, key=abs) > 1": 16,
    "max(*categories) > 1": 5,
    "lines > 1 # lines": 11,
    "lines \\\n > 1": 7,
    "yield": 1,
    "await lines": 1,
    "lines > 1 if": 11,
    "lines is 1": 7,
    "customer_tier is None": 15,
    "lines ** 9 > 1": 7,
    "lines // 2 > 1": 7,
    "lines % 2 == 0": 7,
    "lines @ 2 == 0": 7,
    "~lines > 1": 1,
    "lines & 1": 7,
    "lines << 9": 7,
    "lines <> 9": 7,
    "fragile || hazmat": 9,
    "fragile && hazmat": 9,
    "!fragile": 1,
    "... == 1": 1,
    # bombs
    "(" * 3000: 25,
    "[" * 500 + "1" + "]" * 500: 25,
    "not " * 900 + "fragile": 97,
    "-" * 900 + "1 > lines": 25,
    "lines+" * 100 + "1 > 2": 1,
    "fragile or " * 250 + "fragile": 2190,
    "lines > 9" + "9" * 3900: 9,
    "9" * 5000 + " > lines": 4001,
    "channel == '" + "a" * 200 + "'": 12,
    "lines in [" + "1," * 300 + "1]": 10,
    "lines > 1e400": 9,
    "lines > 99999999999999999": 9,
    # look-alikes and what cannot be seen
    "frаgile": 3,  # noqa: RUF001 Cyrillic a
    "ｌines > 1": 1,  # noqa: RUF001 full width l
    "lines ＞ 1": 7,  # noqa: RUF001 full width sign
    "fragile\u00a0or hazmat": 8,
    "fragile\u200b": 8,
    "channel == '\u202eweb'": 13,
    "channel == 'w\x00'": 14,
    "\ufefflines > 1": 1,
    "channel == “web”": 12,
    "lines > ٣": 9,
    # texts
    "channel == 'web": 12,
    "channel == 'a\\x41'": 12,
    "channel == '''a'''": 14,
    "channel in ['a' 'b']": 17,
    "channel == u'web'": 13,
    # numbers
    "lines > 0x10": 10,
    "lines > 1j": 10,
    "lines > 007": 9,
    "lines > 1if fragile": 10,
    "lines > .5": 9,
    "lines > 1_": 10,
    # types and units
    "lines": 1,
    "1": 1,
    "'web'": 1,
    "lines + fragile > 1": 9,
    "fragile > hazmat": 11,
    "channel > 'web'": 11,
    "weight_g > volume_mm3": 12,
    "weight_g + lines > 1": 1,
    "min(weight_g, longest_mm) > 1": 1,
    "lines == 'one'": 10,
    "lines > True": 9,
    "fragile == 1": 12,
    "lines in ['a']": 11,
    "lines in categories": 1,
    "channel in channel": 12,
    "categories == 'a'": 15,
    "categories": 1,
    "lines in []": 10,
    "lines in [units]": 11,
    "1 < 2": 1,
    "(lines > 1) == fragile": 2,
    "known(fragile) == True": 1,
    "known(1)": 1,
    "known()": 1,
    "abs(1, 2) > lines": 1,
    "min(lines) > 1": 1,
    "startswith(lines, 'a')": 12,
    "startswith(channel, channel)": 21,
    "count(lines) > 1": 7,
    "lines / 0 > 1": 9,
    "temperature == 'cold'": 16,
    "temperature > 'warm'": 15,
    "customer_kind > 'consumer'": 17,
    "temperature > requested_service": 15,
    "lines < units in categories": 1,
    "fragil": 1,
    "min": 1,
    "minn(lines, 1) > 1": 1,
    "customer_id == 'C-1'": 1,
    "startswith(postal_code, '606')": 12,
    "True and no_such_thing": 10,
}


@pytest.mark.parametrize("text", CORPUS, ids=lambda text: ascii(text[:30]))
def test_a_hostile_rule_is_refused_with_its_column(text: str) -> None:
    with pytest.raises(RuleError) as refused:
        check(text, SCHEMA)

    assert refused.value.line == 1
    assert refused.value.column == CORPUS[text], str(refused.value)


def test_refusing_takes_no_longer_than_a_rule_is_long() -> None:
    began = time.perf_counter()

    for text in CORPUS:
        with pytest.raises(RuleError):
            check(text, SCHEMA)

    assert (time.perf_counter() - began) / len(CORPUS) < 0.01
