// The printed certificate: its one signature, which must cover the whole file, and the DCC attached to it.

const BYTE_RANGE = /\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]/g;
const PDF_TIME = /\/M\s*\(D(?::|\\072)(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z|([+-]\d\d)'(\d\d)'?)/;
const MAXIMUM_PDF = 32 * 2 ** 20, MAXIMUM_ATTACHMENT = 16 * 2 ** 20;

async function verifyPdf(pdf, roots, signerOfXml, now) {
  const text = latin1(pdf), found = [...text.matchAll(BYTE_RANGE)];
  if (found.length !== 1) throw new Problem(`PDF 有 ${found.length} 个签名，应恰有一个`);
  const [start, gap, resume, rest] = found[0].slice(1).map(Number), filled = text.slice(gap, resume);
  if (start !== 0 || resume + rest !== pdf.length || !/^<(?:[0-9A-F]{2})*>$/.test(filled)) {
    throw new Problem("PDF 签名不成立：签名之后被改动，或签名不覆盖整个文件");
  }
  const contents = unhex(filled.slice(1, -1)), cms = element(contents);
  if (contents[0] !== SEQUENCE || contents[1] !== 0x82 || contents.subarray(cms.end).some((byte) => byte)) {
    throw new Problem("PDF 签名处被改动");
  }
  const at = pdfTime(text);
  if (at > now + TOLERANCE) throw new Problem("PDF 签名时间在未来");
  const covered = join(pdf.subarray(0, gap), pdf.subarray(resume));
  const result = await verifyCms(cms.raw, DATA, (enclosed) => {
    if (enclosed.length !== 1) throw new Problem("PDF 签名中另有内容");
    return covered;
  });
  if (result.unsigned) throw new Problem("PDF 签名中有不受签名保护的附加内容");
  await checkSigner(result.chain, roots, at);
  if (!same(result.signer.raw, signerOfXml.raw)) throw new Problem("PDF 的签名人不是 DCC 的签名人");
  return local(at);
}

function pdfTime(text) {
  const match = PDF_TIME.exec(text);
  if (!match) throw new Problem("PDF 签名没有写明签名时间");
  const [, year, month, day, hour, minute, second, hours, minutes] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${hours ? `${hours}:${minutes}` : "Z"}`);
}

async function attachmentOf(pdf) {
  if (pdf.length > MAXIMUM_PDF) throw new Problem("PDF 过大");
  const text = latin1(pdf), found = [...text.matchAll(/\/Type\s*\/EmbeddedFile/g)];
  if (found.length !== 1) throw new Problem(`PDF 中有 ${found.length} 个附件，应恰有一个`);
  const open = text.lastIndexOf("obj", found[0].index), stream = text.indexOf("stream", found[0].index);
  const head = text.slice(open, stream), size = /\/Length (\d+)/.exec(head);
  if (!size || stream < 0) throw new Problem("PDF 的附件无法读取");
  const start = stream + (text[stream + 6] === "\r" ? 8 : 7), data = pdf.subarray(start, start + Number(size[1]));
  if (!head.includes("FlateDecode")) return data;
  try {
    return await inflate(data);
  } catch (error) {
    throw error instanceof Problem ? error : new Problem("PDF 的附件无法解压");
  }
}

async function inflate(data) {
  const reader = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate")).getReader(), pieces = [];
  let size = 0;
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    pieces.push(piece.value);
    size += piece.value.length;
    if (size > MAXIMUM_ATTACHMENT) throw new Problem("PDF 的附件过大");
  }
  return join(...pieces);
}

async function checkAttachment(pdf, xml) {
  if (!same(await attachmentOf(pdf), xml)) throw new Problem("所附的不是此 DCC");
}
