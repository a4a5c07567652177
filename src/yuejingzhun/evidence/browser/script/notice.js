// A later statement about the certificate: that it was revoked or superseded.

const NOTICES = { revoked: "撤销", superseded: "替换" };
const NOTICE_PARTS = ["entry.json", "entry.sig", "signer.der", "entry.tsr", "entry.tlog-proof"];

async function readNotice(files, event, roots) {
  const [content, envelope, by] = NOTICE_PARTS.map((part) => files[`${event}/${part}`]);
  if (!content || !envelope || !by) throw new Problem("撤销或替换的声明不完整");
  const signer = certificate(by);
  await checkEntrySignature(content, envelope, signer);
  const entry = parseEntry(content);
  if (entry.event !== event) throw new Problem(`声明写的是 ${entry.event}，应为 ${event}`);
  await checkSigner([signer], roots, Date.parse(entry.at));
  return entry;
}

/** What a notice in the bundle says; empty where there is none, which is no proof that none was made. */
async function checkStanding(files, number, trust, now) {
  const folders = new Set(Object.keys(files).map((name) => name.split("/")[0]));
  const present = Object.keys(NOTICES).filter((event) => folders.has(event));
  if (!present.length) return "";
  const found = [];
  for (const event of present) found.push(await readNotice(files, event, trust.roots));
  if (found.some((entry) => entry.number !== number)) throw new Problem(`声明所说的不是证书 ${number}`);
  const entry = found.sort((a, b) => order(a.at, b.at))[0], proof = files[`${entry.event}/entry.tlog-proof`];
  let where = "";
  try {
    const content = files[`${entry.event}/entry.json`];
    const [status, detail] = proof ? await checkInclusion(proof, content, trust.log, now) : [ABSENT];
    if (status === PASSED) where = `（${detail}）`;
  } catch {
    where = "（声明的收录证明不成立）";
  }
  const why = entry.facts.reason || entry.facts.successor || "";
  throw new Problem(`已于 ${local(Date.parse(entry.at))} ${NOTICES[entry.event]}：${why}${where}`);
}
