"""ECVRF-EDWARDS25519-SHA512-TAI (RFC 9381 section 5 and 5.5): a random value that its key's owner can't choose.

Not in constant time: a key is for draws alone, and its owner publishes what it makes.
"""

import hashlib
from dataclasses import dataclass

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, P) % P
_ROOT = pow(2, (P - 1) // 4, P)
SUITE = b"\x03"
COFACTOR = 8
PROOF_SIZE, CHALLENGE_SIZE = 80, 16
_Point = tuple[int, int, int, int]  # extended coordinates: X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z
_IDENTITY: _Point = (0, 1, 1, 0)


class VrfError(ValueError):
    """Not a key, a point or a proof; the message is in Chinese."""


@dataclass(frozen=True, slots=True)
class _Secret:
    scalar: int
    prefix: bytes
    public: bytes


def public_key(secret: bytes) -> bytes:
    """The public key of 32 secret bytes."""
    return _expand(secret).public


def prove(secret: bytes, alpha: bytes) -> bytes:
    """The proof for an input (RFC 9381 5.1); raises VrfError for a secret that isn't 32 bytes."""
    key = _expand(secret)
    point = _encode_to_curve(key.public, alpha)
    gamma = _times(key.scalar, point)
    nonce = int.from_bytes(hashlib.sha512(key.prefix + _encode(point)).digest(), "little") % Q
    public = _decode(key.public)
    challenge = _challenge(public, point, gamma, _times(nonce, _BASE), _times(nonce, point))
    response = (nonce + challenge * key.scalar) % Q
    return _encode(gamma) + challenge.to_bytes(CHALLENGE_SIZE, "little") + response.to_bytes(32, "little")


def verify(public: bytes, alpha: bytes, proof: bytes) -> bytes:
    """The 64 random bytes that the proof proves for that key and input (RFC 9381 5.3); raises VrfError."""
    gamma, challenge, response = _decode_proof(proof)
    key = _decode(public)
    if _same(_times(COFACTOR, key), _IDENTITY):
        raise VrfError("VRF 公钥是低阶点")
    point = _encode_to_curve(public, alpha)
    u = _add(_times(response, _BASE), _negative(_times(challenge, key)))
    v = _add(_times(response, point), _negative(_times(challenge, gamma)))
    if _challenge(key, point, gamma, u, v) != challenge:
        raise VrfError("VRF 证明不成立")
    return _output(gamma)


def output_of(proof: bytes) -> bytes:
    """The random bytes of a proof that was made here (RFC 9381 5.2); it checks nothing."""
    return _output(_decode_proof(proof)[0])


def _output(gamma: _Point) -> bytes:
    return hashlib.sha512(SUITE + b"\x03" + _encode(_times(COFACTOR, gamma)) + b"\x00").digest()


def _decode_proof(proof: bytes) -> tuple[_Point, int, int]:
    if len(proof) != PROOF_SIZE:
        raise VrfError(f"VRF 证明为 {len(proof)} 字节，应为 {PROOF_SIZE} 字节")
    response = int.from_bytes(proof[48:], "little")
    if response >= Q:
        raise VrfError("VRF 证明中的数过大")
    return _decode(proof[:32]), int.from_bytes(proof[32:48], "little"), response


def _expand(secret: bytes) -> _Secret:
    if len(secret) != 32:
        raise VrfError(f"VRF 私钥为 {len(secret)} 字节，应为 32 字节")
    digest = hashlib.sha512(secret).digest()
    scalar = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
    return _Secret(scalar, digest[32:], _encode(_times(scalar, _BASE)))


def _encode_to_curve(salt: bytes, alpha: bytes) -> _Point:
    """Try and increment (RFC 9381 5.4.1.1)."""
    for counter in range(256):
        digest = hashlib.sha512(SUITE + b"\x01" + salt + alpha + bytes([counter]) + b"\x00").digest()
        try:
            point = _times(COFACTOR, _decode(digest[:32]))
        except VrfError:
            continue
        if not _same(point, _IDENTITY):
            return point
    raise VrfError("VRF 输入不能映射到曲线")


def _challenge(*points: _Point) -> int:
    digest = hashlib.sha512(SUITE + b"\x02" + b"".join(map(_encode, points)) + b"\x00").digest()
    return int.from_bytes(digest[:CHALLENGE_SIZE], "little")


def _add(one: _Point, other: _Point) -> _Point:
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * _D % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar: int, point: _Point) -> _Point:
    found = _IDENTITY
    while scalar:
        if scalar & 1:
            found = _add(found, point)
        point, scalar = _add(point, point), scalar >> 1
    return found


def _negative(point: _Point) -> _Point:
    x, y, z, t = point
    return P - x, y, z, P - t


def _same(one: _Point, other: _Point) -> bool:
    return not ((one[0] * other[2] - other[0] * one[2]) % P or (one[1] * other[2] - other[1] * one[2]) % P)


def _encode(point: _Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, -1, P)
    return (y * inverse % P | (x * inverse % P & 1) << 255).to_bytes(32, "little")


def _decode(data: bytes) -> _Point:
    """The point in 32 bytes (RFC 8032 5.1.3), in its one canonical spelling."""
    value = int.from_bytes(data, "little")
    sign, y = value >> 255, value & (2**255 - 1)
    if len(data) != 32 or y >= P:
        raise VrfError("不是曲线上的点")
    square = (y * y - 1) * pow(_D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * _ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        raise VrfError("不是曲线上的点")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


_BASE = _decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
