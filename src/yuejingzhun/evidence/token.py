"""A signing key that never leaves its token (PKCS#11), used like any other key.

The classes answer what cryptography asks of a private key, so that XAdES, PAdES and entries are signed by the same
code whether the key lies in a file or in hardware. Needs the extra `hsm`.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature

from yuejingzhun.evidence.keys import SMALLEST_RSA_BITS, KeyImportError, SigningIdentity

Sign = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Token:
    """Where a key lies: the maker's library, the label of the token, and that of key and certificate in it."""

    module: Path
    token: str
    key: str


def open_identity(where: Token, pin: str) -> SigningIdentity:
    """The identity in a token, its session open as long as the process; raises KeyImportError."""
    try:
        import pkcs11
    except ImportError as error:
        raise KeyImportError("没有安装 PKCS#11 支持，请安装 yuejingzhun[hsm]") from error
    try:
        session = _session(pkcs11.lib(str(where.module)).get_token(token_label=where.token), pin)
        return _identity(session, where)
    except pkcs11.PinIncorrect as error:
        raise KeyImportError("令牌的 PIN 不对") from error
    except pkcs11.NoSuchToken as error:
        raise KeyImportError(f"没有名为 {where.token} 的令牌") from error
    except pkcs11.NoSuchKey as error:
        raise KeyImportError(f"令牌 {where.token} 中没有名为 {where.key} 的私钥或证书") from error
    except KeyImportError:
        raise
    except (pkcs11.PKCS11Error, RuntimeError, ValueError, OSError) as error:
        raise KeyImportError(f"令牌无法使用：{where.module}（{type(error).__name__}）") from error


def _session(token: Any, pin: str) -> Any:
    import pkcs11

    try:
        return token.open(user_pin=pin)
    except pkcs11.UserAlreadyLoggedIn:
        # A login holds for the whole process, whoever of it asked first.
        return token.open()


def _identity(session: Any, where: Token) -> SigningIdentity:
    import pkcs11

    try:
        found = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=where.key)
        certificate = x509.load_der_x509_certificate(_certificate(session, where.key))
        identity = SigningIdentity(_key(found, certificate.public_key()), certificate)
        _check_pair(identity)
    except BaseException:
        session.close()
        raise
    return identity


def _certificate(session: Any, label: str) -> bytes:
    import pkcs11

    wanted = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE, pkcs11.Attribute.LABEL: label}
    for found in session.get_objects(wanted):
        return bytes(found[pkcs11.Attribute.VALUE])
    raise pkcs11.NoSuchKey


def _key(found: Any, public: Any) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    import pkcs11

    one_at_a_time = threading.Lock()

    def sign(data: bytes, mechanism: Any) -> bytes:
        with one_at_a_time:
            return bytes(found.sign(data, mechanism=mechanism))

    if isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1):
        return TokenEcKey(public, lambda digest: sign(digest, pkcs11.Mechanism.ECDSA))
    if isinstance(public, rsa.RSAPublicKey) and public.key_size >= SMALLEST_RSA_BITS:
        return TokenRsaKey(public, lambda data: sign(data, pkcs11.Mechanism.SHA256_RSA_PKCS))
    raise KeyImportError("令牌中的密钥类型不受支持，应为 ECDSA P-256 或不少于 2048 位的 RSA")


def _check_pair(identity: SigningIdentity) -> None:
    """A signature for trial: the token may hold a certificate of another key under the same label."""
    from yuejingzhun.evidence.entry import sign_bytes

    key, trial = identity.certificate.public_key(), sign_bytes(b"trial", identity)
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(trial, b"trial", padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(trial, b"trial", ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise KeyImportError("令牌中的私钥与证书不是一对") from error


def _stays() -> NoReturn:
    raise TypeError("the private key never leaves its token")


class TokenEcKey(ec.EllipticCurvePrivateKey):
    """A P-256 key in a token; `sign` takes the digest and gives r and s one after the other."""

    def __init__(self, public: ec.EllipticCurvePublicKey, sign: Sign) -> None:
        self._public, self._sign = public, sign

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """The signature as DER; only ECDSA with SHA-256."""
        algorithm = signature_algorithm.algorithm
        if isinstance(algorithm, Prehashed) or not isinstance(algorithm, hashes.SHA256):
            raise TypeError("the token signs with SHA-256")
        digest = hashes.Hash(hashes.SHA256())
        digest.update(data)
        raw = self._sign(digest.finalize())
        half = len(raw) // 2
        return encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The public key."""
        return self._public

    @property
    def curve(self) -> ec.EllipticCurve:
        """The curve."""
        return self._public.curve

    @property
    def key_size(self) -> int:
        """In bits."""
        return self._public.key_size

    def exchange(self, *_: Any) -> NoReturn:
        """Refused."""
        _stays()

    def private_numbers(self) -> NoReturn:
        """Refused."""
        _stays()

    def private_bytes(self, *_: Any) -> NoReturn:
        """Refused."""
        _stays()

    def __copy__(self) -> "TokenEcKey":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "TokenEcKey":
        return self


class TokenRsaKey(rsa.RSAPrivateKey):
    """An RSA key in a token; `sign` takes the data and signs with SHA-256 and PKCS #1 v1.5."""

    def __init__(self, public: rsa.RSAPublicKey, sign: Sign) -> None:
        self._public, self._sign = public, sign

    def sign(self, data: Any, padding: Any, algorithm: Any) -> bytes:
        """The signature; only PKCS #1 v1.5 with SHA-256."""
        if padding.name != "EMSA-PKCS1-v1_5" or not isinstance(algorithm, hashes.SHA256):
            raise TypeError("the token signs with PKCS #1 v1.5 and SHA-256")
        return self._sign(bytes(data))

    def public_key(self) -> rsa.RSAPublicKey:
        """The public key."""
        return self._public

    @property
    def key_size(self) -> int:
        """In bits."""
        return self._public.key_size

    def decrypt(self, *_: Any) -> NoReturn:
        """Refused."""
        _stays()

    def private_numbers(self) -> NoReturn:
        """Refused."""
        _stays()

    def private_bytes(self, *_: Any) -> NoReturn:
        """Refused."""
        _stays()

    def __copy__(self) -> "TokenRsaKey":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "TokenRsaKey":
        return self
