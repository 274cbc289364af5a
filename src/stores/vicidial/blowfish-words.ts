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
