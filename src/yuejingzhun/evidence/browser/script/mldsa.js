// Verifying ML-DSA-44 signatures (FIPS 204), by which witnesses cosign beside Ed25519. The names are the standard's.

const Q = 8380417, DROPPED = 13, TAU = 39, GAMMA1 = 2 ** 17, GAMMA2 = (Q - 1) / 88, BETA = 78, OMEGA = 80, SIDE = 4;
const ML_DSA_KEY_SIZE = 1312, ML_DSA_SIGNATURE_SIZE = 2420, C_SIZE = 32, Z_SIZE = 576, T1_SIZE = 320;
/** The powers of 1753, a 512th root of unity, in the order in which the transform asks for them (appendix B). */
const ZETAS = Array.from({ length: 256 }, (_, n) => {
  let zeta = 1, bits = 0;
  for (let bit = 0; bit < 8; bit++) bits |= ((n >> bit) & 1) << (7 - bit);
  while (bits--) zeta = (zeta * 1753) % Q;
  return zeta;
});
const fold = (number) => ((number % Q) + Q) % Q;
const four = (make) => Array.from({ length: SIDE }, (_, n) => make(n));

/** Algorithm 41: into the domain in which polynomials multiply term by term. */
function ntt(polynomial) {
  const w = Float64Array.from(polynomial, fold);
  for (let length = 128, m = 0; length >= 1; length >>= 1) {
    for (let start = 0; start < 256; start += 2 * length) {
      const zeta = ZETAS[++m];
      for (let j = start; j < start + length; j++) {
        const t = (zeta * w[j + length]) % Q;
        w[j + length] = w[j] >= t ? w[j] - t : w[j] - t + Q;
        w[j] = w[j] + t >= Q ? w[j] + t - Q : w[j] + t;
      }
    }
  }
  return w;
}

/** Algorithm 42: back again. */
function inverseNtt(w) {
  for (let length = 1, m = 256; length < 256; length <<= 1) {
    for (let start = 0; start < 256; start += 2 * length) {
      const zeta = Q - ZETAS[--m];
      for (let j = start; j < start + length; j++) {
        const t = w[j];
        w[j] = (t + w[j + length]) % Q;
        w[j + length] = (zeta * (t - w[j + length] + Q)) % Q;
      }
    }
  }
  return w.map((value) => (value * 8347681) % Q); // 256 to the power of -1
}

/** Numbers of so many bits, the lowest first. */
function unpackBits(bytes, bits) {
  const out = [];
  let value = 0, held = 0;
  for (const byte of bytes) {
    value += byte * 2 ** held;
    held += 8;
    while (held >= bits) {
      out.push(value % 2 ** bits);
      value = Math.floor(value / 2 ** bits);
      held -= bits;
    }
  }
  return out;
}

/** Algorithm 30: a polynomial of the matrix, its coefficients drawn until they are below q. */
function drawn(rho, column, row) {
  const next = shake(SHAKE128_RATE, rho, Uint8Array.of(column, row)), out = new Float64Array(256);
  for (let n = 0; n < 256; ) {
    const block = next(SHAKE128_RATE);
    for (let at = 0; at < SHAKE128_RATE && n < 256; at += 3) {
      const value = block[at] | (block[at + 1] << 8) | ((block[at + 2] & 127) << 16);
      if (value < Q) out[n++] = value;
    }
  }
  return out;
}

/** Algorithm 29: the polynomial with 39 coefficients of 1 or -1 that the challenge names. */
function inBall(challenge) {
  const next = shake(SHAKE256_RATE, challenge), signs = unpackBits(next(8), 1), c = new Int32Array(256);
  for (let i = 256 - TAU; i < 256; i++) {
    let j;
    do [j] = next(1); while (j > i);
    c[i] = c[j];
    c[j] = signs[i + TAU - 256] ? -1 : 1;
  }
  return c;
}

/** Algorithm 21: which coefficients are to be corrected; null where the list isn't in its one form. */
function hintsOf(bytes) {
  const hints = four(() => new Uint8Array(256));
  let index = 0;
  for (let i = 0; i < SIDE; i++) {
    const end = bytes[OMEGA + i], first = index;
    if (end < index || end > OMEGA) return null;
    for (; index < end; index++) {
      if (index > first && bytes[index - 1] >= bytes[index]) return null;
      hints[i][bytes[index]] = 1;
    }
  }
  return bytes.subarray(index, OMEGA).some((byte) => byte) ? null : hints;
}

/** Algorithms 36 and 40: the high part of a coefficient, corrected by its hint. */
function highBits(r, hint) {
  let low = r % (2 * GAMMA2);
  if (low > GAMMA2) low -= 2 * GAMMA2;
  const edge = r - low === Q - 1, high = edge ? 0 : (r - low) / (2 * GAMMA2);
  if (!hint) return high;
  return (high + (low - (edge ? 1 : 0) > 0 ? 1 : 43)) % 44;
}

/** Algorithm 28: w1 with six bits a coefficient. */
function encodeHigh(polynomials) {
  const out = [];
  for (const polynomial of polynomials) {
    for (let n = 0; n < 256; n += 4) {
      const group = polynomial[n] | (polynomial[n + 1] << 6) | (polynomial[n + 2] << 12) | (polynomial[n + 3] << 18);
      out.push(group & 255, (group >> 8) & 255, group >> 16);
    }
  }
  return Uint8Array.from(out);
}

/** Algorithms 3 and 8, with an empty context: whether the key signed the message. */
function mlDsaVerifies(key, message, signature) {
  if (key.length !== ML_DSA_KEY_SIZE || signature.length !== ML_DSA_SIGNATURE_SIZE) return false;
  const part = (bytes, start, size, n) => bytes.subarray(start + n * size, start + (n + 1) * size);
  const challenge = signature.subarray(0, C_SIZE), hints = hintsOf(signature.subarray(C_SIZE + SIDE * Z_SIZE));
  const z = four((n) => unpackBits(part(signature, C_SIZE, Z_SIZE, n), 18).map((value) => GAMMA1 - value));
  if (!hints || z.flat().some((value) => Math.abs(value) >= GAMMA1 - BETA)) return false;
  const identity = shake(SHAKE256_RATE, key)(64), mu = shake(SHAKE256_RATE, identity, Uint8Array.of(0, 0), message)(64);
  const rho = key.subarray(0, 32), c = ntt(inBall(challenge)), zs = z.map(ntt);
  const high = four((row) => {
    const t1 = ntt(unpackBits(part(key, 32, T1_SIZE, row), 10).map((value) => value * 2 ** DROPPED));
    const matrix = four((column) => drawn(rho, column, row));
    const sum = c.map((value, n) => {
      const product = zs.reduce((total, factor, column) => total + ((matrix[column][n] * factor[n]) % Q), 0);
      return fold(product - ((value * t1[n]) % Q));
    });
    return Array.from(inverseNtt(sum), (value, n) => highBits(value, hints[row][n]));
  });
  return same(shake(SHAKE256_RATE, mu, encodeHigh(high))(C_SIZE), challenge);
}
