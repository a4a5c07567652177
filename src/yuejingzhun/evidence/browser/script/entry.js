// The canonical statement about a certificate, and the signer's detached signature over it.

const LARGEST_JSON = 64 * 1024, DEEPEST_JSON = 8, ENTRY_VERSION = 2;
const ENTRY_TIME = /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const ENVELOPE = /^\{"signature":"((?:[0-9a-f]{2})*)","suite":"([a-z0-9-]+)"\}$/;

/** By code points, as the canonical form sorts: browsers sort by 16 bits. */
function byCodePoint(a, b) {
  const [left, right] = [Array.from(a), Array.from(b)], at = left.findIndex((character, n) => character !== right[n]);
  if (at < 0) return left.length - right.length;
  return at < right.length ? left[at].codePointAt(0) - right[at].codePointAt(0) : 1;
}

/** JSON with sorted keys and no white space, in which only whole numbers stand. */
function dumpJson(value, depth = 0) {
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new Problem("文本中有不成对的代理字符");
    return JSON.stringify(value);
  }
  if (value === null || typeof value === "boolean" || Number.isSafeInteger(value)) return String(value);
  if (typeof value !== "object" || depth === DEEPEST_JSON) throw new Problem("登记条目不是规范形式");
  if (Array.isArray(value)) return `[${value.map((one) => dumpJson(one, depth + 1)).join()}]`;
  const keys = Object.keys(value).sort(byCodePoint), spell = (one) => dumpJson(one, depth + 1);
  const pair = (key) => `${spell(key)}:${spell(value[key])}`;
  return `{${keys.map(pair).join()}}`;
}

const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function parseEntry(bytes) {
  if (bytes.length > LARGEST_JSON) throw new Problem("登记条目过大");
  const text = decodeText(bytes, "登记条目");
  let content;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Problem("登记条目无法读取");
  }
  const { at, event, facts, number, sha256: hashes, version } = isRecord(content) ? content : {};
  const moment = ENTRY_TIME.test(at) ? Date.parse(at) : NaN, real = Number.isFinite(moment);
  const texts = [at, event, number].every((value) => typeof value === "string");
  const records = [facts, hashes].every(isRecord);
  const known = Object.keys(isRecord(content) ? content : {}).length === 6 && version === ENTRY_VERSION;
  if (!real || !texts || !records || !known || new Date(moment).toISOString() !== at.replace("Z", ".000Z") ||
      dumpJson(content) !== text) {
    throw new Problem("登记条目不是规范形式");
  }
  return content;
}

async function checkEntrySignature(entry, envelope, signer) {
  const match = envelope.length <= LARGEST_JSON && ENVELOPE.exec(latin1(envelope));
  if (!match) throw new Problem("登记条目的签名无法读取，或不是规范形式");
  if (match[2] !== suiteOf(signer)) throw new Problem("登记条目的签名套件与签名人的密钥不符");
  if (!(await verifies(signer, entry, unhex(match[1])))) throw new Problem("登记条目的签名不成立");
}

async function checkEntry(files, signer) {
  const entry = files["entry.json"], envelope = files["entry.sig"];
  if (!entry || !envelope) throw new Problem("证书包中没有 entry.json 或 entry.sig");
  await checkEntrySignature(entry, envelope, signer);
  return parseEntry(entry);
}

async function checkHash(entry, xml) {
  const hashes = new Map(Object.entries(entry.sha256));
  if (entry.event !== "issued" || hashes.get("certificate.xml") !== hex(await sha256(xml))) {
    throw new Problem("certificate.xml 与登记的哈希不符");
  }
}
