"""Printing, which takes most of an issue's time: here, or spread over processes where there is much to print.

A process of the press knows neither Django nor the database: it is given what is printed and the key that signs.
"""

import logging
import multiprocessing
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from yuejingzhun.evidence.certificate import Certificate as Content
from yuejingzhun.evidence.issue import Issued as Printed
from yuejingzhun.evidence.issue import Signed, print_and_bundle
from yuejingzhun.evidence.keys import SigningIdentity, load_pkcs12, to_pkcs12
from yuejingzhun.evidence.pdf.render import LogPlace
from yuejingzhun.evidence.token import TokenEcKey, TokenRsaKey
from yuejingzhun.platform.foundation.jobs.processes import end_with_parent

log = logging.getLogger(__name__)
WORTH_IT = 64  # certificates: for fewer, starting processes takes longer than it spares
AT_ONCE = 4  # certificates handed to a process in one go
NICE = 10  # requests come first


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that a certificate's printed form and bundle are made of."""

    content: Content
    signed: Signed
    identity: SigningIdentity
    revocation_list: x509.CertificateRevocationList | None
    place: LogPlace


Press = Callable[[Sequence[Sheet]], Iterator[Printed]]
_own: list[SigningIdentity] = []  # of a process of the press: the one identity that it was started with


def print_here(sheets: Sequence[Sheet]) -> Iterator[Printed]:
    """One after the other, in this process."""
    for sheet in sheets:
        yield print_and_bundle(sheet.content, sheet.signed, sheet.identity, sheet.revocation_list, sheet.place)


@contextmanager
def press(identity: SigningIdentity, count: int) -> Iterator[Press]:
    """A press for about so many certificates of one identity; what another one signed is printed here.

    A key that can't leave its token is not handed on, so its certificates are printed here as well.
    """
    processes = os.cpu_count() or 1
    if count < WORTH_IT or processes < 2 or isinstance(identity.key, TokenEcKey | TokenRsaKey):
        yield print_here
        return
    passphrase = secrets.token_hex(16)
    given = (to_pkcs12(identity, passphrase), passphrase)
    # Not forked: a fork would inherit the locks of threads that it doesn't have.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_start, initargs=given) as pool:

        def spread(sheets: Sequence[Sheet]) -> Iterator[Printed]:
            if any(sheet.identity.certificate != identity.certificate for sheet in sheets):
                return print_here(sheets)
            try:
                return iter(list(pool.map(_print, map(_packed, sheets), chunksize=AT_ONCE)))
            except BrokenProcessPool:
                # A process was killed, for want of memory perhaps: slower is better than not at all.
                log.exception("印制证书的进程意外结束，改在本进程里印")
                return print_here(sheets)

        yield spread


Packed = tuple[Content, Signed, bytes | None, LogPlace]


def _packed(sheet: Sheet) -> Packed:
    revoked = sheet.revocation_list  # one that revokes nothing counts as false
    encoded = None if revoked is None else revoked.public_bytes(Encoding.DER)
    return sheet.content, sheet.signed, encoded, sheet.place


def _start(pkcs12: bytes, passphrase: str) -> None:
    end_with_parent()
    os.nice(NICE)
    _own.append(load_pkcs12(pkcs12, passphrase))


def _print(packed: Packed) -> Printed:
    content, signed, revoked, place = packed
    revocation_list = None if revoked is None else x509.load_der_x509_crl(revoked)
    return print_and_bundle(content, signed, _own[0], revocation_list, place)
