"""Single bits flipped in each part of a bundle: the page accepts none that `yjz verify` refuses."""

import re
from collections.abc import Callable, Iterator

import test_bundle as made
from playwright.sync_api import Page
from visiting import differences, needs_chromium, outside

from yuejingzhun.evidence.bundle import TIMESTAMP
from yuejingzhun.evidence.certificate import Certificate
from yuejingzhun.evidence.container import pack, unpack

pytestmark = needs_chromium


def flipped(data: bytes, step: int, size: int | None = None) -> Iterator[tuple[int, bytes]]:
    for bit in range(0, 8 * (size or len(data)), step):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        yield bit, bytes(changed)


def corpus(files: dict[str, bytes]) -> dict[str, bytes]:
    small = {name: content for name, content in files.items() if name != "certificate.pdf"}
    names = ("chain/00.der", "chain/01.der", "revocation/00.crl", "entry.sig", "certificate.tlog-proof")
    cases = {f"{n} {bit}": pack({**small, n: changed}) for n in names for bit, changed in flipped(files[n], 331)}
    # Its version stands at the beginning, and is what a parser complains of in a way of its own.
    listed = files["revocation/00.crl"]
    cases |= {
        f"list {bit}": pack({**small, "revocation/00.crl": changed + listed[20:]})
        for bit, changed in flipped(listed[:20], 1)
    }
    for bit, changed in flipped(files[TIMESTAMP], 101):
        cases[f"{TIMESTAMP} {bit}"] = pack({**small, TIMESTAMP: changed})
    xml, pdf = files["certificate.xml"], files["certificate.pdf"]
    start = xml.index(b"<ds:Signature ")
    cases |= {f"xml {bit}": xml[:start] + changed for bit, changed in flipped(xml[start:], 293)}
    found = re.search(rb"/Contents <([0-9A-F]+)>", pdf)
    assert found is not None
    signature = bytes.fromhex(found[1].decode())
    for bit, changed in flipped(signature, 307, 4 + int.from_bytes(signature[2:4], "big")):
        cases[f"pdf {bit}"] = pdf.replace(found[1], changed.hex().upper().encode())
    return cases


def test_no_flipped_bit_is_accepted_by_the_page_alone(page: Page, certificate: Callable[..., Certificate]) -> None:
    cases = corpus(unpack(outside(lambda: made.make(certificate()))))
    assert len(cases) > 300
    # Of tokens the command's parser reads more encodings than the page, which is then the stricter of the two.
    found = [line for line in differences(page, cases) if re.search("browser (True|.'passed)", line)]
    assert found == []
