// Bytes and their spellings.

const subtle = crypto.subtle;

/** What is wrong with what was given, in Chinese: to be shown as it is. */
class Problem extends Error {}

const same = (a, b) => a.length === b.length && a.every((value, n) => value === b[n]);
const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const utf8 = (text) => new TextEncoder().encode(text);
const digest = async (name, bytes) => new Uint8Array(await subtle.digest(name, bytes));
const sha256 = (bytes) => digest("SHA-256", bytes);

function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Each byte as the character of that number: what the encoding called latin1 by browsers is not. */
function latin1(bytes) {
  const pieces = [];
  for (let at = 0; at < bytes.length; at += 8192) pieces.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return pieces.join("");
}

function unhex(text) {
  if (text.length % 2 || !/^[0-9a-fA-F]*$/.test(text)) throw new Problem("十六进制无法读取");
  return Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
}

const unsigned = (bytes) => BigInt("0x0" + hex(bytes));

function bigEndian(number, size) {
  return unhex(number.toString(16).padStart(size * 2, "0"));
}

function decodeText(bytes, what) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Problem(`${what}不是 UTF-8`);
  }
}

/** Base64 in its one spelling; with `canonical` false, whatever a browser reads. */
function base64(text, canonical = true) {
  let binary;
  try {
    binary = atob(text);
  } catch {
    throw new Problem("Base64 无法读取");
  }
  if (canonical && btoa(binary) !== text) throw new Problem("Base64 不是规范形式");
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

const zoned = { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "medium" };
const local = (milliseconds) => new Intl.DateTimeFormat("sv-SE", zoned).format(milliseconds);
const TOLERANCE = 300_000; // ms, between the clocks of those who sign and of those who check
