// Timestamps (RFC 3161): by whom, over what, when, and under which policy.

const LARGEST_TOKEN = 64 * 1024, TIME_STAMPING = "1.3.6.1.5.5.7.3.8", SHA256_OID = "2.16.840.1.101.3.4.2.1";

async function verifyTimestamp(response, data, trust, now, signedAt) {
  if (response.length > LARGEST_TOKEN) throw new Problem("时间戳过大");
  const [status, token, ...more] = fields(response);
  if (more.length || !token || integer(fields(status)[0]) > 1n) throw new Problem("时间戳机构拒绝了请求");
  const contentOf = (enclosed) => only(tagged(enclosed[1], 0xa0).body, OCTET_STRING).body;
  const cms = await verifyCms(token.raw, TIMESTAMP_INFO, contentOf);
  const [version, policy, imprint, , generated] = fields(cms.content), [kind, hashed] = fields(imprint);
  if (integer(version) !== 1n || oid(fields(kind)[0]) !== SHA256_OID) throw new Problem("时间戳应为第 1 版，哈希应为 SHA-256");
  if (!same(tagged(hashed, OCTET_STRING).body, await sha256(data))) throw new Problem("时间戳不是这份文件的");
  if (!trust.policies.includes(oid(policy))) throw new Problem(`时间戳的策略 ${oid(policy)} 不在接受的名单中`);
  const at = time(generated, true), authority = cms.signer, usage = authority.extensions[EXTENDED_KEY_USAGE];
  if (at > now + TOLERANCE) throw new Problem("时间戳的时间在未来");
  if (!isValidAt(authority, at)) throw new Problem("时间戳的时间不在其机构证书的有效期内");
  if (!usage?.critical || usesOf(authority).join() !== TIME_STAMPING) {
    throw new Problem("时间戳机构的证书用途应为（且仅为）时间戳");
  }
  if (!(await leadsToRoot(cms.chain, trust.roots, at))) throw new Problem("时间戳机构的证书不能追溯到信任的根证书");
  if (at < signedAt - TOLERANCE) throw new Problem("时间戳早于签名时间");
  return `${local(at)}，${commonName(authority)}`;
}
