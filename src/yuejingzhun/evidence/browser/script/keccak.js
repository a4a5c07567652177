// SHAKE128 and SHAKE256 (FIPS 202), with each lane of 64 bits as two numbers of 32, the low one first.

const SHAKE128_RATE = 168, SHAKE256_RATE = 136;
/** The round constants, from the register of FIPS 202 algorithm 5. */
const ROUNDS = (() => {
  let register = 1;
  const bit = () => {
    const out = register & 1;
    register = (register << 1) ^ (register & 0x80 ? 0x171 : 0);
    return out;
  };
  return Array.from({ length: 24 }, () => {
    const constant = [0, 0];
    for (let j = 0; j < 7; j++) {
      const position = 2 ** j - 1;
      if (bit()) constant[position >> 5] |= 1 << (position & 31);
    }
    return constant;
  });
})();
/** For rho and pi: from where to where a lane goes, and by how much it is turned. */
const MOVES = (() => {
  const moves = [[0, 0, 0]];
  let x = 1, y = 0;
  for (let t = 0; t < 24; t++) {
    const to = [y, (2 * x + 3 * y) % 5];
    moves.push([x + 5 * y, to[0] + 5 * to[1], (((t + 1) * (t + 2)) / 2) % 64]);
    [x, y] = to;
  }
  return moves;
})();

function permute(state) {
  const columns = new Int32Array(10), moved = new Int32Array(50);
  for (const [low, high] of ROUNDS) {
    for (let n = 0; n < 10; n++) columns[n] = state[n] ^ state[n + 10] ^ state[n + 20] ^ state[n + 30] ^ state[n + 40];
    for (let x = 0; x < 10; x += 2) {
      const left = (x + 8) % 10, right = (x + 2) % 10;
      const mixedLow = columns[left] ^ ((columns[right] << 1) | (columns[right + 1] >>> 31));
      const mixedHigh = columns[left + 1] ^ ((columns[right + 1] << 1) | (columns[right] >>> 31));
      for (let lane = x; lane < 50; lane += 10) {
        state[lane] ^= mixedLow;
        state[lane + 1] ^= mixedHigh;
      }
    }
    for (const [from, to, by] of MOVES) {
      const swap = by >= 32 ? 1 : 0, turn = by & 31, a = state[2 * from + swap], b = state[2 * from + 1 - swap];
      moved[2 * to] = turn ? (a << turn) | (b >>> (32 - turn)) : a;
      moved[2 * to + 1] = turn ? (b << turn) | (a >>> (32 - turn)) : b;
    }
    for (let row = 0; row < 50; row += 10) {
      for (let n = 0; n < 10; n++) {
        state[row + n] = moved[row + n] ^ (~moved[row + ((n + 2) % 10)] & moved[row + ((n + 4) % 10)]);
      }
    }
    state[0] ^= low;
    state[1] ^= high;
  }
}

/** After taking in the message, a function that gives the next so many bytes at each call. */
function shake(rate, ...message) {
  const input = join(...message), padded = new Uint8Array((Math.floor(input.length / rate) + 1) * rate);
  padded.set(input);
  padded[input.length] ^= 0x1f;
  padded[padded.length - 1] ^= 0x80;
  const state = new Int32Array(50), view = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += rate) {
    for (let n = 0; n < rate / 4; n++) state[n] ^= view.getInt32(at + 4 * n, true);
    permute(state);
  }
  let used = 0;
  return (size) => {
    const out = new Uint8Array(size);
    for (let n = 0; n < size; n++) {
      if (used === rate) {
        permute(state);
        used = 0;
      }
      out[n] = state[used >> 2] >>> (8 * (used & 3));
      used++;
    }
    return out;
  };
}
