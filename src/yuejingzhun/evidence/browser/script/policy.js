// Whom one trusts about logs: the log's key, the witnesses' keys, and how many of them must have seen a checkpoint.

async function parsePolicy(text) {
  const policy = { log: null, witnesses: [], quorum: 0 };
  for (const line of text.split(/\r?\n/)) {
    const [, word, rest] = /^(\S*) *(.*)$/.exec(line.split("#")[0].trim()) ?? [];
    if (word === "") continue;
    if (word === "log" && !policy.log) policy.log = await parseVkey(rest);
    else if (word === "witness") policy.witnesses.push(await parseVkey(rest));
    else if (word === "quorum" && /^\d{1,9}$/.test(rest)) policy.quorum = Number(rest);
    else throw new Problem("信任名单无法读取：应为 log、witness 或 quorum，log 只有一行");
  }
  if (!policy.log) throw new Problem("信任名单中没有日志的公钥（log 行）");
  if (policy.log.kind !== LOG_KEY) throw new Problem("日志的公钥应为 Ed25519");
  if (policy.witnesses.some((key) => key.kind === LOG_KEY)) throw new Problem("见证人的公钥应为见证类型，不能是日志类型");
  const keys = [policy.log, ...policy.witnesses].map((key) => hex(key.key));
  if (new Set(keys).size !== keys.length) throw new Problem("同一公钥在信任名单中出现了两次");
  const names = new Set(policy.witnesses.map((key) => key.name));
  if (policy.quorum > names.size) throw new Problem(`要求 ${policy.quorum} 个见证人，名单中不够`);
  return policy;
}

/** The witnesses that saw the checkpoint, each once however many keys it signed with. */
async function checkWitnessed(note, head, policy, now) {
  if (head.origin !== policy.log.name) throw new Problem(`检查点来自 ${head.origin}，信任的日志是 ${policy.log.name}`);
  if (!(await signatureOf(note, policy.log))) throw new Problem("检查点没有日志的签名");
  const names = new Set();
  for (const key of policy.witnesses) {
    const found = await signatureOf(note, key);
    if (found && Number(found.seconds) * 1000 > now + TOLERANCE) throw new Problem(`${key.name} 的见证时间在未来`);
    if (found) names.add(found.name);
  }
  if (names.size < policy.quorum) {
    throw new Problem(`检查点只有 ${names.size} 个信任的见证人，应至少 ${policy.quorum} 个`);
  }
  return [...names];
}
