// Every check of a bundle, a PDF or a DCC, under the names of `yjz verify` and in its order.

const PASSED = "passed", FAILED = "failed", ABSENT = "absent";
const LABELS = {
  container: "证书包完整", contents: "证书包内容", signature: "数字签名", schema: "DCC 模式", entry: "登记条目",
  number: "证书编号一致", certificate_xml: "DCC 与登记一致", sm2: "国密签名（SM2）", certificate_pdf: "PDF 签名",
  attachment: "PDF 所附即此 DCC", chain: "证书链", revocation: "签名人证书未被吊销（签发时）", timestamp: "可信时间戳",
  inclusion: "透明日志收录证明", anchor: "区块链锚定", standing: "未被撤销或替换",
};
const KNOWN_FILES = new Set([
  "certificate.xml", "certificate.pdf", "entry.json", "entry.sig", "revocation/00.crl", "certificate.tlog-proof",
  "anchor.json", "certificate.tsr", SM2_SIGNATURE, SM2_SIGNER,
  ...Object.keys(NOTICES).flatMap((event) => NOTICE_PARTS.map((part) => `${event}/${part}`)),
]);
const NO_NOTICE = "证书包中没有撤销或替换的声明；此后的变化请按编号查询，或重新下载证书包";

/** The checks as they are made, each with its outcome. */
class Checks {
  constructor() {
    this.made = [];
  }

  add(name, status, detail = "") {
    this.made.push({ name, label: LABELS[name], status, detail });
  }

  /** One check: passed unless its work throws, absent where the work says so. */
  async attempt(name, work) {
    try {
      const found = await work();
      this.add(name, ...(Array.isArray(found) ? found : [PASSED, found || ""]));
      return true;
    } catch (error) {
      this.add(name, FAILED, error instanceof Problem ? error.message : "无法读取");
      return false;
    }
  }

  /** A check that is made only where the bundle has what is checked. */
  async attemptIf(given, name, work) {
    return given ? this.attempt(name, work) : this.add(name, ABSENT);
  }

  get report() {
    const signed = this.made.some((check) => check.name === "signature" && check.status === PASSED);
    return { valid: signed && this.made.every((check) => check.status !== FAILED), checks: this.made };
  }
}

/** Whom the visitor trusts: root certificates, the log with its witnesses, and policies of timestamps. */
async function readTrust(pem, policy, policies = "") {
  const listed = policies.split(/[\s,，]+/).filter(Boolean);
  return { roots: readCertificates(pem), log: policy.trim() ? await parsePolicy(policy) : null, policies: listed };
}

function isXml(data) {
  const first = data.find((byte) => byte !== 0x20 && !(byte >= 0x09 && byte <= 0x0d));
  return first === 0x3c;
}

async function verifyFile(data, trust, now) {
  const checks = new Checks();
  if (isXml(data)) await verifyDocument(checks, data, trust, now);
  else if (latin1(data.subarray(0, 4)) === "%PDF") await verifyPrinted(checks, data, trust, now);
  else await verifyBundle(checks, data, trust, now);
  return checks.report;
}

/** The checks of a signed DCC by itself, and what its signature says; null where that doesn't hold. */
async function verifyDocument(checks, xml, trust, now) {
  let result = null;
  await checks.attempt("signature", async () => {
    result = await verifyXml(xml, trust.roots, now);
    return `${commonName(result.signer)}，${local(result.signedAt)}`;
  });
  if (result) checks.add("schema", ABSENT, "浏览器不核对 DCC 模式；请用 yjz verify");
  return result;
}

async function verifyPrinted(checks, pdf, trust, now) {
  let xml;
  try {
    xml = await attachmentOf(pdf);
  } catch (error) {
    checks.add("attachment", FAILED, error instanceof Problem ? error.message : "不是可读的 PDF，或文件已损坏");
    return;
  }
  const result = await verifyDocument(checks, xml, trust, now);
  if (result) await checks.attempt("certificate_pdf", () => verifyPdf(pdf, trust.roots, result.signer, now));
}

async function verifyBundle(checks, data, trust, now) {
  let files = null;
  await checks.attempt("container", () => {
    files = unpack(data);
    return `${Object.keys(files).length} 个文件`;
  });
  if (!files) return;
  const xml = files["certificate.xml"], pdf = files["certificate.pdf"];
  if (!xml) {
    checks.add("signature", FAILED, "证书包中没有 certificate.xml");
    return;
  }
  const result = await verifyDocument(checks, xml, trust, now);
  if (!result) return;
  const { signer, signedAt, number } = result, list = files["revocation/00.crl"];
  await checks.attempt("contents", () => checkContents(files));
  await checkStatement(checks, files, result, trust);
  await checks.attemptIf(pdf, "certificate_pdf", () => verifyPdf(pdf, trust.roots, signer, now));
  await checks.attemptIf(pdf, "attachment", () => checkAttachment(pdf, xml));
  await checks.attempt("chain", () => checkGivenChain(files, signer, trust.roots));
  await checks.attemptIf(list, "revocation", () => checkRevocation(list, signer, signedAt, trust.roots));
  await checkPublished(checks, files, result, trust, now);
  await checks.attempt("standing", async () => [ABSENT, (await checkStanding(files, number, trust, now)) || NO_NOTICE]);
}

function checkContents(files) {
  const strange = Object.keys(files).filter((name) => !KNOWN_FILES.has(name) && !name.startsWith("chain/"));
  if (strange.length) throw new Problem(`有不属于证书包的文件：${strange.join("、")}`);
}

/** What the signers say: the entry, that it is about this DCC, and the second signature over it. */
async function checkStatement(checks, files, result, trust) {
  let entry = null;
  await checks.attempt("entry", async () => {
    entry = await checkEntry(files, result.signer);
    return `${entry.number}，${local(Date.parse(entry.at))}`;
  });
  if (entry) {
    await checks.attempt("number", () => {
      if (entry.number !== result.number) throw new Problem(`DCC 中为 ${result.number}，登记为 ${entry.number}`);
      return entry.number;
    });
    await checks.attempt("certificate_xml", () => checkHash(entry, files["certificate.xml"]));
  }
  const stated = files["entry.json"] ?? new Uint8Array(), given = files[SM2_SIGNATURE] || files[SM2_SIGNER];
  await checks.attemptIf(given, "sm2", () => checkParallel(files, stated, trust.roots));
}

/** What others say: the timestamp authority, the log with its witnesses, the chain. */
async function checkPublished(checks, files, result, trust, now) {
  const xml = files["certificate.xml"], stated = files["entry.json"] ?? new Uint8Array(), anchor = files["anchor.json"];
  const stamp = files["certificate.tsr"], proof = files["certificate.tlog-proof"];
  await checks.attemptIf(stamp, "timestamp", () => verifyTimestamp(stamp, xml, trust, now, result.signedAt));
  await checks.attemptIf(proof, "inclusion", () => checkInclusion(proof, stated, trust.log, now));
  if (anchor) await checks.attempt("anchor", () => [ABSENT, checkAnchor(anchor, proof)]);
  else checks.add("anchor", ABSENT, "未配置区块链，或尚未锚定");
}
