"""The unified social credit code of an organisation (GB 32100-2015)."""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015 table 2: no I, O, S, V, Z
LENGTH = 18


class CreditCodeError(ValueError):
    """Not a unified social credit code; the message says in Chinese what was found and what is expected."""


def check_credit_code(text: str) -> str:
    """The code in capitals without surrounding blanks; raises CreditCodeError where it can't be one."""
    code = text.strip().upper()
    if len(code) != LENGTH:
        raise CreditCodeError(f"统一社会信用代码应为 {LENGTH} 位，现为 {len(code)} 位：{code!r}")
    expected = check_character(code[:-1])
    if code[-1] != expected:
        raise CreditCodeError(f"统一社会信用代码 {code} 的校验码（第 18 位）为 {code[-1]!r}，应为 {expected!r}")
    return code


def check_character(first17: str) -> str:
    """Character 18 from the first 17: sum of value times 3^i, modulo 31 (GB 32100-2015 4.2.6 and annex B)."""
    total = 0
    for position, character in enumerate(first17):
        value = ALPHABET.find(character)
        if value < 0:
            raise CreditCodeError(
                f"统一社会信用代码第 {position + 1} 位 {character!r} 不可用，应为数字或除 I、O、S、V、Z 外的大写字母"
            )
        total += value * pow(3, position, 31)
    return ALPHABET[-total % 31]
