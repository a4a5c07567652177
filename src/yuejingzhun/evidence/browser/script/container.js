// The container: there is one right zip for given files, so what was read is packed again and compared.

const MAXIMUM_SIZE = 32 * 2 ** 20, MAXIMUM_FILES = 64;
const FILE_NAME = /^(?:[a-z0-9][a-z0-9._-]{0,63}\/)?[a-z0-9][a-z0-9._-]{0,63}$/;
const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Pairs of value and size, each little endian. */
function littleEndian(...pairs) {
  const out = [];
  for (const [value, size] of pairs) for (let n = 0; n < size; n++) out.push(Math.floor(value / 2 ** (8 * n)) & 255);
  return Uint8Array.from(out);
}

function pack(files) {
  const body = [], directory = [];
  let offset = 0, size = 0;
  for (const name of Object.keys(files).sort()) {
    const content = files[name], title = utf8(name), length = content.length;
    const shared = [
      [20, 2], [0, 2], [0, 2], [0, 2], [0x21, 2], [crc32(content), 4], [length, 4], [length, 4], [title.length, 2],
      [0, 2],
    ];
    const head = join(littleEndian([0x04034b50, 4], ...shared), title);
    const mode = [0o100644 * 65536, 4];
    const entry = littleEndian(
      [0x02014b50, 4], [20, 1], [3, 1], ...shared, [0, 2], [0, 2], [0, 2], mode, [offset, 4],
    );
    body.push(head, content);
    directory.push(entry, title);
    offset += head.length + length;
    size += entry.length + title.length;
  }
  const count = [directory.length / 2, 2];
  const end = littleEndian([0x06054b50, 4], [0, 2], [0, 2], count, count, [size, 4], [offset, 4], [0, 2]);
  return join(...body, ...directory, end);
}

function unpack(data) {
  if (data.length > MAXIMUM_SIZE) throw new Problem("证书包过大");
  if (data[0] !== 0x50 || data[1] !== 0x4b) throw new Problem("不是证书包：文件开头不是 ZIP 标志");
  const view = new DataView(data.buffer, data.byteOffset, data.length), files = Object.create(null);
  let at = 0;
  while (at + 30 <= data.length && view.getUint32(at, true) === 0x04034b50) {
    const start = at + 30 + view.getUint16(at + 26, true), end = start + view.getUint32(at + 18, true);
    const name = latin1(data.subarray(at + 30, start));
    if (!FILE_NAME.test(name) || name in files) throw new Problem("证书包中的文件名不合规定，或有同名文件");
    files[name] = data.subarray(start, end);
    at = end;
  }
  const count = Object.keys(files).length;
  if (!count || count > MAXIMUM_FILES || !same(pack(files), data)) {
    throw new Problem("证书包已被改动：与其内容重新打包的结果不一致");
  }
  return files;
}
