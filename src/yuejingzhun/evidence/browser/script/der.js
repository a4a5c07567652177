// DER (ITU-T X.690), read strictly: of several encodings of one value only the shortest is accepted.

const BOOLEAN = 0x01, INTEGER = 0x02, BIT_STRING = 0x03, OCTET_STRING = 0x04, OID = 0x06, SEQUENCE = 0x30, SET = 0x31;
const UTC_TIME = 0x17, GENERALIZED_TIME = 0x18;

/** The element at a position: its tag, its content, all its bytes, and where the next one begins. */
function element(bytes, at = 0) {
  let size = bytes[at + 1], start = at + 2;
  if (size & 0x80) {
    const count = size & 0x7f, first = bytes[start];
    size = 0;
    for (let n = 0; n < count; n++) size = size * 256 + bytes[start + n];
    if (!count || count > 4 || first === 0 || size < 0x80) throw new Problem("DER 长度不是最短形式");
    start += count;
  }
  const tag = bytes[at];
  if (!(start + size <= bytes.length) || (tag & 0x1f) === 0x1f) throw new Problem("DER 被截断，或标签不在预期之内");
  const end = start + size;
  return { tag, body: bytes.subarray(start, end), raw: bytes.subarray(at, end), end };
}

/** The elements that stand one after the other in these bytes. */
function elements(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    const next = element(bytes, at);
    found.push(next);
    at = next.end;
  }
  return found;
}

function tagged(found, tag) {
  if (!found || found.tag !== tag) throw new Problem("DER 的结构不符");
  return found;
}

/** The one element that these bytes are. */
function only(bytes, tag = SEQUENCE) {
  const found = element(bytes);
  if (found.end !== bytes.length) throw new Problem("DER 之后有多余内容");
  return tagged(found, tag);
}

/** The elements of the SEQUENCE that these bytes, or this element, are. */
const fields = (given) => elements((given instanceof Uint8Array ? only(given) : tagged(given, SEQUENCE)).body);

function integer(found) {
  const { body } = tagged(found, INTEGER);
  if (!body.length || body[0] & 0x80 || (body.length > 1 && !body[0] && !(body[1] & 0x80))) {
    throw new Problem("整数为负，或不是最短形式");
  }
  return unsigned(body);
}

function oid(found) {
  const { body } = tagged(found, OID), arcs = [];
  let value = 0n, fresh = true;
  for (const byte of body) {
    if (fresh && byte === 0x80) throw new Problem("对象标识符不是最短形式");
    value = (value << 7n) | BigInt(byte & 127);
    fresh = !(byte & 128);
    if (fresh) {
      arcs.push(value);
      value = 0n;
    }
  }
  if (!arcs.length || !fresh) throw new Problem("对象标识符被截断");
  const first = arcs[0] < 80n ? arcs[0] / 40n : 2n;
  return [first, arcs[0] - first * 40n, ...arcs.slice(1)].join(".");
}

/** The bits of a BIT STRING, whose unused ones are zero. */
function bitString(found) {
  const { body } = tagged(found, BIT_STRING), [unused, ...rest] = [body[0], body.length > 1 ? body.at(-1) : 0];
  if (!(unused <= 7) || (unused && body.length < 2) || rest[0] & ((1 << unused) - 1)) {
    throw new Problem("比特串无法读取");
  }
  return { unused, bytes: body.subarray(1) };
}

function boolean(found) {
  const { body } = tagged(found, BOOLEAN);
  if (body.length !== 1 || (body[0] && body[0] !== 255)) throw new Problem("布尔值无法读取");
  return body[0] === 255;
}

/** Milliseconds since 1970; `fractions` are for timestamps, certificates have none. */
function time(found, fractions = false) {
  const text = latin1(found.body), short = found.tag === UTC_TIME;
  if (!short) tagged(found, GENERALIZED_TIME);
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d*[1-9])?Z$/.exec(
    short ? (text.slice(0, 2) < "50" ? "20" : "19") + text : text,
  );
  if (!match || (match[7] && (short || !fractions))) throw new Problem("时间无法读取");
  const [, year, month, day, hour, minute, second, fraction = ""] = match;
  const spelled = `${year}-${month}-${day}T${hour}:${minute}:${second}`, at = Date.parse(`${spelled}${fraction}Z`);
  if (!Number.isFinite(at) || new Date(at).toISOString().slice(0, 19) !== spelled) throw new Problem("时间无法读取");
  return at;
}

/** r and s of a signature; only their one encoding is read, as OpenSSL does. */
function twoIntegers(bytes) {
  const found = fields(bytes);
  if (found.length !== 2) throw new Problem("签名无法读取");
  return found.map(integer);
}
