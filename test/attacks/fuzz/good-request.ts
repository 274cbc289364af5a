import { PASSWORD } from '../../service/lookup-fixture.ts';
import { KNOWN_NAMES, PATH } from './dictionary.ts';
import type { SeededRandom } from '../../support/seeded-random.ts';

/** Leads 1 to so many are there, with this number each, and so many users who may see them. */
export const FUZZ_LEADS = 200;
export const FUZZ_USERS = 300;

/** Who may change leads, but sees only a list of its own: what it writes is in no answer that is checked. */
export const WRITER = 'writer';
export const WRITERS_LIST = 2;

export function fuzzUser(at: number): string {
  return `crm${at}`;
}

/** A number of ten digits, as it is stored. */
export function fuzzPhone(leadId: number): string {
  return String(5_500_000_000 + leadId);
}

export function fuzzName(leadId: number): string {
  return `Name ${leadId}`;
}

export type Pairs = readonly (readonly [name: string, value: string])[];

/** The parameters of a lookup as the API is documented, and the lead that they find. */
export function goodLookup(random: SeededRandom): { readonly pairs: Pairs; readonly leadId: number } {
  const leadId = 1 + random.below(FUZZ_LEADS);
  const asked = random.chance(1 / 3) ? ['phone_number', fuzzPhone(leadId)] : ['lead_id', String(leadId)];
  const [name = '', value = ''] = asked;
  return {
    leadId,
    pairs: [
      ['goUser', fuzzUser(random.below(FUZZ_USERS))],
      ['goPass', PASSWORD],
      ['goAction', 'goGetCustomerInfo'],
      ['responsetype', random.pick(['json', 'xml'])],
      [name, value],
    ],
  };
}

export function formOf(pairs: Pairs): string {
  return new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value])).toString();
}

/** A good request on a connection that stays open. */
export function goodRequest(random: SeededRandom): { readonly bytes: Buffer; readonly leadId: number } {
  const { pairs, leadId } = goodLookup(random);
  const form = formOf(pairs);
  if (random.chance(1 / 2))
    return { leadId, bytes: Buffer.from(`GET ${PATH}?${form} HTTP/1.1\r\nHost: localhost\r\n\r\n`) };
  const isJson = random.chance(1 / 2);
  const body = isJson ? JSON.stringify(Object.fromEntries(pairs)) : form;
  const type = isJson ? 'application/json' : 'application/x-www-form-urlencoded';
  const head = `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\n`;
  const isChunked = random.chance(1 / 3);
  const rest = isChunked
    ? `Transfer-Encoding: chunked\r\n\r\n${chunksOf(random, body)}`
    : `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  return { leadId, bytes: Buffer.from(head + rest) };
}

export function chunksOf(random: SeededRandom, body: string): string {
  const parts = random.cut(Buffer.from(body), 4).filter(({ length }) => length > 0);
  const chunk = (part: Buffer) => `${part.length.toString(16)}\r\n${part.toString('latin1')}\r\n`;
  return `${parts.map(chunk).join('')}0\r\n\r\n`;
}

/** Whether these parameters could hold right credentials, whichever of repeated names count. */
export function couldLogIn(pairs: Pairs): boolean {
  const phpName = (name: string) => name.replace(/^ +/, '').replace(/[ .[].*$/, '');
  return (
    pairs.some(([name, value]) => phpName(name) === KNOWN_NAMES[1] && value === PASSWORD) &&
    pairs.some(([name]) => phpName(name) === KNOWN_NAMES[0])
  );
}
