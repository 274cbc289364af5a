import { GOAPI_PATHS } from '../../src/endpoints/goapi/handler.ts';
import { USER } from './store.ts';

/** The targets of a benchmark's requests. */
export function byLead(leadId: number): string {
  return `${askAs(USER.name, USER.password)}&lead_id=${leadId}`;
}

export function byLeadAsXml(leadId: number): string {
  return byLead(leadId).replace('=json', '=xml');
}

export function byPhone(phone: string): string {
  return `${askAs(USER.name, USER.password)}&phone_number=${encodePhone(phone)}`;
}

/** A lookup of the first lead, by any user. */
export function asUser(name: string, password: string = USER.password): string {
  return `${askAs(name, password)}&lead_id=1`;
}

/** The ways in which the contract lets one write a ten-digit Mexican number, from the most to the least canonical. */
const SPELLINGS: readonly ((digits: string) => string)[] = [
  (digits) => digits,
  (digits) => `52${digits}`,
  (digits) => `521${digits}`,
  (digits) => `+52${digits}`,
  (digits) => `044${digits}`,
  (digits) => `01${digits}`,
  (digits) => `0052${digits}`,
  (digits) => `tel:+52${digits}`,
  (digits) => grouped(digits, (area, first, last) => `${area} ${first} ${last}`),
  (digits) => grouped(digits, (area, first, last) => `(${area}) ${first}-${last}`),
  (digits) => grouped(digits, (area, first, last) => `+52 ${area} ${first} ${last}`),
  (digits) => grouped(digits, (area, first, last) => `+52 1 (${area}) ${first}-${last}`),
];

/** The number in one of the contract's spellings: leads one after the other take them in turn. */
export function bySpelledPhone(leadId: number, phone: string): string {
  const spelling = SPELLINGS[leadId % SPELLINGS.length] ?? SPELLINGS[0];
  return byPhone(spelling?.(phone) ?? phone);
}

function grouped(digits: string, write: (area: string, first: string, last: string) => string): string {
  return write(digits.slice(0, 2), digits.slice(2, 6), digits.slice(6));
}

/** As strict clients do: parentheses, too. */
function encodePhone(phone: string): string {
  return encodeURIComponent(phone).replace(/[()]/g, (bracket) => (bracket === '(' ? '%28' : '%29'));
}

function askAs(name: string, password: string): string {
  return `${GOAPI_PATHS[0]}?goUser=${name}&goPass=${password}&goAction=goGetCustomerInfo&responsetype=json`;
}
