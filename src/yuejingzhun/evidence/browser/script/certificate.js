// X.509 certificates (RFC 5280): reading one, and what it says its key is for.

const KEY_USAGE = "2.5.29.15", BASIC_CONSTRAINTS = "2.5.29.19", EXTENDED_KEY_USAGE = "2.5.29.37";
const DIGITAL_SIGNATURE = 0x80, CONTENT_COMMITMENT = 0x40, CERT_SIGN = 0x04;

function extensionsOf(given) {
  const found = Object.create(null);
  if (!given) return found;
  const listed = fields(only(given.body).raw);
  if (!listed.length) throw new Problem("证书的扩展无法读取");
  for (const one of listed) {
    const parts = fields(one), name = oid(parts[0]);
    if (name in found) throw new Problem("证书的扩展重复");
    if (parts.length > 3 || (parts.length === 3 && !boolean(parts[1]))) throw new Problem("证书的扩展无法读取");
    found[name] = { critical: parts.length === 3, value: tagged(parts.at(-1), OCTET_STRING).body };
  }
  return found;
}

function certificate(bytes) {
  const [body, algorithm, signed, ...more] = fields(bytes), parts = fields(body);
  const version = parts[0].tag === 0xa0 ? Number(integer(only(parts.shift().body, INTEGER))) : 0;
  const [serial, inner, issuer, validity, subject, key, ...rest] = parts;
  const [from, until, ...later] = fields(validity), given = rest.filter((part) => part.tag === 0xa3);
  if (more.length || later.length || given.length > 1 || rest.some((part) => ![0x81, 0x82, 0xa3].includes(part.tag))) {
    throw new Problem("证书无法读取");
  }
  if (!integer(serial)) throw new Problem("证书的序列号应为正数");
  const signature = bitString(signed), keyParts = fields(key);
  if (keyParts.length !== 2 || bitString(keyParts[1]).unused) throw new Problem("证书的公钥无法读取");
  fields(algorithm);
  [issuer, subject].forEach((name) => fields(name));
  const read = {
    raw: bytes, tbs: body.raw, version, algorithm: algorithm.raw, inner: inner.raw,
    signature: signature.bytes, unused: signature.unused, serial: serial.body, issuer: issuer.raw, subject: subject.raw,
    key: key.raw, from: time(from), until: time(until), extensions: extensionsOf(given[0]),
    outdated: [from, until].some((at) => at.tag === GENERALIZED_TIME && /^(19[5-9]|20[0-4])/.test(latin1(at.body))),
  };
  usageOf(read);
  constraintsOf(read);
  return read;
}

/** The first eight bits of the key usage; null where the certificate names none. */
function usageOf(cert) {
  const usage = cert.extensions[KEY_USAGE];
  return usage ? bitString(only(usage.value, BIT_STRING)).bytes[0] ?? 0 : null;
}

/** Whether it is an authority, and how many others may stand below it; null where the certificate doesn't say. */
function constraintsOf(cert) {
  const given = cert.extensions[BASIC_CONSTRAINTS];
  if (!given) return null;
  const parts = fields(given.value), ca = parts[0]?.tag === BOOLEAN && boolean(parts.shift());
  if (parts.length > 1) throw new Problem("证书的基本约束无法读取");
  return { ca, longest: parts.length ? Number(integer(parts[0])) : Infinity };
}

const isValidAt = (cert, at) => cert.from <= at && at <= cert.until;

/** Whether the certificate is one for signatures on documents. */
function checkPurpose(cert) {
  const usage = usageOf(cert), constraints = constraintsOf(cert);
  if (usage === null || constraints === null) throw new Problem("签名人证书没有写明密钥用途");
  const wanted = DIGITAL_SIGNATURE | CONTENT_COMMITMENT;
  if (constraints.ca || (usage & wanted) !== wanted) {
    throw new Problem("签名人证书的密钥用途不含文件签名（数字签名与抗抵赖）");
  }
}

function readCertificates(pem) {
  const blocks = pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g);
  return [...blocks].map((block) => certificate(base64(block[1].replace(/\s/g, ""), false)));
}
