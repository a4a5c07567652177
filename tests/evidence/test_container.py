import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuejingzhun.evidence.container import MAXIMUM_FILES, ContainerError, pack, unpack

FILES = {
    "certificate.xml": "<证书/>".encode(),
    "certificate.pdf": bytes(range(256)),
    "chain/00.der": b"\x30\x00",
}
NAMES = st.from_regex(r"\A[a-z0-9][a-z0-9._-]{0,20}\Z")


@given(st.dictionaries(NAMES, st.binary(max_size=200), min_size=1, max_size=5))
def test_unpack_returns_what_was_packed_in_any_order(files: dict[str, bytes]) -> None:
    backwards = dict(reversed(files.items()))
    assert pack(files) == pack(backwards)
    assert unpack(pack(files)) == files


def test_every_single_flipped_bit_is_found() -> None:
    whole = pack(FILES)
    for position in range(len(whole)):
        for bit in range(8):
            changed = bytearray(whole)
            changed[position] ^= 1 << bit
            with pytest.raises(ContainerError):
                unpack(bytes(changed))


def test_bytes_before_or_after_and_every_truncation_are_found() -> None:
    whole = pack(FILES)
    for changed in (whole + b"\x00", b"\x00" + whole, *(whole[:length] for length in range(len(whole)))):
        with pytest.raises(ContainerError):
            unpack(changed)


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_foreign_bytes_give_only_our_error(data: bytes) -> None:
    for candidate in (data, b"PK\x03\x04" + data, data + b"PK\x05\x06" + bytes(18)):
        with pytest.raises(ContainerError):
            unpack(candidate)


def test_a_compression_bomb_is_refused_before_it_unfolds() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("certificate.xml", bytes(20_000_000))
    with pytest.raises(ContainerError, match="压缩"):
        unpack(buffer.getvalue())


@pytest.mark.parametrize("name", ["../etc/passwd", "/a", "a/b/c", "A.xml", "证书.xml", "", ".hidden"])
def test_names_that_could_escape_or_confuse_are_refused(name: str) -> None:
    with pytest.raises(ContainerError):
        pack({name: b""})


def test_empty_and_overfull_bundles_are_refused() -> None:
    with pytest.raises(ContainerError, match="空"):
        pack({})
    with pytest.raises(ContainerError):
        unpack(pack({f"{number:03}": b"" for number in range(MAXIMUM_FILES + 1)}))
