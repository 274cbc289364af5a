import { callingCodeOf, hasRules, parseByPlan } from '../../core/phone-plans.ts';
import { blockKeysOf } from '../../core/phone-blocks.ts';
import type { Country, PhoneNumber } from '../../core/phone.ts';

/** Texts of blocks of one length: with three beginnings, and three ends. */
export const BLOCK_TEXTS_OF_A_LENGTH = 9;
/** A block of E.164's fifteen digits at most, and of six at least. */
const LENGTHS = 7;
/** So many texts a statement asks for. */
export const MAX_BLOCK_TEXTS = BLOCK_TEXTS_OF_A_LENGTH * LENGTHS;

/** At least so many digits are written before what stands for the rest. */
const MIN_WRITTEN = 6;

/**
 * The texts under which a dialer may have stored a block of numbers to which this one belongs (setting `numberBlocks`), the
 * longest blocks first: national and with the country's code, then `*`, `x`, or an `x` for each further digit. A dialer's own
 * database keeps no key, only an index on the text.
 *
 * @param phone a number read under `country`
 * @returns for each length BLOCK_TEXTS_OF_A_LENGTH texts, empty ones among them, so that the place says the length
 */
export function blockTexts(phone: PhoneNumber, country: Country): readonly string[] {
  const parsed = parseByPlan(`+${phone.key}`, undefined);
  if (parsed?.isPossible() !== true) return [];
  const code = hasRules(phone.key) ? phone.key.slice(0, 2) : parsed.countryCallingCode;
  return blockKeysOf(phone)
    .slice(0, LENGTHS)
    .flatMap((key) => {
      const national = key.slice(code.length);
      const isHome = code === callingCodeOf(country);
      // Bare digits that begin with the country's code are read with it.
      const begins = [isHome && !national.startsWith(code) ? national : '', key, `+${key}`];
      const left = phone.key.length - key.length;
      const ends = ['*', 'x', left > 1 ? 'x'.repeat(left) : ''];
      return begins.flatMap((begin) =>
        ends.map((end) => (end !== '' && digitsIn(begin) >= MIN_WRITTEN ? begin + end : '')),
      );
    });
}

function digitsIn(begin: string): number {
  return begin.replace('+', '').length;
}
