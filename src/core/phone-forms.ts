import { parseByPlan, phoneKey, type Country } from './phone.ts';

/** A stored number as programs and as people write it. */
export interface PhoneForms {
  /** With `+` and country code, such as `+525587654321`. */
  readonly e164: string;
  /** As people of the default country write it: `55 8765 4321`; a foreign number with its country code. */
  readonly national: string;
}

/**
 * The ways to write a stored number.
 *
 * @param country the operator's default country
 * @returns undefined where no numbering plan has such a number
 */
export function phoneForms(stored: string, country: Country): PhoneForms | undefined {
  const key = phoneKey(stored, country);
  const parsed = key === undefined ? undefined : parseByPlan(`+${key}`, undefined);
  if (parsed?.isPossible() !== true) return undefined;
  const isAtHome = parsed.country === country || parsed.getPossibleCountries().includes(country);
  return {
    e164: parsed.number,
    national: isAtHome ? parsed.formatNational() : parsed.formatInternational(),
  };
}
