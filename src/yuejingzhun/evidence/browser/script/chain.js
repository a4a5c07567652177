// From a signer's certificate to a root that is trusted (RFC 5280 clause 6, as `yjz verify` applies it).

const AUTHORITY_KEY = "2.5.29.35", SUBJECT_KEY = "2.5.29.14", ACCESS = "1.3.6.1.5.5.7.1.1";
const SUBJECT_NAMES = "2.5.29.17", NAME_CONSTRAINTS = "2.5.29.30";
const UNDERSTOOD = new Set([
  AUTHORITY_KEY, SUBJECT_KEY, ACCESS, SUBJECT_NAMES, NAME_CONSTRAINTS, KEY_USAGE, BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE,
]);
const NEVER_CRITICAL = [AUTHORITY_KEY, SUBJECT_KEY, ACCESS, EXTENDED_KEY_USAGE];
const ANY_USE = "2.5.29.37.0", CLIENT_USE = "1.3.6.1.5.5.7.3.2";
const LONGEST_CHAIN = 8, LONGEST_SERIAL = 21, MOST_TRIALS = 100;

const usesOf = (cert) => fields(cert.extensions[EXTENDED_KEY_USAGE].value).map(oid);

/** What holds of every certificate on the way. */
function isSound(cert, at) {
  const unknown = Object.keys(cert.extensions).some((name) => cert.extensions[name].critical && !UNDERSTOOD.has(name));
  return cert.version === 2 && same(cert.algorithm, cert.inner) && cert.serial.length <= LONGEST_SERIAL &&
    fields(cert.issuer).length > 0 && !cert.outdated && isValidAt(cert, at) && !unknown;
}

/** Whether it may certify others, with so many authorities below it. */
function mayCertify(cert, below, at) {
  const found = cert.extensions, constraints = constraintsOf(cert);
  if (!isSound(cert, at) || NEVER_CRITICAL.some((name) => found[name]?.critical)) return false;
  if (!constraints?.ca || !found[BASIC_CONSTRAINTS].critical || below > constraints.longest) return false;
  if (found[AUTHORITY_KEY] && !fields(found[AUTHORITY_KEY].value).some((part) => part.tag === 0x80)) return false;
  if (found[EXTENDED_KEY_USAGE] && !usesOf(cert).some((use) => use === ANY_USE || use === CLIENT_USE)) return false;
  const key = keyOf(cert);
  return !!key && !(key.bits < MINIMUM_RSA_BITS) && (usageOf(cert) & CERT_SIGN) !== 0;
}

async function leadsToRoot(chain, roots, at) {
  const known = roots.filter(keyOf), candidates = [...known, ...chain.slice(1)];
  let trials = MOST_TRIALS;
  const climb = async (current, path) => {
    // Constraints on names are for those who certify servers; where one could apply, the page doesn't decide.
    const constrained = current.extensions[NAME_CONSTRAINTS] && path.some((cert) => cert.extensions[SUBJECT_NAMES]);
    if (constrained) return false;
    if (known.some((root) => same(root.raw, current.raw))) return true;
    if (path.length > LONGEST_CHAIN) return false;
    for (const issuer of candidates) {
      if (!same(issuer.subject, current.issuer) || !mayCertify(issuer, path.length, at) || --trials < 0) continue;
      if ((await signedBy(issuer, current)) && (await climb(issuer, [...path, current]))) return true;
    }
    return false;
  };
  return isSound(chain[0], at) && climb(chain[0], []);
}

/** That the first of the chain could sign documents then, and leads to a trusted root. */
async function checkSigner(chain, roots, at) {
  const leaf = chain[0];
  if (!roots.length) throw new Problem("没有指定信任的根证书");
  if (!isValidAt(leaf, at)) throw new Problem("签名时间不在签名人证书的有效期内");
  checkPurpose(leaf);
  if (!(await leadsToRoot(chain, roots, at))) throw new Problem("签名人证书不能追溯到信任的根证书");
}

/** That what a bundle gives as the chain is one, link by link, from the signer to a trusted root. */
async function checkGivenChain(files, signer, roots) {
  const names = Object.keys(files).filter((name) => name.startsWith("chain/")).sort();
  const given = names.map((name) => certificate(files[name]));
  if (!given.length || !same(given[0].raw, signer.raw)) throw new Problem("证书包中没有签名人证书");
  const issued = async (cert, issuer) => same(issuer.subject, cert.issuer) && (await signedBy(issuer, cert));
  const last = given.at(-1);
  let anchored = roots.some((root) => same(root.raw, last.raw));
  for (const root of roots) anchored ||= await issued(last, root);
  if (!anchored) throw new Problem("证书链不以信任的根证书结束");
  for (let n = 1; n < given.length; n++) {
    if (!(await issued(given[n - 1], given[n]))) throw new Problem("证书链不连续");
  }
  return `${given.length} 张证书`;
}
