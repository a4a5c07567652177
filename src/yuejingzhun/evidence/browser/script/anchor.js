// What a bundle tells of an anchor on a chain. Without a node to ask it stays a claim, but it must be a sound one.

const WHOLE = "(0|[1-9][0-9]{0,18})", CHAIN_HASH = '"0x([0-9a-f]{64})"', ADDRESS = '"0x[0-9a-fA-F]{40}"';
/** Canonical JSON has one spelling, so its form can be told without parsing. */
const ANCHOR = new RegExp(
  `^{"block":${WHOLE},"block_hash":${CHAIN_HASH},"chain_id":${WHOLE},"contract":${ADDRESS},"genesis":${CHAIN_HASH},` +
    `"root":${CHAIN_HASH},"size":${WHOLE},"transaction":${CHAIN_HASH}}$`,
);

function checkAnchor(anchor, inclusion) {
  const [, block, , chain, , root, size] = ANCHOR.exec(latin1(anchor)) ?? [];
  if (!block || [block, chain, size].some((number) => BigInt(number) > LARGEST_NUMBER)) {
    throw new Problem("锚定证明无法读取");
  }
  if (!inclusion) throw new Problem("有锚定证明而没有收录证明");
  const { head } = parseProof(inclusion);
  if (BigInt(size) !== head.size || root !== hex(head.root)) {
    throw new Problem(`锚定的是 ${size} 条的日志头，收录证明用的是 ${head.size} 条的`);
  }
  return `声称锚定在链 ${chain} 区块 ${block}，${size} 条；离线不能证明，须向链上节点查证`;
}
