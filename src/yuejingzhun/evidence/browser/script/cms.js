// Signed data (CMS, RFC 5652), as PDF signatures and timestamps are: one signer, with signed attributes.

const SIGNED_DATA = "1.2.840.113549.1.7.2", DATA = "1.2.840.113549.1.7.1", TIMESTAMP_INFO = "1.2.840.113549.1.9.16.1.4";
const CONTENT_TYPE = "1.2.840.113549.1.9.3", MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
const SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.47", RSA_ENCRYPTION = "1.2.840.113549.1.1.1";

function attributesOf(signed) {
  const found = Object.create(null);
  for (const attribute of elements(signed.body)) {
    const [type, values] = fields(attribute), name = oid(type), listed = elements(tagged(values, SET).body);
    if (name in found || listed.length !== 1) throw new Problem("签名属性重复");
    found[name] = listed[0];
  }
  return found;
}

/** Whether the attributes name the content, and the certificate by whose key they are signed. */
async function checkAttributes(signed, hash, kind, content, signer) {
  const attributes = attributesOf(signed), stated = attributes[MESSAGE_DIGEST];
  if (!attributes[CONTENT_TYPE] || oid(attributes[CONTENT_TYPE]) !== kind || !stated) throw new Problem("签名属性不全");
  if (!same(tagged(stated, OCTET_STRING).body, await digest(hash, content))) throw new Problem("内容在签名之后被改动");
  if (!attributes[SIGNING_CERTIFICATE]) throw new Problem("所签的证书没有写明");
  const parts = fields(fields(fields(attributes[SIGNING_CERTIFICATE])[0])[0]);
  const named = parts[0].tag === SEQUENCE ? HASHES[oid(fields(parts.shift())[0])] : "SHA-256";
  if (!named || !same(tagged(parts[0], OCTET_STRING).body, await digest(named, signer.raw))) {
    throw new Problem("所签的证书不是签名人的证书");
  }
}

/** The padding and hash that a signer's algorithm names, given the hash of its digest. */
function cmsMethod(algorithm, hash) {
  const name = oid(fields(algorithm)[0]), known = SIGNED_WITH[name];
  if (name === RSA_ENCRYPTION) return ["RSASSA-PKCS1-v1_5", hash];
  return known && known[1] !== undefined ? known : null;
}

/** The signer's certificate, and the others: of those that answer to the signer's name and number the last counts. */
function certificatesOf(given, issuer, serial) {
  const listed = given ? elements(given.body).map((one) => one.raw) : [], answering = (raw) => {
    const parts = fields(fields(raw)[0]), [number, , name] = parts[0].tag === 0xa0 ? parts.slice(1) : parts;
    nameOf(name.raw);
    return same(name.raw, issuer.raw) && same(tagged(number, INTEGER).body, serial.body);
  };
  const last = listed.filter(answering).at(-1);
  if (!last) throw new Problem("签名中没有签名人的证书");
  return [last, ...listed.filter((raw) => !answering(raw))].map(certificate);
}

/** Who signed; `contentOf` gives the bytes from what is enclosed, `kind` is what they must be said to be. */
async function verifyCms(bytes, kind, contentOf) {
  const [type, holder] = fields(bytes);
  if (oid(type) !== SIGNED_DATA) throw new Problem("不是签名数据");
  const parts = fields(only(tagged(holder, 0xa0).body).raw), enclosed = fields(parts[2]);
  // In version 1 what is enclosed stands in another form (PKCS #7), which neither a timestamp nor a PDF has.
  if (hex(tagged(parts[0], INTEGER).body) === "01" && kind === TIMESTAMP_INFO) throw new Problem("不是 CMS 的签名数据");
  if (oid(enclosed[0]) !== kind) throw new Problem("签名的内容不是所要的一种");
  const given = parts.find((part) => part.tag === 0xa0), signers = elements(tagged(parts.at(-1), SET).body);
  if (signers.length !== 1) throw new Problem("应恰有一个签名人");
  const info = fields(signers[0]), [issuer, serial] = fields(info[1]);
  [info[0], serial].forEach((number) => tagged(number, INTEGER));
  const chain = certificatesOf(given, issuer, serial), signer = chain[0];
  const hash = HASHES[oid(fields(info[2])[0])], signed = tagged(info[3], 0xa0);
  if (!hash) throw new Problem("哈希算法不被接受");
  const content = contentOf(enclosed);
  await checkAttributes(signed, hash, kind, content, signer);
  const method = cmsMethod(info[4], hash), key = keyOf(signer);
  if (!method || !key || (method[0] === "ECDSA") !== (key.kind === "ECDSA")) throw new Problem("签名算法不被接受");
  const message = join(Uint8Array.of(SET), signed.raw.subarray(1)), signature = tagged(info[5], OCTET_STRING).body;
  if (!(await verifies(signer, message, signature, method[1]))) throw new Problem("签名不成立");
  return { signer, chain, content, unsigned: info[6] };
}
