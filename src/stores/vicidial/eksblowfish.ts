// Own code, because a stock dialer hashes with cost 2, and the libraries refuse what is below 4.

export const SALT_BYTES = 16;
/** bcrypt sees no more of a password. */
export const PASSWORD_BYTES = 72;
export const HIGHEST_COST = 31;

/** A state's words: 18 keys of the rounds, then the four tables. */
const KEYS = 18;
const ROUNDS = 16;
const TABLE_0 = KEYS;
const TABLE_1 = TABLE_0 + 256;
const TABLE_2 = TABLE_1 + 256;
const TABLE_3 = TABLE_2 + 256;

const MAGIC = Buffer.from('OrpheanBeholderScryDoubt', 'latin1');
const MAGIC_TIMES = 64;
/** bcrypt has always left out the last of the 24 bytes. */
const DIGEST_BYTES = 23;

const NO_SALT = new Int32Array(4);

let initialWords: Int32Array | undefined;

/**
 * bcrypt of a password, as the last 31 characters of a bcrypt string. Its key is the password and a NUL, over and
 * over. Blocks for as long as the cost says: about 2^cost / 15 ms.
 *
 * @throws {RangeError} the salt has not 16 bytes, or the cost is no whole number from 0 to 31
 */
export function bcryptDigest(password: Uint8Array, salt: Uint8Array, cost: number): string {
  if (salt.length !== SALT_BYTES) throw new RangeError(`a salt has ${SALT_BYTES} bytes`);
  if (!Number.isInteger(cost) || cost < 0 || cost > HIGHEST_COST) {
    throw new RangeError(`a cost is a whole number from 0 to ${HIGHEST_COST}`);
  }
  return encodeBcryptBase64(encryptMagic(setUp(password, salt, cost)).subarray(0, DIGEST_BYTES));
}

/** The state after the expensive key setup that gives EksBlowfish its name. */
function setUp(password: Uint8Array, salt: Uint8Array, cost: number): Int32Array {
  initialWords ??= makeBlowfishWords();
  const state = Int32Array.from(initialWords);
  const key = wordsOf(Buffer.concat([password.subarray(0, PASSWORD_BYTES), Buffer.of(0)]), KEYS);
  const saltAsKey = wordsOf(salt, KEYS);
  expand(state, key, saltAsKey.subarray(0, 4));
  for (let turn = 2 ** cost; turn > 0; turn -= 1) {
    expand(state, key, NO_SALT);
    expand(state, saltAsKey, NO_SALT);
  }
  return state;
}

/** Big-endian words of the bytes, which are repeated for as long as needed. */
function wordsOf(bytes: Uint8Array, count: number): Int32Array {
  const repeated = Buffer.alloc(count * 4, bytes);
  return Int32Array.from({ length: count }, (_, at) => repeated.readInt32BE(at * 4));
}

/** Mixes a key into the state, then replaces the state, two words at a time, by what it encrypts to. */
function expand(state: Int32Array, key: Int32Array, salt: Int32Array): void {
  for (let at = 0; at < KEYS; at += 1) state[at] = word(state, at) ^ word(key, at);
  const block = new Int32Array(2);
  for (let at = 0; at < WORDS; at += 2) {
    block[0] = word(block, 0) ^ word(salt, at & 3);
    block[1] = word(block, 1) ^ word(salt, (at + 1) & 3);
    encipher(state, block);
    state[at] = word(block, 0);
    state[at + 1] = word(block, 1);
  }
}

/** Blowfish of one block of two words, in place. */
function encipher(state: Int32Array, block: Int32Array): void {
  let left = word(block, 0) ^ word(state, 0);
  let right = word(block, 1);
  // Two rounds a turn, so that the halves need not be swapped.
  for (let round = 1; round <= ROUNDS; round += 2) {
    right ^= mix(state, left) ^ word(state, round);
    left ^= mix(state, right) ^ word(state, round + 1);
  }
  block[0] = right ^ word(state, ROUNDS + 1);
  block[1] = left;
}

/** Blowfish's F. */
function mix(state: Int32Array, half: number): number {
  const sum = (word(state, TABLE_0 + (half >>> 24)) + word(state, TABLE_1 + ((half >>> 16) & 255))) | 0;
  return ((sum ^ word(state, TABLE_2 + ((half >>> 8) & 255))) + word(state, TABLE_3 + (half & 255))) | 0;
}

/** The compiler does not know that the index is there; the machine code is the same. */
function word(words: Int32Array, at: number): number {
  return words[at] ?? 0;
}

function encryptMagic(state: Int32Array): Buffer {
  const encrypted = Buffer.from(MAGIC);
  const block = new Int32Array(2);
  for (let at = 0; at < MAGIC.length; at += 8) {
    block[0] = MAGIC.readInt32BE(at);
    block[1] = MAGIC.readInt32BE(at + 4);
    for (let time = 0; time < MAGIC_TIMES; time += 1) encipher(state, block);
    encrypted.writeInt32BE(word(block, 0), at);
    encrypted.writeInt32BE(word(block, 1), at + 4);
  }
  return encrypted;
}

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** bcrypt's base64 differs from the standard one in the order of its alphabet alone, and has no `=`. */
const BCRYPT = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export function encodeBcryptBase64(bytes: Uint8Array): string {
  return translate(Buffer.from(bytes).toString('base64').replace(/=+$/, ''), STANDARD, BCRYPT);
}

/** @param text of bcrypt's alphabet; the bits that make no whole byte are dropped */
export function decodeBcryptBase64(text: string): Buffer {
  return Buffer.from(translate(text, BCRYPT, STANDARD), 'base64');
}

function translate(text: string, from: string, to: string): string {
  return text.replace(/./g, (character) => to.charAt(from.indexOf(character)));
}

/** Blowfish starts from 18 words of keys and four tables of 256 words. */
export const WORDS = 18 + 4 * 256;

const BITS = BigInt(WORDS * 32);
/** Each term of a series is cut off; these bits take the error, and are dropped. */
const GUARD_BITS = 64n;

/**
 * What Blowfish starts from: the binary digits of pi behind the point. They are worked out, because nobody can
 * proofread a page of pasted hex digits. Takes about 40 ms.
 */
export function makeBlowfishWords(): Int32Array {
  // Machin: pi = 16 arctan(1/5) - 4 arctan(1/239).
  const pi = 16n * arctanOfOneBy(5n) - 4n * arctanOfOneBy(239n);
  const digits = ((pi >> GUARD_BITS) - (3n << BITS)).toString(16).padStart(WORDS * 8, '0');
  return Int32Array.from({ length: WORDS }, (_, at) => Number.parseInt(digits.slice(at * 8, at * 8 + 8), 16));
}

/** By its series 1/x - 1/3x³ + 1/5x⁵ ..., times 2 to the number of bits. */
function arctanOfOneBy(x: bigint): bigint {
  let power = (1n << (BITS + GUARD_BITS)) / x;
  let sum = 0n;
  for (let odd = 1n; power > 0n; odd += 2n) {
    const term = power / odd;
    sum += odd % 4n === 1n ? term : -term;
    power /= x * x;
  }
  return sum;
}
