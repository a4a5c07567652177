// The enveloped XAdES signature of a DCC.

const DS = "http://www.w3.org/2000/09/xmldsig#", XADES = "http://uri.etsi.org/01903/v1.3.2#";
const DCC = "https://ptb.de/dcc";
const C14N = "http://www.w3.org/2006/12/xml-c14n11", ENVELOPED = DS + "enveloped-signature";
const SHA256_URI = "http://www.w3.org/2001/04/xmlenc#sha256";
const METHODS = {
  "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256": "ECDSA",
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": "RSA",
};
const SIGNING_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)$/;
const BROKEN = "签名不成立：内容或签名在签名之后被改动";
/** The parts of a signature in their order, and which attributes each may have: nothing signs the shape itself. */
const SHAPE = [
  ["SignedInfo", ["Id"]], ["SignatureValue", ["Id"]], ["KeyInfo", ["Id"]], ["Object", ["Id", "MimeType", "Encoding"]],
];

function one(parent, space, name) {
  const found = parent.getElementsByTagNameNS(space, name);
  if (found.length !== 1) throw new Problem(`签名中应恰有一个 ${name}`);
  return found[0];
}

const algorithmOf = (node) => node.getAttribute("Algorithm");
const XML_ID = /^[\p{L}\p{Nl}_][\p{L}\p{N}\p{M}._\u00b7-]*$/u;

/** Whether an element has no other attributes than these, its Id being one. */
const hasOnly = (node, names) =>
  [...node.attributes].every((found) => {
    if (found.namespaceURI) return found.namespaceURI === XMLNS;
    return names.includes(found.name) && (found.name !== "Id" || XML_ID.test(found.value.trim()));
  });

/** Base64 as it stands in XML, where blanks say nothing. */
function xmlBase64(node) {
  if (node.children.length) throw new Problem(BROKEN);
  return base64(textOf(node).replace(/[ \t\r\n]/g, ""));
}

/** Whatever of the signature isn't signed must be of the one form, since anything else could be taken for content. */
function checkShape(signature) {
  const parts = [...signature.children], holder = parts[3]?.children[0], added = () => {
    throw new Problem("签名中有不受签名保护的附加内容，拒绝接受");
  };
  if (!hasOnly(signature, ["Id"]) || parts.length !== SHAPE.length || textOf(signature)) added();
  SHAPE.forEach(([name, attributes], n) => {
    if (parts[n].localName !== name || parts[n].namespaceURI !== DS || !hasOnly(parts[n], attributes)) added();
  });
  if (parts[3].children.length !== 1 || holder.localName !== "QualifyingProperties") added();
  if (holder.namespaceURI !== XADES || textOf(parts[3]) || textOf(holder)) added();
  if (holder.children.length !== 1 || !hasOnly(holder, ["Target", "Id"]) || !holder.hasAttribute("Target")) added();
}

function signingTime(signature) {
  const text = textOf(one(signature, XADES, "SigningTime")), at = SIGNING_TIME.test(text) ? Date.parse(text) : NaN;
  if (!Number.isFinite(at)) throw new Problem("签名中没有可读的签名时间，或没有时区");
  return at;
}

/** What a valid signature says: who signed, when, and which certificate. */
async function verifyXml(bytes, roots, now) {
  const root = parseXml(bytes), signature = one(root, DS, "Signature");
  if (root.namespaceURI === DS || signature !== root.lastElementChild) throw new Problem("签名不在文件末尾的规定位置");
  checkShape(signature);
  const [info, value, keyInfo] = signature.children, properties = one(signature, XADES, "SignedProperties");
  const given = [...keyInfo.getElementsByTagNameNS(DS, "X509Certificate")];
  const chain = given.map((node) => certificate(xmlBase64(node)));
  if (!chain.length) throw new Problem("签名中没有可读的签名人证书");
  const signedAt = signingTime(signature), signer = chain[0];
  if (signedAt > now + TOLERANCE) throw new Problem("签名时间在未来");
  await checkSigner(chain, roots, signedAt);
  const method = METHODS[algorithmOf(one(info, DS, "SignatureMethod"))];
  if (algorithmOf(one(info, DS, "CanonicalizationMethod")) !== C14N || method !== keyOf(signer).kind) {
    throw new Problem("签名算法不被接受");
  }
  await checkReferences(info, root, signature, keyInfo, properties);
  // What is no base64 says nothing within the value, as other readers of XML signatures have it.
  const bare = base64(textOf(value).replace(/[^A-Za-z0-9+/=]/g, "")), signed = canonical(info);
  if (!(await verifies(signer, signed, bare, "SHA-256", "RSASSA-PKCS1-v1_5", true))) throw new Problem(BROKEN);
  const stated = one(properties, XADES, "CertDigest");
  const named = algorithmOf(one(stated, DS, "DigestMethod")) === SHA256_URI;
  if (!named || !same(xmlBase64(one(stated, DS, "DigestValue")), await sha256(signer.raw))) {
    throw new Problem("签名所指的证书不是签名人的证书");
  }
  return { signer, signedAt, number: numberOf(root) };
}

async function checkReferences(info, root, signature, keyInfo, properties) {
  const byId = (node) => "#" + node.getAttribute("Id");
  const targets = { "": root, [byId(keyInfo)]: keyInfo, [byId(properties)]: properties };
  const references = [...info.getElementsByTagNameNS(DS, "Reference")];
  const ids = [...root.querySelectorAll("[Id]")].map((node) => node.getAttribute("Id"));
  if (new Set(ids).size !== ids.length) throw new Problem("文件中的标识重复");
  const named = new Set(references.map((reference) => reference.getAttribute("URI")));
  if (references.length !== 3 || named.size !== 3) throw new Problem("签名覆盖的不是整个文件");
  for (const reference of references) {
    const target = targets[reference.getAttribute("URI")], isDocument = target === root;
    const transforms = [...reference.getElementsByTagNameNS(DS, "Transform")].map(algorithmOf);
    const known = transforms.every((name) => name === C14N || (isDocument && name === ENVELOPED));
    if (!target || !known || (isDocument && !transforms.includes(ENVELOPED))) {
      throw new Problem("签名的引用或变换不被接受");
    }
    if (algorithmOf(one(reference, DS, "DigestMethod")) !== SHA256_URI) throw new Problem("哈希算法不被接受");
    const found = await sha256(canonical(target, isDocument ? signature : null));
    if (!same(found, xmlBase64(one(reference, DS, "DigestValue")))) throw new Problem(BROKEN);
  }
}

/** The certificate number in a DCC; empty where it has none. */
function numberOf(root) {
  let level = [root];
  for (const name of ["administrativeData", "coreData", "uniqueIdentifier"]) {
    const below = level.flatMap((node) => [...node.children]);
    level = below.filter((node) => node.namespaceURI === DCC && node.localName === name);
  }
  return textOf(level[0]);
}
