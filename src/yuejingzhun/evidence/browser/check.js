"use strict";
// Checks a bundle or PDF wholly on the visitor's machine. The names are those of `yjz verify`; no request is ever made.

const PASSED = "passed", FAILED = "failed", ABSENT = "absent";
const DS = "http://www.w3.org/2000/09/xmldsig#", XADES = "http://uri.etsi.org/01903/v1.3.2#";
const DCC = "https://ptb.de/dcc";
const TOLERANCE = 300000; // ms
const POLICY = "2.25.213868398236747512896126083240311046481";
const subtle = crypto.subtle;
class Problem extends Error {}

const local = (ms) => new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "medium" }).format(ms);

// ---- bytes
const same = (a, b) => a.length === b.length && a.every((value, n) => value === b[n]);
const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
const sha256 = async (bytes) => new Uint8Array(await subtle.digest("SHA-256", bytes));
const utf8 = (text) => new TextEncoder().encode(text);
const latin1 = (bytes) => new TextDecoder("latin1").decode(bytes);
function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return whole;
}
function unhex(text) {
  if (text.length % 2 || !/^[0-9a-fA-F]*$/.test(text)) throw new Problem("十六进制无法读取");
  return Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
}
function decodeText(bytes, what) {
  try { return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes); }
  catch { throw new Problem(`${what}不是 UTF-8`); }
}
function base64(text, canonical = true) {
  let bytes;
  try { bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0)); } catch { throw new Problem("Base64 无法读取"); }
  if (canonical && btoa(String.fromCharCode(...bytes)) !== text) throw new Problem("Base64 不是规范形式");
  return bytes;
}

// ---- the container: the one right zip for its files
const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
function numbers(...pairs) { // [value, bytes] little endian
  const out = [];
  for (const [value, size] of pairs) for (let n = 0; n < size; n++) out.push(Math.floor(value / 2 ** (8 * n)) & 255);
  return Uint8Array.from(out);
}
function pack(files) {
  const body = [], directory = [];
  let offset = 0, size = 0;
  for (const name of Object.keys(files).sort()) {
    const content = files[name], title = utf8(name);
    const shared = [[20, 2], [0, 2], [0, 2], [0, 2], [0x21, 2], [crc32(content), 4], [content.length, 4],
      [content.length, 4], [title.length, 2], [0, 2]];
    const head = join(numbers([0x04034b50, 4], ...shared), title);
    const entry = join(numbers([0x02014b50, 4], [20, 1], [3, 1], ...shared, [0, 2], [0, 2], [0, 2],
      [0o100644 * 65536, 4], [offset, 4]), title);
    body.push(head, content);
    directory.push(entry);
    offset += head.length + content.length;
    size += entry.length;
  }
  const count = directory.length;
  return join(...body, ...directory, numbers([0x06054b50, 4], [0, 2], [0, 2], [count, 2], [count, 2], [size, 4], [offset, 4], [0, 2]));
}
function unpack(data) {
  if (data.length > 32 * 2 ** 20) throw new Problem("证书包过大");
  if (data[0] !== 0x50 || data[1] !== 0x4b) throw new Problem("不是证书包：文件开头不是 ZIP 标志");
  const view = new DataView(data.buffer, data.byteOffset, data.length), files = {};
  let at = 0;
  while (at + 30 <= data.length && view.getUint32(at, true) === 0x04034b50) {
    const size = view.getUint32(at + 18, true), start = at + 30 + view.getUint16(at + 26, true);
    const name = latin1(data.subarray(at + 30, start));
    if (!/^(?:[a-z0-9][a-z0-9._-]{0,63}\/)?[a-z0-9][a-z0-9._-]{0,63}$/.test(name) || name in files) throw new Problem("证书包中的文件名不合规定");
    files[name] = data.subarray(start, start + size);
    at = start + size;
  }
  if (!Object.keys(files).length || Object.keys(files).length > 64 || !same(pack(files), data))
    throw new Problem("证书包已被改动：与其内容重新打包的结果不一致");
  return files;
}

// ---- DER and certificates
function der(bytes, at = 0) {
  let size = bytes[at + 1], start = at + 2;
  if (size & 128) {
    const count = size & 127;
    if (!count || count > 4) throw new Problem("DER 长度无法读取");
    size = 0;
    for (let n = 0; n < count; n++) size = size * 256 + bytes[start + n];
    start += count;
  }
  if (!(start + size <= bytes.length)) throw new Problem("DER 被截断");
  return { tag: bytes[at], body: bytes.subarray(start, start + size), raw: bytes.subarray(at, start + size), end: start + size };
}
function children(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length; ) { const next = der(bytes, at); found.push(next); at = next.end; }
  return found;
}
function whole(bytes) {
  const found = der(bytes);
  if (found.end !== bytes.length) throw new Problem("DER 之后有多余内容");
  return found;
}
function oid(body) {
  const arcs = [];
  let value = 0n;
  for (const byte of body) { value = (value << 7n) | BigInt(byte & 127); if (!(byte & 128)) { arcs.push(value); value = 0n; } }
  const first = arcs[0] < 80n ? arcs[0] / 40n : 2n;
  return [first, arcs[0] - first * 40n, ...arcs.slice(1)].join(".");
}
function time(node) {
  const text = latin1(node.body), year = node.tag === 0x17 ? (+text.slice(0, 2) < 50 ? "20" : "19") + text.slice(0, 2) : text.slice(0, 4);
  const rest = text.slice(node.tag === 0x17 ? 2 : 4), fraction = /^\d{10}(\.\d+)?Z$/.exec(rest);
  if (!fraction) throw new Problem("时间无法读取");
  return Date.parse(`${year}-${rest.slice(0, 2)}-${rest.slice(2, 4)}T${rest.slice(4, 6)}:${rest.slice(6, 8)}:${rest.slice(8, 10)}${fraction[1] || ""}Z`);
}
function certificate(bytes) {
  const [tbs, algorithm, signature] = children(whole(bytes).body);
  const parts = children(tbs.body), first = parts[0].tag === 0xa0 ? 1 : 0;
  const validity = children(parts[first + 3].body), extensions = {};
  const given = parts.find((part) => part.tag === 0xa3);
  for (const extension of given ? children(children(given.body)[0].body) : []) {
    const fields = children(extension.body), name = oid(fields[0].body);
    if (name in extensions) throw new Problem("证书的扩展重复");
    extensions[name] = { critical: fields.length === 3 && fields[1].body[0] === 255, value: fields.at(-1).body };
  }
  return {
    raw: bytes, tbs: tbs.raw, algorithm: oid(children(algorithm.body)[0].body), signature: signature.body.subarray(1),
    serial: hex(parts[first].body), issuer: parts[first + 2].raw, subject: parts[first + 4].raw, key: parts[first + 5].raw,
    from: time(validity[0]), until: time(validity[1]), extensions,
  };
}
function commonName(cert) {
  for (const set of children(whole(cert.subject).body)) for (const pair of children(set.body)) {
    const [type, value] = children(pair.body);
    if (oid(type.body) === "2.5.4.3") return decodeText(value.body, "名称");
  }
  return "";
}
function rawSignature(bytes) { // DER of r and s, as 64 bytes
  const found = children(whole(bytes).body);
  if (found.length !== 2) throw new Problem("签名无法读取");
  const out = new Uint8Array(64);
  found.forEach((number, n) => {
    let body = number.body;
    while (body.length > 1 && body[0] === 0) body = body.subarray(1);
    if (body.length > 32) throw new Problem("签名无法读取");
    out.set(body, 32 * (n + 1) - body.length);
  });
  return out;
}
async function signedBy(cert, data, signature, isRaw = false) {
  const kind = oid(children(children(whole(cert.key).body)[0].body)[0].body);
  try {
    if (kind === "1.2.840.10045.2.1") {
      const key = await subtle.importKey("spki", cert.key, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
      return await subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, isRaw ? signature : rawSignature(signature), data);
    }
    const key = await subtle.importKey("spki", cert.key, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, false, ["verify"]);
    return await subtle.verify("RSASSA-PKCS1-v1_5", key, signature, data);
  } catch { return false; }
}
const suite = (cert) => oid(children(children(whole(cert.key).body)[0].body)[0].body) === "1.2.840.10045.2.1" ? "ecdsa-p256-sha256" : "rsa-pkcs1v15-sha256";
const bits = (cert) => { const usage = cert.extensions["2.5.29.15"]; return usage ? whole(usage.value).body[1] : null; };
const isAuthority = (cert) => { const found = cert.extensions["2.5.29.19"]; return !!found && children(whole(found.value).body).some((c) => c.tag === 1 && c.body[0] === 255); };
async function leadsToRoot(chain, roots, at) {
  let current = chain[0];
  for (let step = 0; step < 5; step++) {
    if (!(current.from <= at && at <= current.until)) return false;
    if (step && roots.some((root) => same(root.raw, current.raw))) return true;
    const issuers = [...roots, ...chain].filter((c) => same(c.subject, current.issuer) && isAuthority(c) && (bits(c) & 4) && !same(c.raw, current.raw));
    let next = null;
    for (const issuer of issuers) if (await signedBy(issuer, current.tbs, current.signature)) { next = issuer; break; }
    if (!next) return false;
    current = next;
  }
  return false;
}
async function checkSigner(chain, roots, at) {
  const leaf = chain[0];
  if (!roots.length) throw new Problem("没有指定信任的根证书");
  if (!(leaf.from <= at && at <= leaf.until)) throw new Problem("签名时间不在签名人证书的有效期内");
  const usage = bits(leaf);
  if (usage === null || isAuthority(leaf) || (usage & 0xc0) !== 0xc0) throw new Problem("签名人证书的密钥用途不含文件签名（数字签名与抗抵赖）");
  if (!(await leadsToRoot(chain, roots, at))) throw new Problem("签名人证书不能追溯到信任的根证书");
}

// ---- XML: canonical form (C14N 1.1) and the XAdES signature
const escapeText = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/\r/g, "&#xD;");
const escapeValue = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;").replace(/\t/g, "&#x9;").replace(/\n/g, "&#xA;").replace(/\r/g, "&#xD;");
const XMLNS = "http://www.w3.org/2000/xmlns/", XML = "http://www.w3.org/XML/1998/namespace";
function declared(element) {
  const found = {};
  for (const attribute of element.attributes) if (attribute.namespaceURI === XMLNS) found[attribute.localName === "xmlns" && !attribute.prefix ? "" : attribute.localName] = attribute.value;
  return found;
}
const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
function canonical(element, without) {
  const inherited = {}, special = {};
  const ancestors = [];
  for (let up = element.parentElement; up; up = up.parentElement) ancestors.unshift(up);
  for (const ancestor of ancestors) {
    Object.assign(inherited, declared(ancestor));
    for (const attribute of ancestor.attributes) if (attribute.namespaceURI === XML && attribute.localName !== "id") special[attribute.name] = attribute;
  }
  const out = [];
  const write = (node, scope, rendered, apex) => {
    if (node === without) return;
    if (node.nodeType === 3) { out.push(escapeText(node.data)); return; }
    const all = { ...scope, ...declared(node) }, now = { ...rendered };
    const spaces = Object.keys(all).filter((prefix) => prefix !== "xml" && (prefix === "" && !all[prefix] ? rendered[""] : rendered[prefix] !== all[prefix])).sort(order);
    out.push("<", node.nodeName);
    for (const prefix of spaces) { now[prefix] = all[prefix]; out.push(prefix ? ` xmlns:${prefix}="` : ' xmlns="', escapeValue(all[prefix]), '"'); }
    const own = [...node.attributes].filter((attribute) => attribute.namespaceURI !== XMLNS);
    if (apex) for (const name of Object.keys(special)) if (!own.some((attribute) => attribute.name === name)) own.push(special[name]);
    own.sort((a, b) => order(a.namespaceURI || "", b.namespaceURI || "") || order(a.localName, b.localName));
    for (const attribute of own) out.push(" ", attribute.name, '="', escapeValue(attribute.value), '"');
    out.push(">");
    for (const child of node.childNodes) write(child, all, now, false);
    out.push("</", node.nodeName, ">");
  };
  write(element, inherited, {}, true);
  return utf8(out.join(""));
}
function parseXml(bytes) {
  if (bytes.length > 16 * 2 ** 20) throw new Problem("文件过大");
  const text = decodeText(bytes, "XML ");
  if (text.includes("<!DOCTYPE")) throw new Problem("XML 含有 DOCTYPE，拒绝读取");
  if (text.includes("<![CDATA[")) throw new Problem("文件中有 CDATA，可能用来遮掩内容，拒绝接受");
  const parsed = new DOMParser().parseFromString(text, "application/xml");
  if (parsed.getElementsByTagName("parsererror").length) throw new Problem("不是合格的 XML");
  const walker = parsed.createTreeWalker(parsed, NodeFilter.SHOW_COMMENT | NodeFilter.SHOW_PROCESSING_INSTRUCTION);
  if (walker.nextNode()) throw new Problem("文件中有注释或处理指令，可能用来遮掩内容，拒绝接受");
  return parsed.documentElement;
}
const one = (parent, space, name) => {
  const found = parent.getElementsByTagNameNS(space, name);
  if (found.length !== 1) throw new Problem(`签名中应恰有一个 ${name}`);
  return found[0];
};
const algorithm = (element) => element.getAttribute("Algorithm");
const C14N = "http://www.w3.org/2006/12/xml-c14n11", ENVELOPED = DS + "enveloped-signature";
const METHODS = { "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256": "ecdsa-p256-sha256", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": "rsa-pkcs1v15-sha256" };
async function verifyXml(bytes, roots, now) {
  const root = parseXml(bytes), signature = one(root, DS, "Signature");
  if (signature !== root.lastChild) throw new Problem("签名不在文件末尾的规定位置");
  const objects = [...signature.children].filter((c) => c.localName === "Object"), qualifying = one(signature, XADES, "QualifyingProperties");
  if (objects.length !== 1 || objects[0].children.length !== 1 || qualifying.children.length !== 1) throw new Problem("签名中有不受签名保护的附加内容，拒绝接受");
  const info = one(signature, DS, "SignedInfo"), keyInfo = one(signature, DS, "KeyInfo"), properties = one(signature, XADES, "SignedProperties");
  const chain = [...keyInfo.getElementsByTagNameNS(DS, "X509Certificate")].map((e) => certificate(base64(e.textContent.replace(/\s/g, ""), false)));
  if (!chain.length) throw new Problem("签名中没有可读的签名人证书");
  const signedAt = Date.parse(one(properties, XADES, "SigningTime").textContent);
  if (!Number.isFinite(signedAt)) throw new Problem("签名中没有可读的签名时间");
  if (signedAt > now + TOLERANCE) throw new Problem("签名时间在未来");
  await checkSigner(chain, roots, signedAt);
  if (algorithm(one(info, DS, "CanonicalizationMethod")) !== C14N || METHODS[algorithm(one(info, DS, "SignatureMethod"))] !== suite(chain[0])) throw new Problem("签名算法不被接受");
  await checkReferences(info, { "": root, ["#" + keyInfo.getAttribute("Id")]: keyInfo, ["#" + properties.getAttribute("Id")]: properties }, root, signature);
  const value = base64(one(signature, DS, "SignatureValue").textContent.replace(/\s/g, ""), false);
  if (!(await signedBy(chain[0], canonical(info), value, true))) throw new Problem("签名不成立：内容或签名在签名之后被改动");
  const stated = base64(one(one(properties, XADES, "CertDigest"), DS, "DigestValue").textContent.trim());
  if (!same(stated, await sha256(chain[0].raw))) throw new Problem("签名所指的证书不是签名人的证书");
  const number = [...root.getElementsByTagNameNS(DCC, "coreData")][0]?.getElementsByTagNameNS(DCC, "uniqueIdentifier")[0]?.textContent.trim() || "";
  return { signer: chain[0], signedAt, number };
}
async function checkReferences(info, targets, root, signature) {
  const references = [...info.getElementsByTagNameNS(DS, "Reference")], ids = new Set();
  for (const element of root.querySelectorAll("[Id]")) { if (ids.has(element.getAttribute("Id"))) throw new Problem("文件中的标识重复"); ids.add(element.getAttribute("Id")); }
  if (references.length !== 3 || new Set(references.map((r) => r.getAttribute("URI"))).size !== 3) throw new Problem("签名覆盖的不是整个文件");
  for (const reference of references) {
    const target = targets[reference.getAttribute("URI")];
    const transforms = [...reference.getElementsByTagNameNS(DS, "Transform")].map(algorithm);
    const isDocument = target === root;
    if (!target || transforms.some((t) => t !== C14N && !(isDocument && t === ENVELOPED)) || (isDocument && !transforms.includes(ENVELOPED))) throw new Problem("签名的引用或变换不被接受");
    if (algorithm(one(reference, DS, "DigestMethod")) !== "http://www.w3.org/2001/04/xmlenc#sha256") throw new Problem("哈希算法不被接受");
    const digest = await sha256(canonical(target, isDocument ? signature : null));
    if (!same(digest, base64(one(reference, DS, "DigestValue").textContent.trim()))) throw new Problem("签名不成立：内容或签名在签名之后被改动");
  }
}

// ---- CMS: the signature of a PDF and of a timestamp
async function verifyCms(bytes, contentOf) {
  const [type, holder] = children(whole(bytes).body);
  if (oid(type.body) !== "1.2.840.113549.1.7.2") throw new Problem("不是签名数据");
  const parts = children(children(holder.body)[0].body), encapsulated = children(parts[2].body);
  const given = parts.find((p) => p.tag === 0xa0), signers = children(parts.at(-1).body);
  if (signers.length !== 1) throw new Problem("应恰有一个签名人");
  const fields = children(signers[0].body), [issuer, serial] = children(fields[1].body);
  const certificates = given ? children(given.body).map((c) => certificate(c.raw)) : [];
  const signer = certificates.find((c) => same(c.issuer, issuer.raw) && c.serial === hex(serial.body));
  if (!signer) throw new Problem("签名中没有签名人的证书");
  if (oid(children(fields[2].body)[0].body) !== "2.16.840.1.101.3.4.2.1" || fields[3].tag !== 0xa0) throw new Problem("哈希算法不被接受，或没有签名属性");
  const attributes = {};
  for (const attribute of children(fields[3].body)) {
    const [name, values] = children(attribute.body);
    if (oid(name.body) in attributes) throw new Problem("签名属性重复");
    attributes[oid(name.body)] = children(values.body)[0];
  }
  const content = contentOf(encapsulated);
  const kind = attributes["1.2.840.113549.1.9.3"], digest = attributes["1.2.840.113549.1.9.4"], essence = attributes["1.2.840.113549.1.9.16.2.47"];
  if (!kind || !same(kind.raw, encapsulated[0].raw) || !digest || !same(digest.body, await sha256(content))) throw new Problem("内容在签名之后被改动");
  const stated = essence && children(children(children(essence.body)[0].body)[0].body).find((c) => c.tag === 4);
  if (!stated || !same(stated.body, await sha256(signer.raw))) throw new Problem("所签的证书不是签名人的证书");
  const signed = join(Uint8Array.of(0x31), fields[3].raw.subarray(1));
  if (!(await signedBy(signer, signed, fields[5].body))) throw new Problem("签名不成立");
  return { signer, chain: [signer, ...certificates.filter((c) => c !== signer)], content, kind: oid(encapsulated[0].body) };
}
async function verifyPdf(pdf, roots, signerOfXml, now) {
  const text = latin1(pdf), found = [...text.matchAll(/\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]/g)];
  if (found.length !== 1) throw new Problem(`PDF 有 ${found.length} 个签名，应恰有一个`);
  const [a, b, c, d] = found[0].slice(1).map(Number);
  const gap = text.slice(b, c);
  if (a !== 0 || c + d !== pdf.length || !/^<[0-9A-F]*>$/.test(gap)) throw new Problem("PDF 签名不成立：签名之后被改动，或签名不覆盖整个文件");
  const contents = unhex(gap.slice(1, -1)), cms = der(contents);
  if (contents.subarray(cms.end).some((byte) => byte)) throw new Problem("PDF 签名处被改动");
  const when = /\/M\s*\(D(?::|\\072)(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z|([+-]\d\d)'(\d\d)'?)/.exec(text);
  if (!when) throw new Problem("PDF 签名没有写明签名时间");
  const at = Date.parse(`${when[1]}-${when[2]}-${when[3]}T${when[4]}:${when[5]}:${when[6]}${when[7] ? `${when[7]}:${when[8]}` : "Z"}`);
  if (at > now + TOLERANCE) throw new Problem("PDF 签名时间在未来");
  const result = await verifyCms(cms.raw, () => join(pdf.subarray(a, b), pdf.subarray(c, c + d)));
  await checkSigner(result.chain, roots, at);
  if (!same(result.signer.raw, signerOfXml.raw)) throw new Problem("PDF 的签名人不是 DCC 的签名人");
  return at;
}
async function attachmentOf(pdf) {
  const text = latin1(pdf), found = [...text.matchAll(/\/Type\s*\/EmbeddedFile/g)];
  if (found.length !== 1) throw new Problem(`PDF 中有 ${found.length} 个附件，应恰有一个`);
  const open = text.lastIndexOf("obj", found[0].index), stream = text.indexOf("stream", found[0].index);
  const head = text.slice(open, stream), size = /\/Length (\d+)/.exec(head);
  if (!size) throw new Problem("PDF 的附件无法读取");
  const start = stream + (text[stream + 6] === "\r" ? 8 : 7), data = pdf.subarray(start, start + Number(size[1]));
  if (!head.includes("FlateDecode")) return data;
  try { return new Uint8Array(await new Response(new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer()); }
  catch { throw new Problem("PDF 的附件无法解压"); }
}
async function verifyTimestamp(response, data, roots, now, signedAt) {
  const [status, token] = children(whole(response).body);
  if (!token || hex(children(status.body)[0].body) !== "00") throw new Problem("时间戳机构拒绝了请求");
  const cms = await verifyCms(token.raw, (encapsulated) => whole(encapsulated[1].body).body);
  if (cms.kind !== "1.2.840.113549.1.9.16.1.4") throw new Problem("签名的不是时间戳");
  const [, policy, imprint, , generated] = children(whole(cms.content).body), [kind, digest] = children(imprint.body);
  if (oid(children(kind.body)[0].body) !== "2.16.840.1.101.3.4.2.1" || !same(digest.body, await sha256(data))) throw new Problem("时间戳不是这份文件的");
  if (oid(policy.body) !== POLICY) throw new Problem(`时间戳的策略 ${oid(policy.body)} 不在接受的名单中`);
  const at = time(generated), usage = cms.signer.extensions["2.5.29.37"];
  if (at > now + TOLERANCE) throw new Problem("时间戳的时间在未来");
  if (at < signedAt - TOLERANCE) throw new Problem("时间戳早于签名时间");
  if (!usage || !usage.critical || children(whole(usage.value).body).map((c) => oid(c.body)).join() !== "1.3.6.1.5.5.7.3.8") throw new Problem("时间戳机构的证书用途应为（且仅为）时间戳");
  if (!(await leadsToRoot(cms.chain, roots, at))) throw new Problem("时间戳机构的证书不能追溯到信任的根证书");
  return `${local(at)}，${commonName(cms.signer)}`;
}

// ---- the log
async function nodeHash(left, right) { return sha256(join(Uint8Array.of(1), left, right)); }
function decimal(text) {
  if (!/^(0|[1-9]\d{0,14})$/.test(text)) throw new Problem("不是规范的十进制数");
  return Number(text);
}
function hash(text) {
  const bytes = base64(text);
  if (bytes.length !== 32) throw new Problem("不是 32 字节的哈希");
  return bytes;
}
async function parseVkey(text) {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text.trim());
  if (!match) throw new Problem("不是可用的公钥文本");
  const data = base64(match[3]), id = (await sha256(join(utf8(match[1] + "\n"), data))).subarray(0, 4);
  if (hex(id) !== match[2]) throw new Problem("公钥文本的标识与公钥不符");
  return { name: match[1], id: match[2], kind: data[0], key: data.subarray(1) };
}
async function parsePolicy(text) {
  const policy = { log: null, witnesses: [], quorum: 0 };
  for (const line of text.split(/\r?\n/)) {
    const [word, rest] = [/^\S*/.exec(line.split("#")[0].trim())[0], line.split("#")[0].trim().replace(/^\S+\s*/, "")];
    if (!word) continue;
    if (word === "log" && !policy.log) policy.log = await parseVkey(rest);
    else if (word === "witness") policy.witnesses.push(await parseVkey(rest));
    else if (word === "quorum" && /^\d+$/.test(rest)) policy.quorum = Number(rest);
    else throw new Problem("信任名单无法读取");
  }
  return policy.log ? policy : null;
}
async function ed25519(key, message, signature) {
  try {
    const imported = await subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return await subtle.verify("Ed25519", imported, signature, message);
  } catch { return false; }
}
async function lineOf(note, key) {
  const found = note.lines.filter((line) => line.name === key.name && line.id === key.id);
  if (!found.length) return null;
  if (found.length > 1) throw new Problem(`${key.name} 的签名出现了 ${found.length} 次`);
  if (key.kind === 6) return null; // ML-DSA-44: browsers have no such key yet; such a witness doesn't count here
  let message = utf8(note.text), signature = found[0].signature, seconds = null;
  if (key.kind === 4) {
    seconds = Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0));
    message = utf8(`cosignature/v1\ntime ${seconds}\n${note.text}`);
    signature = signature.subarray(8);
  }
  if (!(await ed25519(key.key, message, signature))) throw new Problem(`${key.name} 的签名不成立`);
  return { name: key.name, seconds };
}
function parseNote(text) {
  const cut = text.lastIndexOf("\n\n");
  if (cut < 1 || !text.endsWith("\n") || /[\x00-\x09\x0b-\x1f\x7f]/.test(text)) throw new Problem("签名文本无法读取");
  const lines = text.slice(cut + 2, -1).split("\n").map((line) => {
    const match = /^— ([^\s+]+) (\S+)$/.exec(line);
    if (!match) throw new Problem("签名行无法读取");
    const content = base64(match[2]);
    if (content.length < 5) throw new Problem("签名过短");
    return { name: match[1], id: hex(content.subarray(0, 4)), signature: content.slice(4) };
  });
  const body = text.slice(0, cut + 1), [origin, size, root, rest, ...more] = body.split("\n");
  if (rest !== "" || more.length) throw new Problem("检查点应恰为三行：来源、大小、根");
  return { text: body, lines, origin, size: decimal(size), root: hash(root) };
}
async function verifyInclusion(data, entry, policy, now) {
  const text = decodeText(data, "收录证明"), cut = text.indexOf("\n\n");
  const lines = text.slice(0, cut).split("\n");
  if (cut < 0 || lines[0] !== "c2sp.org/tlog-proof@v1" || !lines[1]?.startsWith("index ")) throw new Problem("收录证明无法读取");
  const index = decimal(lines[1].slice(6)), path = lines.slice(2).map(hash), note = parseNote(text.slice(cut + 2));
  const names = [];
  if (policy) {
    if (note.origin !== policy.log.name) throw new Problem(`检查点来自 ${note.origin}，信任的日志是 ${policy.log.name}`);
    if (policy.log.kind !== 1 || !(await lineOf(note, policy.log))) throw new Problem("检查点没有日志的签名");
    for (const key of policy.witnesses) {
      const line = await lineOf(note, key);
      if (line && line.seconds * 1000 > now + TOLERANCE) throw new Problem(`${key.name} 的见证时间在未来`);
      if (line && !names.includes(line.name)) names.push(line.name);
    }
    if (names.length < policy.quorum) throw new Problem(`检查点只有 ${names.length} 个可在浏览器中核对的见证人，应至少 ${policy.quorum} 个`);
  }
  let current = await sha256(join(Uint8Array.of(0), await sha256(entry))), fn = BigInt(index), sn = BigInt(note.size) - 1n;
  if (index >= note.size) throw new Problem("日志没有这么多条");
  for (const sibling of path) {
    if (sn === 0n) throw new Problem("收录证明过长");
    if (fn & 1n || fn === sn) {
      current = await nodeHash(sibling, current);
      while (!(fn & 1n) && fn) { fn >>= 1n; sn >>= 1n; }
    } else current = await nodeHash(current, sibling);
    fn >>= 1n; sn >>= 1n;
  }
  if (sn !== 0n || !same(current, note.root)) throw new Problem("收录证明不成立：条目不在这个检查点的日志中");
  return { index, size: note.size, names, origin: note.origin };
}

// ---- entries, notices, revocation
function parseEntry(bytes) {
  const text = decodeText(bytes, "登记条目"), sorted = (value) => value && typeof value === "object" && !Array.isArray(value) ? Object.fromEntries(Object.keys(value).sort(order).map((key) => [key, sorted(value[key])])) : value;
  let content;
  try { content = JSON.parse(text); } catch { throw new Problem("登记条目无法读取"); }
  const known = "at,event,facts,number,sha256,version";
  if (!content || Object.keys(content).join() !== known || content.version !== 2 || JSON.stringify(sorted(content)) !== text || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(content.at)) throw new Problem("登记条目不是规范形式");
  return content;
}
async function checkEntrySignature(entry, envelope, signer) {
  let content;
  try { content = JSON.parse(decodeText(envelope, "签名")); } catch { throw new Problem("登记条目的签名无法读取"); }
  if (content.suite !== suite(signer)) throw new Problem("登记条目的签名套件与签名人的密钥不符");
  if (!(await signedBy(signer, entry, unhex(String(content.signature))))) throw new Problem("登记条目的签名不成立");
}
async function checkRevocation(bytes, signer, signedAt, roots) {
  const [tbs, , signature] = children(whole(bytes).body), parts = children(tbs.body);
  const first = parts[0].tag === 2 ? 1 : 0, issuer = parts[first + 1];
  if (!same(issuer.raw, signer.issuer)) throw new Problem("吊销列表不是由签名人证书的签发者签发");
  let trusted = false;
  for (const root of roots) trusted = trusted || (same(root.subject, issuer.raw) && (await signedBy(root, tbs.raw, signature.body.subarray(1))));
  if (!trusted) throw new Problem("吊销列表不是由信任的根证书签发");
  const list = parts.slice(first + 2).find((part) => part.tag === 0x30);
  for (const revoked of list ? children(list.body) : []) {
    const [serial, date] = children(revoked.body);
    if (hex(serial.body) === signer.serial && time(date) <= signedAt) throw new Problem("签名人证书在签名前已被吊销");
  }
}
const NOTICES = { revoked: "撤销", superseded: "替换" };
async function checkNotices(files, number, roots) {
  const present = Object.keys(NOTICES).filter((event) => Object.keys(files).some((name) => name.startsWith(event + "/")));
  for (const event of present) {
    const content = files[`${event}/entry.json`], envelope = files[`${event}/entry.sig`], by = files[`${event}/signer.der`];
    if (!content || !envelope || !by) throw new Problem("撤销或替换的声明不完整");
    const signer = certificate(by), entry = parseEntry(content);
    await checkEntrySignature(content, envelope, signer);
    await checkSigner([signer], roots, Date.parse(entry.at));
    if (entry.event !== event || entry.number !== number) throw new Problem("声明所说的不是这份证书");
    throw new Problem(`已于 ${local(Date.parse(entry.at))} ${NOTICES[event]}：${entry.facts.reason || entry.facts.successor || ""}`);
  }
  return false;
}

// ---- the checks under their names
const LABELS = {
  container: "证书包完整", contents: "证书包内容", signature: "数字签名", schema: "DCC 模式", entry: "登记条目", number: "证书编号一致",
  certificate_xml: "DCC 与登记一致", sm2: "国密签名（SM2）", certificate_pdf: "PDF 签名", attachment: "PDF 所附即此 DCC", chain: "证书链",
  revocation: "签名人证书未被吊销（签发时）", timestamp: "可信时间戳", inclusion: "透明日志收录证明", anchor: "区块链锚定", standing: "未被撤销或替换",
};
const KNOWN = new Set(["certificate.xml", "certificate.pdf", "entry.json", "entry.sig", "revocation/00.crl", "certificate.tlog-proof", "anchor.json", "certificate.tsr",
  "sm2/entry.sig", "sm2/signer.der", ...Object.keys(NOTICES).flatMap((e) => ["entry.json", "entry.sig", "signer.der", "entry.tsr", "entry.tlog-proof"].map((p) => `${e}/${p}`))]);

async function verifyFile(data, trust, now) {
  const checks = [], add = (name, status, detail = "") => checks.push({ name, label: LABELS[name], status, detail });
  const attempt = async (name, work) => {
    try { add(name, PASSED, (await work()) || ""); return true; }
    catch (error) { add(name, FAILED, error instanceof Problem ? error.message : "无法读取"); return false; }
  };
  const isPdf = latin1(data.subarray(0, 4)) === "%PDF", isXml = latin1(data.subarray(0, 200)).trimStart().startsWith("<");
  let files = {};
  if (isXml) files["certificate.xml"] = data;
  else if (isPdf) {
    try { files = { "certificate.pdf": data, "certificate.xml": await attachmentOf(data) }; }
    catch (error) { add("attachment", FAILED, error.message); return finish(checks); }
  } else {
    if (!(await attempt("container", () => { files = unpack(data); return `${Object.keys(files).length} 个文件`; }))) return finish(checks);
    if (!files["certificate.xml"]) { add("signature", FAILED, "证书包中没有 certificate.xml"); return finish(checks); }
  }
  let result;
  const signed = await attempt("signature", async () => {
    result = await verifyXml(files["certificate.xml"], trust.roots, now);
    return `${commonName(result.signer)}，${local(result.signedAt)}`;
  });
  if (!signed) return finish(checks);
  if (!isXml && !isPdf) {
    await attempt("contents", () => {
      const strange = Object.keys(files).filter((name) => !KNOWN.has(name) && !name.startsWith("chain/"));
      if (strange.length) throw new Problem(`有不属于证书包的文件：${strange.join("、")}`);
    });
  }
  add("schema", ABSENT, "浏览器中不核对模式；请用 yjz verify");
  const printed = () => attempt("certificate_pdf", async () => local(await verifyPdf(files["certificate.pdf"], trust.roots, result.signer, now)));
  if (isXml) return finish(checks);
  if (isPdf) { await printed(); return finish(checks); }
  const entryBytes = files["entry.json"] || new Uint8Array();
  let entry;
  const stated = await attempt("entry", async () => {
    if (!files["entry.json"] || !files["entry.sig"]) throw new Problem("证书包中没有 entry.json 或 entry.sig");
    await checkEntrySignature(entryBytes, files["entry.sig"], result.signer);
    entry = parseEntry(entryBytes);
    return `${entry.number}，${local(Date.parse(entry.at))}`;
  });
  if (stated) {
    await attempt("number", () => { if (entry.number !== result.number) throw new Problem(`DCC 中为 ${result.number}，登记为 ${entry.number}`); return entry.number; });
    await attempt("certificate_xml", async () => { if (entry.event !== "issued" || entry.sha256["certificate.xml"] !== hex(await sha256(files["certificate.xml"]))) throw new Problem("certificate.xml 与登记的哈希不符"); });
  }
  if (files["sm2/entry.sig"] || files["sm2/signer.der"]) add("sm2", ABSENT, "浏览器没有 SM2；请用 yjz verify"); else add("sm2", ABSENT);
  if (files["certificate.pdf"]) {
    await printed();
    await attempt("attachment", async () => { if (!same(await attachmentOf(files["certificate.pdf"]), files["certificate.xml"])) throw new Problem("所附的不是此 DCC"); });
  } else { add("certificate_pdf", ABSENT); add("attachment", ABSENT); }
  await attempt("chain", async () => {
    const names = Object.keys(files).filter((name) => name.startsWith("chain/")).sort(), given = names.map((name) => certificate(files[name]));
    if (!given.length || !same(given[0].raw, result.signer.raw)) throw new Problem("证书包中没有签名人证书");
    for (let n = 1; n < given.length; n++) if (!same(given[n].subject, given[n - 1].issuer) || !(await signedBy(given[n], given[n - 1].tbs, given[n - 1].signature))) throw new Problem("证书链不连续");
    const last = given.at(-1);
    let anchored = trust.roots.some((root) => same(root.raw, last.raw));
    for (const root of trust.roots) anchored = anchored || (same(root.subject, last.issuer) && (await signedBy(root, last.tbs, last.signature)));
    if (!anchored) throw new Problem("证书链不以信任的根证书结束");
    return `${given.length} 张证书`;
  });
  if (files["revocation/00.crl"]) await attempt("revocation", () => checkRevocation(files["revocation/00.crl"], result.signer, result.signedAt, trust.roots)); else add("revocation", ABSENT);
  if (files["certificate.tsr"]) await attempt("timestamp", () => verifyTimestamp(files["certificate.tsr"], files["certificate.xml"], trust.roots, now, result.signedAt)); else add("timestamp", ABSENT);
  if (files["certificate.tlog-proof"]) {
    try {
      const found = await verifyInclusion(files["certificate.tlog-proof"], entryBytes, trust.log, now);
      if (trust.log) add("inclusion", PASSED, `第 ${found.index} 条，检查点 ${found.size} 条，${found.names.length ? "见证人 " + found.names.join("、") : "尚无见证人"}`);
      else add("inclusion", ABSENT, `附有 ${found.origin} 第 ${found.index} 条的证明，但没有给出信任的日志公钥，不能采信`);
    } catch (error) { add("inclusion", FAILED, error instanceof Problem ? error.message : "无法读取"); }
  } else add("inclusion", ABSENT);
  add("anchor", ABSENT, files["anchor.json"] ? "离线不能证明，须向链上节点查证" : "未配置区块链，或尚未锚定");
  try {
    await checkNotices(files, result.number, trust.roots);
    add("standing", ABSENT, "证书包中没有撤销或替换的声明；此后的变化请按编号查询，或重新下载证书包");
  } catch (error) { add("standing", FAILED, error instanceof Problem ? error.message : "无法读取"); }
  return finish(checks);
}
function finish(checks) {
  const signed = checks.some((check) => check.name === "signature" && check.status === PASSED);
  return { valid: signed && checks.every((check) => check.status !== FAILED), checks };
}
async function readTrust(pem, policy) {
  const roots = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g)].map((m) => certificate(base64(m[1].replace(/\s/g, ""), false)));
  return { roots, log: policy.trim() ? await parsePolicy(policy) : null };
}

// ---- the page
const TERMS = { passed: "通过", failed: "未通过", absent: "未附" };
async function checkOnPage(file) {
  const out = document.getElementById("report");
  out.textContent = "正在核验……";
  let report, problem = "";
  try {
    const trust = await readTrust(document.getElementById("roots").value, document.getElementById("trust").value);
    report = await verifyFile(new Uint8Array(await file.arrayBuffer()), trust, Date.now());
  } catch (error) { problem = error instanceof Problem ? error.message : "文件无法读取"; }
  out.replaceChildren();
  const heading = document.createElement("p");
  heading.className = "verdict " + (report?.valid ? "good" : "bad");
  heading.textContent = problem || `${report.valid ? "核验通过" : "核验未通过"}：${file.name}`;
  out.append(heading);
  if (problem) return;
  const table = document.createElement("table");
  for (const check of report.checks) {
    const row = table.insertRow();
    row.className = check.status;
    for (const text of [check.label, TERMS[check.status], check.detail]) row.insertCell().textContent = text;
  }
  out.append(table);
}
if (typeof document !== "undefined" && document.getElementById("drop")) {
  const drop = document.getElementById("drop"), input = document.getElementById("file");
  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (file) await checkOnPage(file);
    input.value = ""; // so that the same file can be chosen again after a change
  });
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); drop.classList.remove("over"); if (event.dataTransfer.files[0]) checkOnPage(event.dataTransfer.files[0]); });
}
