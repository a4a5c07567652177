// The second signature over the same entry, by SM2 with SM3, and its certificate.

const SM2_SIGNATURE = "sm2/entry.sig", SM2_SIGNER = "sm2/signer.der";
const SM2_ENVELOPE = /^\{"signature":"((?:[0-9a-f]{2})*)","suite":"sm2-sm3"\}$/;

/** Whether the key is of a kind through which no ordinary chain is built. */
function isUnreadable(cert) {
  try {
    return !keyOf(cert);
  } catch {
    return true;
  }
}

function checkParallel(files, entry, roots) {
  const envelope = files[SM2_SIGNATURE], given = files[SM2_SIGNER];
  if (!envelope || !given) throw new Problem("国密签名缺少签名或证书");
  const match = envelope.length <= LARGEST_JSON && SM2_ENVELOPE.exec(latin1(envelope));
  if (!match) throw new Problem("国密签名的套件应为 sm2-sm3，且为规范形式");
  const signer = certificate(given), at = Date.parse(parseEntry(entry).at);
  if (!isValidAt(signer, at)) throw new Problem("签署时 SM2 证书不在有效期内");
  checkPurpose(signer);
  const candidates = roots.filter((root) => isUnreadable(root) && sameName(root.subject, signer.issuer));
  const issuer = candidates.find((root) => isValidAt(root, at));
  if (!issuer) throw new Problem("SM2 证书不是由信任的国密根证书签发");
  if (!sm2Issued(signer, issuer)) throw new Problem("SM2 证书不是由该签发者签发");
  if (!sm2Verifies(signer.key, entry, unhex(match[1]))) throw new Problem("SM2 签名不成立");
  return commonName(signer);
}
