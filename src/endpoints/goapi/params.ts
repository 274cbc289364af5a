import { isUtf8 } from 'node:buffer';

import { ProblemError } from '../../core/problem.ts';
import type { ParameterValue } from '../../core/query.ts';

/** Parameters by their PHP name. */
export type Params = ReadonlyMap<string, ParameterValue>;

export const MAX_PARAMETERS = 100;
const MAX_NAME_BYTES = 64;
const MAX_VALUE_BYTES = 1024;

/** Thrown before a password is looked at. */
export const TOO_MANY = unparsable(`more than ${MAX_PARAMETERS} parameters`);

const NOT_ONE_VALUE: ParameterValue = { fault: 'must be one value, not a list' };

const IS_ENCODED = /[%+]/;

/** Collects parameters as PHP reads them: its names, and of a repeated name the last value. */
export class ParamCollector {
  readonly #params = new Map<string, ParameterValue>();
  #count = 0;

  /** @throws {ProblemError} one of the limits is passed */
  add(sentName: string, value: ParameterValue): void {
    this.#count += 1;
    if (this.#count > MAX_PARAMETERS) throw TOO_MANY;
    if (isLonger(sentName, MAX_NAME_BYTES)) refuse(`a parameter name of more than ${MAX_NAME_BYTES} bytes`);
    if (typeof value === 'string' && isLonger(value, MAX_VALUE_BYTES)) {
      refuse(`a parameter value of more than ${MAX_VALUE_BYTES} bytes`);
    }
    const { name, isArray } = phpName(sentName);
    if (name !== '') this.#params.set(name, isArray ? NOT_ONE_VALUE : value);
  }

  get params(): Params {
    return this.#params;
  }
}

/**
 * Reads `a=1&b=2`, as it stands in a query string or a form body: decoded once, `+` as a space.
 *
 * @throws {ProblemError} a broken percent-encoding (bytes that are no UTF-8 included) or a limit that is passed
 */
export function readPairs(text: string): Params {
  const collector = new ParamCollector();
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

/** PHP's rule for names: spaces before it go, a space or a dot becomes `_`, `name[...]` is an array. */
function phpName(sentName: string): { name: string; isArray: boolean } {
  if (/^\w+$/.test(sentName)) return { name: sentName, isArray: false };
  const trimmed = sentName.replace(/^ +/, '');
  const bracket = trimmed.indexOf('[');
  const isArray = bracket > 0 && trimmed.includes(']', bracket);
  const name = isArray ? trimmed.slice(0, bracket) : trimmed;
  return { name: name.replace(/[ .[]/g, '_'), isArray };
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
