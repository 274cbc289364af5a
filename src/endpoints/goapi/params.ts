import { isUtf8 } from 'node:buffer';

import { ProblemError } from '../../core/problem.ts';
import type { ParameterValue } from '../../core/query.ts';

/** Parameters by their PHP name. */
export type Params = ReadonlyMap<string, ParameterValue | ListValue>;

type ListParts = [keys: readonly string[], text: string][];

/** How many parameters a request may have, and how long each. */
export interface ParamLimits {
  readonly parameters: number;
  readonly valueBytes: number;
}

/** Of every request but a form. */
export const REQUEST_LIMITS: ParamLimits = { parameters: 100, valueBytes: 1024 };
/** The action that takes a form with every field of a lead: two parameters for each. */
export const UPDATE_ACTION = 'goUpdateCustomer';
export const FORM_LIMITS: ParamLimits = { parameters: 500, valueBytes: 8 * 1024 };

const MAX_NAME_BYTES = 64;

/** Thrown before a password is looked at. */
export function tooMany({ parameters }: ParamLimits): ProblemError {
  return unparsable(`more than ${parameters} parameters`);
}

const NOT_ONE_VALUE = 'must be one value, not a list';

/** What PHP reads as an array: no one value, but each of its texts with the keys that lead to it (`['0', 'name']`). */
export interface ListValue {
  readonly fault: string;
  readonly parts: readonly (readonly [keys: readonly string[], text: string])[];
}

const IS_ENCODED = /[%+]/;

/** Collects parameters as PHP reads them: its names, and of a repeated name the last value. */
export class ParamCollector {
  readonly params = new Map<string, ParameterValue | ListValue>();
  readonly #limits: ParamLimits;
  #count = 0;

  constructor(limits: ParamLimits) {
    this.#limits = limits;
  }

  /** @throws {ProblemError} one of the limits is passed */
  add(sentName: string, value: ParameterValue | ListValue): void {
    const { parameters, valueBytes } = this.#limits;
    this.#count += 1;
    if (this.#count > parameters) throw tooMany(this.#limits);
    if (isLonger(sentName, MAX_NAME_BYTES)) refuse(`a parameter name of more than ${MAX_NAME_BYTES} bytes`);
    if (typeof value === 'string' && isLonger(value, valueBytes)) {
      refuse(`a parameter value of more than ${valueBytes} bytes`);
    }
    const { name, keys } = phpName(sentName);
    if (name !== '') this.params.set(name, keys === undefined ? value : this.#withPart(name, keys, value));
  }

  #withPart(name: string, keys: readonly string[], value: ParameterValue | ListValue): ListValue {
    const known = this.params.get(name);
    // One list for all of its parts: a form has hundreds.
    const parts = typeof known === 'object' && 'parts' in known ? (known.parts as ListParts) : [];
    if (typeof value === 'string') parts.push([keys, value]);
    return { fault: NOT_ONE_VALUE, parts };
  }
}

/**
 * Reads `a=1&b=2`, as it stands in a query string or a form body: decoded once, `+` as a space.
 *
 * @throws {ProblemError} a broken percent-encoding (bytes that are no UTF-8 included) or a limit that is passed
 */
export function readPairs(text: string, limits = REQUEST_LIMITS): Params {
  const collector = new ParamCollector(limits);
  const read = IS_ENCODED.test(text) ? decode : (part: string) => part;
  // Not by `split`: of thousands of empty pairs it makes texts.
  for (let start = 0; start <= text.length;) {
    const next = text.indexOf('&', start);
    const pair = text.slice(start, next === -1 ? text.length : next);
    start += pair.length + 1;
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = equals === -1 ? pair : pair.slice(0, equals);
    collector.add(read(name), equals === -1 ? '' : read(pair.slice(equals + 1)));
  }
  return collector.params;
}

/** The query's values win over the body's. */
export function mergeParams(query: Params, body: Params | undefined | null): Params {
  if (body === undefined || body === null) return query;
  return query.size === 0 ? body : new Map([...body, ...query]);
}

/** @throws {ProblemError} the bytes are no UTF-8 */
export function decodeUtf8(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString() : refuse('bytes that are no UTF-8');
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return refuse('a broken percent-encoding');
  }
}

/** PHP's rule for names: spaces before it go, a space or a dot becomes `_`, `name[...]` is an array with these keys. */
function phpName(sentName: string): { name: string; keys?: readonly string[] } {
  if (/^\w+$/.test(sentName)) return { name: sentName };
  const trimmed = sentName.replace(/^ +/, '');
  const bracket = trimmed.indexOf('[');
  const isArray = bracket > 0 && trimmed.includes(']', bracket);
  const name = (isArray ? trimmed.slice(0, bracket) : trimmed).replace(/[ .[]/g, '_');
  if (!isArray) return { name };
  return { name, keys: [...trimmed.slice(bracket).matchAll(/\[([^\]]*)\]/g)].map(([, key = '']) => key) };
}

/** The texts of a JSON list or object with the keys that lead to them. */
export function listOf(value: object, fault: string): ListValue {
  const parts: ListParts = [];
  const take = (inside: object, keys: readonly string[]): void => {
    for (const [key, one] of Object.entries(inside) as [string, unknown][]) {
      if (typeof one === 'string') parts.push([[...keys, key], one]);
      else if (typeof one === 'object' && one !== null) take(one, [...keys, key]);
    }
  };
  take(value, []);
  return { fault, parts };
}

function isLonger(text: string, bytes: number): boolean {
  // No character has more than three bytes for each of its UTF-16 units.
  return text.length * 3 > bytes && Buffer.byteLength(text) > bytes;
}

function refuse(reason: string): never {
  throw unparsable(reason);
}

function unparsable(reason: string): ProblemError {
  return new ProblemError({ code: 'request_unparsable', reason: `the request has ${reason}` });
}
