// Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint), and who signed them (C2SP tlog-cosignature).

const LOG_KEY = 1, COSIGNER_ED25519 = 4, COSIGNER_ML_DSA = 6;
const KEY_SIZES = { [LOG_KEY]: 32, [COSIGNER_ED25519]: 32, [COSIGNER_ML_DSA]: ML_DSA_KEY_SIZE };
const LARGEST_NOTE = 1_000_000, MOST_SIGNATURES = 100, STAMP_SIZE = 8, LARGEST_NUMBER = 2n ** 63n - 1n;
const EMPTY_ROOT = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const BLANK_OR_PLUS = /[\u0000-\u0020\u007f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000+]/;

function checkedName(name) {
  if (!name || BLANK_OR_PLUS.test(name)) throw new Problem("密钥名称不合规定");
  return name;
}

function decimal(text) {
  if (!/^(0|[1-9]\d{0,18})$/.test(text) || BigInt(text) > LARGEST_NUMBER) throw new Problem("不是规范的十进制数");
  return BigInt(text);
}

function hashFrom(text) {
  const bytes = base64(text);
  if (bytes.length !== 32) throw new Problem("不是 32 字节的哈希");
  return bytes;
}

async function parseVkey(text) {
  const [name, id, ...rest] = text.trim().split("+"), data = base64(rest.join("+")), key = data.subarray(1);
  const found = (await sha256(join(utf8(checkedName(name) + "\n"), data))).subarray(0, 4);
  if (key.length !== KEY_SIZES[data[0]]) throw new Problem(`${name} 不是可用的公钥文本`);
  if (hex(found) !== id) throw new Problem(`公钥文本 ${name} 的标识与公钥不符`);
  return { name, id, kind: data[0], key };
}

function parseNote(text) {
  if (utf8(text).length > LARGEST_NOTE || /[\x00-\x09\x0b-\x1f\x7f]/.test(text)) throw new Problem("签名文本过大，或有控制字符");
  const cut = text.lastIndexOf("\n\n"), listed = text.slice(cut + 2).split("\n");
  if (cut < 1 || listed.pop() !== "" || !listed.length) throw new Problem("签名文本无法读取");
  if (listed.length > MOST_SIGNATURES) throw new Problem("签名行过多");
  const lines = listed.map((line) => {
    const match = /^\u2014 ([^ ]*) (.*)$/.exec(line);
    if (!match) throw new Problem("签名行无法读取");
    const name = checkedName(match[1]), content = base64(match[2]);
    if (content.length < 5) throw new Problem(`${name} 的签名过短`);
    return { name, id: hex(content.subarray(0, 4)), signature: content.slice(4) };
  });
  return { text: text.slice(0, cut + 1), lines };
}

/** The head of a log in the text of a note: which log, how many entries, which root. */
function parseCheckpoint(text) {
  const lines = text.split("\n");
  if (lines.length !== 4 || lines[3]) throw new Problem("检查点应恰为三行：来源、大小、根");
  const head = { origin: checkedName(lines[0]), size: decimal(lines[1]), root: hashFrom(lines[2]) };
  if (!head.size && hex(head.root) !== EMPTY_ROOT) throw new Problem("大小为零的检查点，根应为空串的哈希");
  return head;
}

function lengthPrefixed(text) {
  const bytes = utf8(text);
  if (!bytes.length || bytes.length > 255) throw new Problem("名称过长，应不超过 255 字节");
  return join(Uint8Array.of(bytes.length), bytes);
}

/** What a witness signs when it has seen this text at that second. */
function cosignedMessage(key, text, seconds) {
  if (seconds > LARGEST_NUMBER) throw new Problem("见证时间不合规定");
  if (key.kind === COSIGNER_ED25519) return utf8(`cosignature/v1\ntime ${seconds}\n${text}`);
  const head = parseCheckpoint(text), numbers = [bigEndian(0n, 8), bigEndian(head.size, 8)];
  const named = [lengthPrefixed(key.name), bigEndian(seconds, 8), lengthPrefixed(head.origin)];
  return join(utf8("subtree/v1\n\0"), ...named, ...numbers, head.root);
}

async function ed25519Verifies(key, message, signature) {
  try {
    const imported = await subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return await subtle.verify("Ed25519", imported, signature, message);
  } catch (error) {
    if (error.name === "NotSupportedError") throw new Problem("这个浏览器没有 Ed25519，请用较新的版本或 yjz verify");
    return false;
  }
}

/** Who signed, with the second of a cosignature; null where no line names the key. A line that fails is no accident. */
async function signatureOf(note, key) {
  const found = note.lines.filter((line) => line.name === key.name && line.id === key.id);
  if (!found.length) return null;
  if (found.length > 1) throw new Problem(`${key.name} 的签名出现了 ${found.length} 次`);
  let [message, signature, seconds] = [utf8(note.text), found[0].signature, null];
  if (key.kind !== LOG_KEY) {
    seconds = unsigned(signature.subarray(0, STAMP_SIZE));
    signature = signature.subarray(STAMP_SIZE);
    message = cosignedMessage(key, note.text, seconds);
  }
  const verify = key.kind === COSIGNER_ML_DSA ? mlDsaVerifies : ed25519Verifies;
  if (!(await verify(key.key, message, signature))) throw new Problem(`${key.name} 的签名不成立`);
  return { name: key.name, seconds };
}
