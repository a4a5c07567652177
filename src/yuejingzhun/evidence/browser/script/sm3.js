// The hash SM3 (GB/T 32905-2016).

const SM3_START = [
  0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
];
const rotate = (word, by) => (word << by) | (word >>> (32 - by)); // shifts are mod 32
const permute0 = (word) => word ^ rotate(word, 9) ^ rotate(word, 17);
const permute1 = (word) => word ^ rotate(word, 15) ^ rotate(word, 23);

function sm3(message) {
  const padded = new Uint8Array(Math.ceil((message.length + 9) / 64) * 64), view = new DataView(padded.buffer);
  padded.set(message);
  padded[message.length] = 0x80;
  view.setBigUint64(padded.length - 8, BigInt(message.length) * 8n);
  let state = Int32Array.from(SM3_START);
  for (let at = 0; at < padded.length; at += 64) {
    const words = Array.from({ length: 16 }, (_, n) => view.getInt32(at + 4 * n));
    state = compress(state, words).map((word, n) => word ^ state[n]);
  }
  const out = new DataView(new ArrayBuffer(32));
  state.forEach((word, n) => out.setInt32(4 * n, word));
  return new Uint8Array(out.buffer);
}

/** Clause 5.3: the words expanded, and 64 rounds over the state. */
function compress(state, words) {
  for (let j = 16; j < 68; j++) {
    const mixed = permute1(words[j - 16] ^ words[j - 9] ^ rotate(words[j - 3], 15));
    words.push(mixed ^ rotate(words[j - 13], 7) ^ words[j - 6]);
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let j = 0; j < 64; j++) {
    const early = j < 16, a12 = rotate(a, 12), constant = rotate(early ? 0x79cc4519 : 0x7a879d8a, j % 32);
    const ss1 = rotate((a12 + e + constant) | 0, 7), ss2 = ss1 ^ a12;
    const ff = early ? a ^ b ^ c : (a & b) | (a & c) | (b & c), gg = early ? e ^ f ^ g : (e & f) | (~e & g);
    const tt1 = (ff + d + ss2 + (words[j] ^ words[j + 4])) | 0, tt2 = (gg + h + ss1 + words[j]) | 0;
    [a, b, c, d] = [tt1, a, rotate(b, 9), c];
    [e, f, g, h] = [permute0(tt2), e, rotate(f, 19), g];
  }
  return Int32Array.of(a, b, c, d, e, f, g, h);
}
