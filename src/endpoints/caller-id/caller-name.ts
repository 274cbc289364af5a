import type { Lead } from '../../core/lead.ts';
import type { Finding } from '../../core/lead-store.ts';

/** What displays of telephones and their protocols take. */
const MAX_CHARACTERS = 80;

/**
 * The name that a telephone shows for a lead; empty when none is stored. Nothing but characters that are seen, and none that
 * would end a name in a SIP header, begin a tag on a switchboard's page, or be a variable, a command or a format to a switchboard:
 * FreeSWITCH runs `${system …}` in a caller's name wherever a dialplan uses it.
 */
export function callerName({ first_name, middle_initial, last_name }: Lead): string {
  return shown([first_name, middle_initial, last_name].filter((part) => part !== null).join(' '));
}

/**
 * `key=value&…` for Asterisk's `CURLOPT(hashcompat)`: percent-encoded, spaces as `%20`, which both of its modes read.
 * What is empty is left out.
 */
export function callerHash({ lead, isCustomer, foundBy }: Finding): string {
  const { lead_id, list_id, title, first_name, middle_initial, last_name, city, state, status } = lead;
  const told = {
    name: callerName(lead),
    lead_id,
    list_id,
    title,
    first_name,
    middle_initial,
    last_name,
    city,
    state,
    status,
    is_customer: isCustomer ? 1 : 0,
    matched: foundBy?.column,
    matches: foundBy?.matches,
  };
  return Object.entries(told)
    .map(([key, value]) => [key, shown(String(value ?? ''))] as const)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    .join('&');
}

function shown(text: string): string {
  const visible = text
    .toWellFormed()
    .replace(/[\p{C}\s]+/gu, ' ')
    .replace(/[<>"\\${}`%]/g, '')
    .trim();
  return Array.from(visible).slice(0, MAX_CHARACTERS).join('').trim();
}
