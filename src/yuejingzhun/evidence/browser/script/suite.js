// Signatures by ECDSA and RSA, which browsers have.

const EC_KEY = "1.2.840.10045.2.1", RSA_KEY = "1.2.840.113549.1.1.1";
const CURVES = {
  "1.2.840.10045.3.1.7": { name: "P-256", size: 32 },
  "1.3.132.0.34": { name: "P-384", size: 48 },
  "1.3.132.0.35": { name: "P-521", size: 66 },
};
const HASHES = {
  "2.16.840.1.101.3.4.2.1": "SHA-256", "2.16.840.1.101.3.4.2.2": "SHA-384", "2.16.840.1.101.3.4.2.3": "SHA-512",
};
const MINIMUM_RSA_BITS = 2048;
const EMPTY = "0500"; // NULL

const PSS = "1.2.840.113549.1.1.10", MGF1 = "1.2.840.113549.1.1.8";
const SIGNED_WITH = {
  "1.2.840.10045.4.3.2": ["ECDSA", "SHA-256"], "1.2.840.10045.4.3.3": ["ECDSA", "SHA-384"],
  "1.2.840.10045.4.3.4": ["ECDSA", "SHA-512"], "1.2.840.113549.1.1.11": ["RSASSA-PKCS1-v1_5", "SHA-256"],
  "1.2.840.113549.1.1.12": ["RSASSA-PKCS1-v1_5", "SHA-384"], "1.2.840.113549.1.1.13": ["RSASSA-PKCS1-v1_5", "SHA-512"],
};

/** What kind of key a certificate is for: its curve, or RSA with its size; null for all others, SM2 among them. */
function keyOf(cert) {
  const [algorithm, point] = fields(cert.key), [kind, parameters] = fields(algorithm);
  if (oid(kind) === EC_KEY && parameters?.tag === OID) {
    const curve = CURVES[oid(parameters)];
    return curve ? { kind: "ECDSA", curve } : null;
  }
  if (oid(kind) !== RSA_KEY || !parameters || hex(parameters.raw) !== EMPTY) return null;
  return { kind: "RSA", bits: integer(fields(bitString(point).bytes)[0]).toString(2).length };
}

/** The name of the suite of a signer's detached signatures. */
function suiteOf(cert) {
  const kind = keyOf(cert)?.kind;
  return { ECDSA: "ecdsa-p256-sha256", RSA: "rsa-pkcs1v15-sha256" }[kind] ?? null;
}

/** With which algorithm and hash a certificate or list was signed; null for what nobody should use any more. */
function methodOf(algorithm) {
  const [name, ...parameters] = fields(algorithm), known = SIGNED_WITH[oid(name)];
  if (known) {
    const expected = known[0] === "ECDSA" ? "" : EMPTY;
    return parameters.map((one) => hex(one.raw)).join() === expected ? known : null;
  }
  if (oid(name) !== PSS || parameters.length !== 1) return null;
  const parts = fields(parameters[0]), inner = (part) => only(part.body, part.tag === 0xa2 ? INTEGER : SEQUENCE);
  const [hashed, masked, salt] = parts.map(inner), [mask, maskHash] = fields(masked);
  const hash = HASHES[oid(fields(hashed)[0])], masksSo = oid(mask) === MGF1 && same(maskHash.raw, hashed.raw);
  return hash && masksSo && Number(integer(salt)) * 8 === +hash.slice(4) ? ["RSA-PSS", hash] : null;
}

/** Whether the key of this certificate made the signature: of ECDSA in DER, or where `isRaw` r and s as they are. */
async function verifies(cert, data, signature, hash = "SHA-256", padding = "RSASSA-PKCS1-v1_5", isRaw = false) {
  const key = keyOf(cert);
  if (!key) return false;
  const name = key.kind === "RSA" ? padding : "ECDSA";
  const importing = key.kind === "RSA" ? { name, hash } : { name, namedCurve: key.curve.name };
  try {
    const given = key.kind === "RSA" || isRaw ? signature
      : join(...twoIntegers(signature).map((number) => bigEndian(number, key.curve.size)));
    const imported = await subtle.importKey("spki", cert.key, importing, false, ["verify"]);
    return await subtle.verify({ name, hash, saltLength: +hash.slice(4) / 8 }, imported, given, data);
  } catch {
    return false; // a key or signature that isn't one verifies nothing
  }
}

/** Whether this certificate's key signed the body of a certificate or of a list. */
async function signedBy(issuer, signed) {
  const method = methodOf(signed.algorithm), key = keyOf(issuer);
  if (!method || !key || !same(signed.algorithm, signed.inner)) return false;
  if ((key.kind === "ECDSA") !== (method[0] === "ECDSA")) return false;
  return verifies(issuer, signed.tbs, signed.signature, method[1], method[0]);
}
