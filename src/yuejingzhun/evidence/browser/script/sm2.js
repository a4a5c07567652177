// Verifying SM2 signatures (GB/T 32918.2-2016) on the recommended curve (GB/T 32918.5-2017). Nothing here is secret,
// so nothing takes care to be constant in time.

const SM2_P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const SM2_A = SM2_P - 3n;
const SM2_B = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n;
const SM2_N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
const SM2_G = [
  0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
  1n,
];
const SM2_CURVE = "1.2.156.10197.1.301", SM2_WITH_SM3 = "1.2.156.10197.1.501";
const DEFAULT_ID = utf8("1234567812345678"); // GM/T 0009-2012 clause 10

const modP = (number) => ((number % SM2_P) + SM2_P) % SM2_P;

function power(base, exponent) {
  let result = 1n;
  for (; exponent; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % SM2_P;
    base = (base * base) % SM2_P;
  }
  return result;
}

/** Twice a point in Jacobian coordinates, for a = -3; null is the point at infinity. */
function double(point) {
  if (!point || !point[1]) return null;
  const [x, y, z] = point, zz = (z * z) % SM2_P, yy = (y * y) % SM2_P;
  const s = (4n * x * yy) % SM2_P, m = modP(3n * (x - zz) * (x + zz)), x3 = modP(m * m - 2n * s);
  return [x3, modP(m * (s - x3) - 8n * yy * yy), (2n * y * z) % SM2_P];
}

function add(p, q) {
  if (!p || !q) return p || q;
  const [x1, y1, z1] = p, [x2, y2, z2] = q, zz1 = (z1 * z1) % SM2_P, zz2 = (z2 * z2) % SM2_P;
  const u1 = (x1 * zz2) % SM2_P, s1 = (y1 * zz2 * z2) % SM2_P;
  const h = modP(x2 * zz1 - u1), r = modP(y2 * zz1 * z1 - s1);
  if (!h) return r ? null : double(p);
  const hh = (h * h) % SM2_P, v = (u1 * hh) % SM2_P, hhh = (h * hh) % SM2_P, x3 = modP(r * r - hhh - 2n * v);
  return [x3, modP(r * (v - x3) - s1 * hhh), (h * z1 * z2) % SM2_P];
}

/** The first coordinate of s·G + t·P, or null at infinity. */
function combine(s, t, point) {
  const table = [null, SM2_G, point, add(SM2_G, point)];
  let sum = null;
  for (let bit = 255n; bit >= 0n; bit--) {
    sum = double(sum);
    sum = add(sum, table[Number((s >> bit) & 1n) + 2 * Number((t >> bit) & 1n)]);
  }
  return sum && modP(sum[0] * power(sum[2], 2n * (SM2_P - 2n)));
}

/** The point of a key in a SubjectPublicKeyInfo: uncompressed, compressed or hybrid, but on the curve. */
function sm2Point(key) {
  const [algorithm, bits] = fields(key), [kind, curve] = fields(algorithm);
  if (oid(kind) !== EC_KEY || curve?.tag !== OID || oid(curve) !== SM2_CURVE) {
    throw new Problem("证书中的公钥不是 SM2 曲线上的");
  }
  const { bytes } = bitString(bits), form = bytes[0], x = unsigned(bytes.subarray(1, 33));
  const square = modP(x * x * x + SM2_A * x + SM2_B), root = power(square, (SM2_P + 1n) / 4n);
  const parity = form & 1, compressed = form === 2 || form === 3;
  const y = compressed ? (Number(root & 1n) === parity ? root : SM2_P - root) : unsigned(bytes.subarray(33));
  const fits = compressed || form === 4 || ((form === 6 || form === 7) && Number(y & 1n) === parity);
  if (!fits || bytes.length !== (compressed ? 33 : 65) || x >= SM2_P || y >= SM2_P || (y * y) % SM2_P !== square) {
    throw new Problem("证书中的公钥不是 SM2 曲线上的");
  }
  return [x, y, 1n];
}

/** The hash of a message with the signer's id and key before it (GB/T 32918.2 clause 5.5). */
function sm2Digest(point, message, id = DEFAULT_ID) {
  const numbers = [SM2_A, SM2_B, SM2_G[0], SM2_G[1], point[0], point[1]];
  const length = bigEndian(id.length * 8, 2);
  return sm3(join(sm3(join(length, id, ...numbers.map((number) => bigEndian(number, 32)))), message));
}

/** Whether the key signed the message; the signature is DER of r and s (GM/T 0009-2012 clause 7.2). */
function sm2Verifies(key, message, signature, id = DEFAULT_ID) {
  const point = sm2Point(key);
  let r, s;
  try {
    [r, s] = twoIntegers(signature);
  } catch {
    return false;
  }
  const t = (r + s) % SM2_N;
  if (!r || r >= SM2_N || !s || s >= SM2_N || !t) return false;
  const x = combine(s, t, point);
  return x !== null && (unsigned(sm2Digest(point, message, id)) + x) % SM2_N === r;
}

/** Whether the certificate is signed with the SM2 key of the other. */
function sm2Issued(certified, issuer) {
  const named = oid(fields(certified.algorithm)[0]) === SM2_WITH_SM3 && same(certified.algorithm, certified.inner);
  return named && !certified.unused && sm2Verifies(issuer.key, certified.tbs, certified.signature);
}
