// Reading XML within bounds, and its canonical form (Canonical XML 1.1, without comments).

const XMLNS = "http://www.w3.org/2000/xmlns/", XML = "http://www.w3.org/XML/1998/namespace";
const MAXIMUM_XML = 16 * 2 ** 20, MAXIMUM_DEPTH = 256, MAXIMUM_TAGS = 800_000, MAXIMUM_ATTRIBUTES = 400_000;
const MOST_NAMESPACES = 10_000, MOST_ATTRIBUTES = 1_000;
const BY_BYTE = new Set(["US-ASCII", "ASCII", "ISO-8859-1"]);
const ENCODINGS = new Set(["UTF-8", "UTF-16", "GB18030", "GBK", "GB2312", ...BY_BYTE]);

/** The text of a document in the encoding that it declares. */
function textOfXml(bytes) {
  const head = latin1(bytes.subarray(0, 200)), wide = head.startsWith("<\0") ? "utf-16le" : null;
  const plain = wide ? head.replaceAll("\0", "") : head;
  const declared = /^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.-]*)["']/.exec(plain);
  const encoding = declared ? declared[1].toUpperCase() : "UTF-8";
  if (!ENCODINGS.has(encoding)) throw new Problem(`XML 的编码是 ${encoding}，不读取`);
  if (BY_BYTE.has(encoding) && !wide) {
    if (encoding !== "ISO-8859-1" && bytes.some((byte) => byte > 127)) throw new Problem("不是合格的 XML");
    return latin1(bytes);
  }
  try {
    return new TextDecoder(wide || encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Problem("不是合格的 XML：编码不符");
  }
}

function parseXml(bytes) {
  if (bytes.length > MAXIMUM_XML) throw new Problem("文件过大");
  const text = textOfXml(bytes), count = (mark) => text.split(mark).length - 1;
  if (text.includes("<!DOCTYPE")) throw new Problem("XML 含有 DOCTYPE，拒绝读取");
  if (text.includes("<![CDATA[")) throw new Problem("文件中有 CDATA，可能用来遮掩内容，拒绝接受");
  if (count("<") > MAXIMUM_TAGS || count("=") > MAXIMUM_ATTRIBUTES || count("xmlns") > MOST_NAMESPACES) {
    throw new Problem("XML 的标记、属性或命名空间声明过多，拒绝读取");
  }
  const parsed = new DOMParser().parseFromString(text, "application/xml");
  if (parsed.getElementsByTagName("parsererror").length || parsed.doctype) throw new Problem("不是合格的 XML");
  const hidden = NodeFilter.SHOW_COMMENT | NodeFilter.SHOW_PROCESSING_INSTRUCTION;
  if (parsed.createTreeWalker(parsed, hidden).nextNode()) {
    throw new Problem("文件中有注释或处理指令，可能用来遮掩内容，拒绝接受");
  }
  let depth = 0, deepest = 0;
  const walker = parsed.createTreeWalker(parsed, NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node; ) {
    if (node.attributes.length > MOST_ATTRIBUTES) throw new Problem("一个元素的属性过多，拒绝读取");
    deepest = Math.max(deepest, ++depth);
    let next = walker.firstChild();
    while (!next && depth) {
      depth--;
      next = walker.nextSibling();
      if (!next && !walker.parentNode()) break;
    }
    node = next;
  }
  if (deepest > MAXIMUM_DEPTH) throw new Problem(`XML 嵌套超过 ${MAXIMUM_DEPTH} 层，拒绝读取`);
  return parsed.documentElement;
}

/** All text directly in an element, without outer blanks. */
function textOf(element) {
  const texts = [...(element?.childNodes ?? [])].filter((node) => node.nodeType === Node.TEXT_NODE);
  return texts.map((node) => node.data).join("").trim();
}

const ESCAPES = {
  "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;",
};
const escapeText = (text) => text.replace(/[&<>\r]/g, (mark) => ESCAPES[mark]);
const escapeValue = (text) => text.replace(/[&<"\t\n\r]/g, (mark) => ESCAPES[mark]);

/** The namespaces that an element declares itself, by prefix. */
function declaredBy(node) {
  const own = [...node.attributes].filter((attribute) => attribute.namespaceURI === XMLNS);
  return Object.fromEntries(own.map((attribute) => [attribute.prefix ? attribute.localName : "", attribute.value]));
}

/** The canonical bytes of an element, and of all below it but for `without`. */
function canonical(apex, without = null) {
  const scope = {}, special = {}, ancestors = [], out = [];
  for (let up = apex.parentElement; up; up = up.parentElement) ancestors.unshift(up);
  for (const ancestor of ancestors) {
    Object.assign(scope, declaredBy(ancestor));
    for (const attribute of ancestor.attributes) {
      if (attribute.namespaceURI === XML && attribute.localName !== "id") special[attribute.name] = attribute;
    }
  }
  const write = (node, inherited, rendered) => {
    if (node === without) return;
    if (node.nodeType === Node.TEXT_NODE) {
      out.push(escapeText(node.data));
      return;
    }
    const all = { ...inherited, ...declaredBy(node) }, now = { ...rendered };
    const isNew = (prefix) => (prefix || all[prefix] ? rendered[prefix] !== all[prefix] : rendered[""]);
    out.push("<", node.nodeName);
    for (const prefix of Object.keys(all).filter((one) => one !== "xml" && isNew(one)).sort(order)) {
      now[prefix] = all[prefix];
      out.push(prefix ? ` xmlns:${prefix}="` : ' xmlns="', escapeValue(all[prefix]), '"');
    }
    const own = [...node.attributes].filter((attribute) => attribute.namespaceURI !== XMLNS);
    const named = new Set(own.map((attribute) => attribute.name));
    if (node === apex) own.push(...Object.values(special).filter((attribute) => !named.has(attribute.name)));
    own.sort((a, b) => order(a.namespaceURI || "", b.namespaceURI || "") || order(a.localName, b.localName));
    for (const attribute of own) out.push(" ", attribute.name, '="', escapeValue(attribute.value), '"');
    out.push(">");
    for (const child of node.childNodes) write(child, all, now);
    out.push("</", node.nodeName, ">");
  };
  write(apex, scope, {});
  return utf8(out.join(""));
}
