import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.platform.foundation.parties.credit_code import (
    ALPHABET,
    CreditCodeError,
    check_character,
    check_credit_code,
)

# Codes of listed companies, as they publish them in their annual reports.
PUBLISHED = ["9144030071526726XG", "914403001922038216"]


@pytest.mark.parametrize("code", PUBLISHED)
def test_published_codes_hold(code: str) -> None:
    assert check_credit_code(f" {code.lower()} ") == code


@given(
    st.text(ALPHABET, min_size=17, max_size=17),
    st.integers(0, 17),
    st.sampled_from(ALPHABET),
)
def test_every_substituted_character_is_found(first17: str, position: int, other: str) -> None:
    code = first17 + check_character(first17)
    assert check_credit_code(code) == code
    changed = code[:position] + other + code[position + 1 :]
    if changed != code:
        with pytest.raises(CreditCodeError, match="校验码"):
            check_credit_code(changed)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "应为 18 位，现为 0 位"),
        ("91440300192203821", "现为 17 位"),
        ("9144O3001922038216", "第 5 位 'O' 不可用"),
        ("914403001922038217", "应为 '6'"),
    ],
)
def test_the_message_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(CreditCodeError, match=message):
        check_credit_code(text)
