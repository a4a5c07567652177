// The revocation list that was bundled at issue (RFC 5280 clause 5).

function parseRevocationList(bytes) {
  const [body, algorithm, signed, ...more] = fields(bytes), parts = fields(body);
  if (parts[0].tag === INTEGER && integer(parts.shift()) !== 1n) throw new Problem("吊销列表不是第 2 版");
  const [inner, issuer, updated, ...rest] = parts, signature = bitString(signed);
  const next = rest[0] && [UTC_TIME, GENERALIZED_TIME].includes(rest[0].tag) ? rest.shift() : null;
  const listed = rest[0]?.tag === SEQUENCE ? rest.shift() : null;
  if (more.length || rest.length > 1 || (rest.length && rest[0].tag !== 0xa0)) throw new Problem("吊销列表无法读取");
  if (next) time(next);
  const revoked = (listed ? elements(listed.body) : []).map((one) => {
    const [serial, since] = fields(one);
    return { serial: tagged(serial, INTEGER).body, since: time(since) };
  });
  return {
    tbs: body.raw, algorithm: algorithm.raw, inner: inner.raw, signature: signature.bytes, issuer: issuer.raw,
    updated: time(updated), revoked,
  };
}

async function checkRevocation(bytes, signer, signedAt, roots) {
  const list = parseRevocationList(bytes);
  if (!sameName(list.issuer, signer.issuer)) throw new Problem("吊销列表不是由签名人证书的签发者签发");
  let trusted = false;
  for (const root of roots) trusted ||= sameName(root.subject, list.issuer) && (await signedBy(root, list));
  if (!trusted) throw new Problem("吊销列表不是由信任的根证书签发");
  const entry = list.revoked.find((one) => same(one.serial, signer.serial));
  if (entry && entry.since <= signedAt) throw new Problem(`签名人证书已于 ${local(entry.since)} 吊销`);
  return `吊销列表日期 ${local(list.updated)}`;
}
