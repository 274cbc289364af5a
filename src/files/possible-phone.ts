import { type Country, isCountry, parseByPlan, readPhone } from '../core/phone.ts';

/** True for a number that some plan has, read under the country; also for a local one of 7 or 8 digits. */
export function isPossiblePhone(text: string, country: Country): boolean {
  const reading = readPhone(text, country);
  if ('fault' in reading) return false;
  const { digits, key } = reading.value;
  if (/^\d{7,8}$/.test(digits)) return true;
  return parseByPlan(`+${key}`, undefined)?.isPossible() === true;
}

/** Why a possible number may be none: a clause that completes "phone_number …"; undefined: nothing speaks against it. */
export function doubtOf(text: string, country: Country): string | undefined {
  const reading = readPhone(text, country);
  if ('fault' in reading) return undefined;
  const { digits, key } = reading.value;
  if (digits.length >= 15) return `has ${digits.length} digits`;
  if (digits.length <= 8) return `has ${digits.length} digits: is the area code missing?`;
  return parseByPlan(`+${key}`, undefined)?.isPossible() === true ? undefined : 'is in no numbering plan';
}

const NAMES = new Map<string, Country>();

/** What a file says about a country: a code, or a name in English, Spanish or Portuguese. */
export function readCountry(text: string | null): Country | undefined {
  const code = text?.trim().toUpperCase() ?? '';
  if (isCountry(code)) return code;
  if (NAMES.size === 0) fillNames();
  return NAMES.get(code.normalize('NFD').replace(/\p{M}/gu, ''));
}

function fillNames(): void {
  for (let first = 65; first <= 90; first++) {
    for (let second = 65; second <= 90; second++) {
      const code = String.fromCharCode(first, second);
      if (!isCountry(code)) continue;
      for (const language of ['en', 'es', 'pt']) {
        const name = new Intl.DisplayNames(language, { type: 'region' }).of(code) ?? code;
        NAMES.set(name.toUpperCase().normalize('NFD').replace(/\p{M}/gu, ''), code);
      }
    }
  }
  NAMES.set('MEX', 'MX').set('USA', 'US').set('52', 'MX').set('1', 'US');
}
