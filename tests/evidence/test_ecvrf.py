import pytest

from yuejingzhun.evidence.ecvrf import P, Q, VrfError, output_of, prove, public_key, verify

# RFC 9381 appendix B.3, examples 16, 17 and 18: secret, public, input, proof, output.
EXAMPLES = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f26f8a57ccaed74ee1b190bed1f479d97"
        "27d2d0f9b005a6e456a35d4fb0daab1268a1b0db10836d9826a528ca76567805",
        "90cf1df3b703cce59e2a35b925d411164068269d7b2d29f3301c03dd757876ff66b71dda49d2de59d03450451af02679"
        "8e8f81cd2e333de5cdf4f3e140fdd8ae",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "f3141cd382dc42909d19ec5110469e4feae18300e94f304590abdced48aed5933bf0864a62558b3ed7f2fea45c92a465"
        "301b3bbf5e3e54ddf2d935be3b67926da3ef39226bbc355bdc9850112c8f4b02",
        "eb4440665d3891d668e7e0fcaf587f1b4bd7fbfe99d0eb2211ccec90496310eb5e33821bc613efb94db5e5b54c70a848"
        "a0bef4553a41befc57663b56373a5031",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "9bc0f79119cc5604bf02d23b4caede71393cedfbb191434dd016d30177ccbf8096bb474e53895c362d8628ee9f9ea3c0"
        "e52c7a5c691b6c18c9979866568add7a2d41b00b05081ed0f58ee5e31b3a970e",
        "645427e5d00c62a23fb703732fa5d892940935942101e456ecca7bb217c61c452118fec1219202a0edcf038bb6373241"
        "578be7217ba85a2687f7a0310b2df19f",
    ),
]


@pytest.mark.parametrize(("secret", "public", "alpha", "proof", "output"), EXAMPLES)
def test_examples_of_the_rfc(secret: str, public: str, alpha: str, proof: str, output: str) -> None:
    assert public_key(bytes.fromhex(secret)).hex() == public
    assert prove(bytes.fromhex(secret), bytes.fromhex(alpha)).hex() == proof
    assert verify(bytes.fromhex(public), bytes.fromhex(alpha), bytes.fromhex(proof)).hex() == output
    assert output_of(bytes.fromhex(proof)).hex() == output


def test_every_changed_byte_of_a_proof_key_or_input_is_refused() -> None:
    secret = bytes(range(32))
    public, alpha = public_key(secret), b"alpha"
    proof = prove(secret, alpha)
    for position in range(len(proof)):
        changed = bytearray(proof)
        changed[position] ^= 1 << position % 8
        with pytest.raises(VrfError):
            verify(public, alpha, bytes(changed))
    for position in range(32):
        changed = bytearray(public)
        changed[position] ^= 1 << position % 8
        with pytest.raises(VrfError):
            verify(bytes(changed), alpha, proof)
    with pytest.raises(VrfError):
        verify(public, b"other", proof)


def test_small_and_malformed_points_and_numbers_are_refused() -> None:
    secret = bytes(range(32))
    public, proof = public_key(secret), prove(secret, b"")
    small = [b"\x01" + bytes(31), bytes(32), (P - 1).to_bytes(32, "little")]
    for key in (*small, b"", bytes(31), (P + 1).to_bytes(32, "little"), b"\x01" + bytes(30) + b"\x80"):
        with pytest.raises(VrfError):
            verify(key, b"", proof)
    too_large = proof[:48] + (int.from_bytes(proof[48:], "little") + Q).to_bytes(32, "little")
    for wrong in (b"", proof[:-1], proof + b"\x00", too_large):
        with pytest.raises(VrfError):
            verify(public, b"", wrong)
    with pytest.raises(VrfError):
        prove(b"short", b"")
