"""SM2 signatures with SM3 (GB/T 32918.2-2016, GM/T 0009-2012) by the machine's libcrypto (OpenSSL 3).

The Python libraries that we sign with otherwise refuse SM2 keys; this calls the same C library through ctypes.
"""

import ctypes
import ctypes.util
from functools import cache
from typing import Any

DEFAULT_ID = b"1234567812345678"  # GM/T 0009-2012 clause 10
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "d2i_AutoPrivateKey": (ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_long]),
    "d2i_PUBKEY": (ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_long]),
    "d2i_X509": (ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_long]),
    "X509_get_pubkey": (ctypes.c_void_p, [ctypes.c_void_p]),
    "X509_set0_distinguishing_id": (None, [ctypes.c_void_p, ctypes.c_void_p]),
    "X509_verify": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_void_p]),
    "X509_free": (None, [ctypes.c_void_p]),
    "ASN1_STRING_type_new": (ctypes.c_void_p, [ctypes.c_int]),
    "ASN1_STRING_set": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]),
    "EVP_PKEY_is_a": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]),
    "EVP_PKEY_eq": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_void_p]),
    "EVP_PKEY_free": (None, [ctypes.c_void_p]),
    "EVP_PKEY_CTX_new": (ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_void_p]),
    "EVP_PKEY_CTX_set1_id": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]),
    "EVP_PKEY_CTX_free": (None, [ctypes.c_void_p]),
    "EVP_MD_CTX_new": (ctypes.c_void_p, []),
    "EVP_MD_CTX_set_pkey_ctx": (None, [ctypes.c_void_p, ctypes.c_void_p]),
    "EVP_MD_CTX_free": (None, [ctypes.c_void_p]),
    "EVP_sm3": (ctypes.c_void_p, []),
    "EVP_DigestSignInit": (ctypes.c_int, [ctypes.c_void_p] * 5),
    "EVP_DigestSign": (ctypes.c_int, [*[ctypes.c_void_p] * 3, ctypes.c_char_p, ctypes.c_size_t]),
    "EVP_DigestVerifyInit": (ctypes.c_int, [ctypes.c_void_p] * 5),
    "EVP_DigestVerify": (
        ctypes.c_int,
        [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t],
    ),
    "ERR_clear_error": (None, []),
}
_OCTET_STRING = 4


class Sm2Error(ValueError):
    """Not an SM2 key, certificate or signature, or no library that knows SM2; the message is in Chinese."""


class PrivateKey:
    """An SM2 private key in the library's memory; freed with this object, never shown."""

    def __init__(self, der: bytes) -> None:
        self._pointer = _key("d2i_AutoPrivateKey", der)

    def __del__(self) -> None:
        if getattr(self, "_pointer", None):
            _library().EVP_PKEY_free(self._pointer)

    def sign(self, data: bytes, distinguishing_id: bytes = DEFAULT_ID) -> bytes:
        """The signature as DER of r and s (GM/T 0009-2012 clause 7.2)."""
        library = _library()
        with _Context(self._pointer, distinguishing_id) as context:
            _need(library.EVP_DigestSignInit(context, None, library.EVP_sm3(), None, self._pointer), "SM2 签名失败")
            size = ctypes.c_size_t(128)
            signature = ctypes.create_string_buffer(size.value)
            _need(library.EVP_DigestSign(context, signature, ctypes.byref(size), data, len(data)), "SM2 签名失败")
            return signature.raw[: size.value]

    def fits(self, certificate: bytes) -> bool:
        """Whether this is the private key of a certificate (DER)."""
        public = _public_key(certificate)
        try:
            return bool(_library().EVP_PKEY_eq(self._pointer, public) == 1)
        finally:
            _library().EVP_PKEY_free(public)


def verify(public_key: bytes, data: bytes, signature: bytes, distinguishing_id: bytes = DEFAULT_ID) -> None:
    """Raises Sm2Error unless it holds. `public_key` is a SubjectPublicKeyInfo (DER), `signature` DER of r and s."""
    _verify(_key("d2i_PUBKEY", public_key), data, signature, distinguishing_id)


def verify_with_certificate(certificate: bytes, data: bytes, signature: bytes) -> None:
    """Raises Sm2Error unless the signature is by the key of this certificate (DER)."""
    _verify(_public_key(certificate), data, signature, DEFAULT_ID)


def verify_issued(certificate: bytes, issuer: bytes) -> None:
    """Raises Sm2Error unless the one certificate (DER) is signed with the SM2 key of the other."""
    library = _library()
    key, parsed = _public_key(issuer), _certificate(certificate)
    try:
        identity = library.ASN1_STRING_type_new(_OCTET_STRING)
        library.ASN1_STRING_set(identity, DEFAULT_ID, len(DEFAULT_ID))
        library.X509_set0_distinguishing_id(parsed, identity)  # which takes it over
        _need(library.X509_verify(parsed, key), "SM2 证书不是由该签发者签发")
    finally:
        library.X509_free(parsed)
        library.EVP_PKEY_free(key)


def _verify(key: int, data: bytes, signature: bytes, distinguishing_id: bytes) -> None:
    library = _library()
    try:
        with _Context(key, distinguishing_id) as context:
            _need(library.EVP_DigestVerifyInit(context, None, library.EVP_sm3(), None, key), "SM2 验签失败")
            _need(library.EVP_DigestVerify(context, signature, len(signature), data, len(data)), "SM2 签名不成立")
    finally:
        library.EVP_PKEY_free(key)


class _Context:
    """A digest context whose key context carries the signer's distinguishing id."""

    def __init__(self, key: int, distinguishing_id: bytes) -> None:
        self.key, self.id = key, distinguishing_id

    def __enter__(self) -> int:
        library = _library()
        self.digest, self.inner = library.EVP_MD_CTX_new(), library.EVP_PKEY_CTX_new(self.key, None)
        _need(library.EVP_PKEY_CTX_set1_id(self.inner, self.id, len(self.id)), "SM2 标识无法设置")
        library.EVP_MD_CTX_set_pkey_ctx(self.digest, self.inner)
        return int(self.digest)

    def __exit__(self, *_: object) -> None:
        _library().EVP_MD_CTX_free(self.digest)
        _library().EVP_PKEY_CTX_free(self.inner)


def _key(function: str, der: bytes) -> int:
    pointer = _parsed(function, der)
    if pointer is None:
        raise Sm2Error("不是可读的 SM2 密钥")
    if _library().EVP_PKEY_is_a(pointer, b"SM2") != 1:
        _library().EVP_PKEY_free(pointer)
        raise Sm2Error("密钥不是 SM2 曲线上的")
    return pointer


def _public_key(certificate: bytes) -> int:
    parsed = _certificate(certificate)
    pointer: int | None = _library().X509_get_pubkey(parsed)
    _library().X509_free(parsed)
    if not pointer or _library().EVP_PKEY_is_a(pointer, b"SM2") != 1:
        _library().EVP_PKEY_free(pointer)
        _library().ERR_clear_error()
        raise Sm2Error("证书中的公钥不是 SM2 曲线上的")
    return pointer


def _certificate(der: bytes) -> int:
    pointer = _parsed("d2i_X509", der)
    if pointer is None:
        raise Sm2Error("不是可读的证书")
    return pointer


def _parsed(function: str, der: bytes) -> int | None:
    buffer = ctypes.create_string_buffer(der, len(der))
    position = ctypes.c_void_p(ctypes.addressof(buffer))
    pointer: int | None = getattr(_library(), function)(None, ctypes.byref(position), len(der))
    _library().ERR_clear_error()
    return pointer


def _need(result: int, message: str) -> None:
    if result != 1:
        _library().ERR_clear_error()
        raise Sm2Error(message)


@cache
def _library() -> Any:
    name = ctypes.util.find_library("crypto")
    if name is None:
        raise Sm2Error("本机没有 libcrypto（OpenSSL 3），不能使用 SM2")
    library = ctypes.CDLL(name)
    try:
        for function, (result, arguments) in _SIGNATURES.items():
            getattr(library, function).restype = result
            getattr(library, function).argtypes = arguments
    except AttributeError as error:
        raise Sm2Error("本机的 libcrypto 不支持 SM2，应为 OpenSSL 3") from error
    return library
