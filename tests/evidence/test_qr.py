import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.evidence.qr import QrClaim, QrError, new_key, parse_qr, qr_query

ADDRESS = "https://example.org/c/YJZ-440100-2026-000001"
LEAF = bytes(range(32))


def test_what_is_printed_is_read_and_fits_its_place_alone() -> None:
    claim = parse_qr(ADDRESS + qr_query(17, LEAF))
    assert claim == QrClaim("YJZ-440100-2026-000001", 17, LEAF[:16])
    assert claim.fits(17, LEAF)
    assert not claim.fits(18, LEAF)
    assert not claim.fits(17, bytes(32))
    assert not parse_qr(ADDRESS).fits(17, LEAF)


def test_the_key_of_the_files_stands_on_paper_and_older_papers_have_none() -> None:
    key = new_key()
    assert len(key) == 22
    assert key != new_key()
    claim = parse_qr(ADDRESS + qr_query(17, LEAF, key))
    assert (claim.key, claim.fits(17, LEAF)) == (key, True)
    assert parse_qr(ADDRESS + qr_query(17, LEAF)).key is None


@pytest.mark.parametrize(
    "text",
    ["", "YJZ-440100-2026-000001", "javascript:/c/x", "http://[", ADDRESS + "?i=01&h=" + "0" * 32, ADDRESS + "?i=1",
     ADDRESS + "?i=1&h=00", ADDRESS + "?i=1&h=" + "A" * 32, ADDRESS + "#x", ADDRESS + "?i=-1&h=" + "0" * 32, "x" * 600,
     ADDRESS + "?k=" + "A" * 22, ADDRESS + "?i=1&h=" + "0" * 32 + "&k=",
     ADDRESS + "?i=1&h=" + "0" * 32 + "&k=" + "A" * 23],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(QrError):
        parse_qr(text)


@given(st.text(max_size=100))
def test_any_text_is_read_or_refused(text: str) -> None:
    for given_text in (text, ADDRESS + text):
        try:
            parse_qr(given_text)
        except QrError:
            continue
