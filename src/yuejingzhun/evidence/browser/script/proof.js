// Inclusion proofs (C2SP tlog-proof, RFC 9162 clause 2.1.3): that an entry stands in the log.

const PROOF_HEADER = "c2sp.org/tlog-proof@v1", LARGEST_PROOF = 100_000, LONGEST_PATH = 63;

function parseProof(data) {
  if (data.length > LARGEST_PROOF) throw new Problem("收录证明过大");
  const text = decodeText(data, "收录证明"), cut = text.indexOf("\n\n"), lines = text.slice(0, cut).split("\n");
  if (cut < 0 || lines[0] !== PROOF_HEADER || !lines[1]?.startsWith("index ")) throw new Problem("收录证明无法读取");
  if (lines.length - 2 > LONGEST_PATH) throw new Problem("收录证明中的哈希过多");
  const index = decimal(lines[1].slice(6)), path = lines.slice(2).map(hashFrom), note = parseNote(text.slice(cut + 2));
  return { index, path, note, head: parseCheckpoint(note.text) };
}

async function rootFrom(leaf, index, size, path) {
  if (index >= size) throw new Problem("日志没有这么多条");
  const node = (left, right) => sha256(join(Uint8Array.of(1), left, right));
  let current = leaf, last = size - 1n;
  for (const sibling of path) {
    if (!last) throw new Problem("收录证明过长");
    if (index & 1n || index === last) {
      current = await node(sibling, current);
      for (; index && !(index & 1n); index >>= 1n) last >>= 1n;
    } else current = await node(current, sibling);
    index >>= 1n;
    last >>= 1n;
  }
  if (last) throw new Problem("收录证明过短");
  return current;
}

/** The state of the check, and what to say of it: a proof that nobody trusted signed proves nothing. */
async function checkInclusion(data, entry, policy, now) {
  const { index, path, note, head } = parseProof(data);
  const names = policy ? await checkWitnessed(note, head, policy, now) : [];
  const leaf = await sha256(join(Uint8Array.of(0), await sha256(entry)));
  if (!same(await rootFrom(leaf, index, head.size, path), head.root)) {
    throw new Problem("收录证明不成立：条目不在这个检查点的日志中");
  }
  if (!policy) return [ABSENT, `附有 ${head.origin} 第 ${index} 条的证明，但没有给出信任的日志公钥，不能采信`];
  const seen = names.length ? `见证人 ${names.join("、")}` : "尚无见证人";
  return [PASSED, `第 ${index} 条，检查点 ${head.size} 条，${seen}`];
}
