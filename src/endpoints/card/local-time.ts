import type { Country } from '../../core/phone.ts';

const MINUTES_OF_HOUR = 60;

/** The one time zone of a country; undefined: it has several, or none is known. Bounded by the number of countries. */
const zones = new Map<Country, string | undefined>();

/**
 * How many minutes the clocks of a caller are ahead of UTC.
 *
 * @param gmtOffset hours, as a dialer has it for the lead
 * @param country of the number, where the dialer says nothing: it counts where all of it has one time
 * @returns undefined where it is not known
 */
export function offsetOf(
  gmtOffset: number | undefined,
  country: Country | undefined,
  now: number,
): number | undefined {
  if (gmtOffset !== undefined) return Math.round(gmtOffset * MINUTES_OF_HOUR);
  if (country === undefined) return undefined;
  if (!zones.has(country)) zones.set(country, onlyZoneOf(country, new Date(now).getUTCFullYear()));
  const zone = zones.get(country);
  return zone === undefined ? undefined : offsetIn(zone, now);
}

/** The same for the time zones of a place. @returns undefined where there is none, or their clocks differ at that moment */
export function offsetOfZones(zones: readonly string[], now: number): number | undefined {
  const offsets = new Set(zones.map((zone) => offsetIn(zone, now)));
  return offsets.size === 1 ? [...offsets][0] : undefined;
}

/** The types of the compiler do not have it yet. */
type ZonedLocale = Intl.Locale & { readonly getTimeZones?: () => string[] | undefined };

/** Of a country whose clocks show one time in winter and in summer. */
function onlyZoneOf(country: Country, year: number): string | undefined {
  const locale = new Intl.Locale('und', { region: country }) as ZonedLocale;
  const [first, ...others] = locale.getTimeZones?.() ?? [];
  if (first === undefined) return undefined;
  const seasons = [0, 6].map((month) => Date.UTC(year, month, 15));
  const isSame = (zone: string) => seasons.every((at) => offsetIn(zone, at) === offsetIn(first, at));
  return others.every(isSame) ? first : undefined;
}

function offsetIn(timeZone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(at);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign = '+', hours = '0', minutes = '0'] = /^GMT([+-])(\d\d):(\d\d)$/.exec(name) ?? [];
  const offset = Number(hours) * MINUTES_OF_HOUR + Number(minutes);
  return sign === '-' ? -offset : offset;
}
