// Distinguished names: the same where the same attributes have the same text, however that is encoded.

const COMMON_NAME = "2.5.4.3", BMP_STRING = 0x1e, UNIVERSAL_STRING = 0x1c;
const TEXT_TAGS = new Set([0x0c, 0x12, 0x13, 0x14, 0x16, 0x1a]); // UTF8, Numeric, Printable, T61, IA5, Visible
const PRINTABLE_STRING = 0x13, PRINTABLE = /^[A-Za-z0-9 '()+,./:=?-]*$/;

function stringOf(value) {
  if (value.tag === PRINTABLE_STRING && !PRINTABLE.test(latin1(value.body))) throw new Problem("名称无法读取");
  if (TEXT_TAGS.has(value.tag)) return decodeText(value.body, "名称");
  if (value.tag === BMP_STRING) return new TextDecoder("utf-16be", { ignoreBOM: true }).decode(value.body);
  if (value.tag === UNIVERSAL_STRING) {
    const points = new DataView(value.body.buffer, value.body.byteOffset, value.body.length);
    const characters = Array.from({ length: value.body.length / 4 }, (_, n) => points.getUint32(4 * n));
    return String.fromCodePoint(...characters);
  }
  return hex(value.raw);
}

/** The attributes of a name: a list of sets of type and text. */
function nameOf(raw) {
  return elements(only(raw).body).map((set) =>
    elements(tagged(set, SET).body).map((pair) => {
      const [type, value] = fields(pair);
      return [oid(type), stringOf(value)];
    }),
  );
}

function sameName(a, b) {
  const sorted = (set) => [...new Set(set.map((pair) => JSON.stringify(pair)))].sort();
  const spelled = (raw) => JSON.stringify(nameOf(raw).map(sorted));
  return same(a, b) || spelled(a) === spelled(b);
}

function commonName(certificate) {
  return nameOf(certificate.subject).flat().find(([type]) => type === COMMON_NAME)?.[1] ?? "";
}
