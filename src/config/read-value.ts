import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';

import type { Parsed } from '../core/problem.ts';

const MOST_WORKERS = 64;

export interface ValueType<Value> {
  /** What the value looks like, for `--help` and the documentation. */
  readonly form: string;
  readonly parse: (text: string) => Parsed<Value>;
}

/** Digits alone, within both ends. */
export function wholeNumber(min: number, max: number): ValueType<number> {
  const parse = (text: string) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    return value >= min && value <= max
      ? { value }
      : { fault: `must be a whole number from ${min} to ${max}` };
  };
  return { form: 'number', parse };
}

export function parseWorkers(text: string): Parsed<number> {
  if (text.toLowerCase() === 'auto') return { value: Math.min(availableParallelism(), MOST_WORKERS) };
  const number = wholeNumber(1, MOST_WORKERS).parse(text);
  return 'fault' in number ? { fault: `${number.fault}, or auto` } : number;
}

/** One of these words, in small or capital letters. */
export function oneOf<Choice extends string>(...choices: readonly Choice[]): ValueType<Choice> {
  const form = choices.join(', ');
  const parse = (text: string) => {
    const value = choices.find((known) => known === text.toLowerCase());
    return value === undefined ? { fault: `must be one of ${form}` } : { value };
  };
  return { form, parse };
}

/** A path, or none. */
export const OPTIONAL_PATH = {
  byDefault: '',
  form: 'path',
  parse: (text: string): Parsed<string> => ({ value: text }),
};

export function yesOrNo(text: string): Parsed<boolean> {
  if (/^(true|yes|on|1)$/i.test(text)) return { value: true };
  if (/^(false|no|off|0)$/i.test(text)) return { value: false };
  return { fault: 'must be true or false' };
}

export function list<Item>(text: string, parse: (item: string) => Parsed<Item>): Parsed<readonly Item[]> {
  const values: Item[] = [];
  for (const item of text.split(',').map((part) => part.trim())) {
    if (item === '') continue;
    const parsed = parse(item);
    if ('fault' in parsed) return { fault: `holds ${JSON.stringify(item)}, which ${parsed.fault}` };
    values.push(parsed.value);
  }
  return { value: values };
}

export function parseOrigin(text: string): Parsed<string> {
  const origin = URL.canParse(text) ? new URL(text).origin : 'null';
  if (origin === text && /^https?:/.test(text)) return { value: text };
  return { fault: 'is no origin (scheme, host and port alone: https://crm.example.com)' };
}

/** `local`, addresses and ranges; none for `off`. */
export function parseMetricsReaders(text: string): Parsed<readonly string[]> {
  if (text.toLowerCase() === 'off') return { value: [] };
  const readers = list(text, (item) =>
    item.toLowerCase() === 'local' ? { value: 'local' } : parseAddress(item),
  );
  return 'value' in readers && readers.value.length === 0
    ? { fault: 'must be local, off, or addresses and ranges' }
    : readers;
}

/** A token as a Bearer credential may be (RFC 6750), long enough that nobody guesses it; or none. */
export function parseMetricsToken(text: string): Parsed<string> {
  return text === '' || /^[\w.~+/-]{16,200}=*$/.test(text)
    ? { value: text }
    : { fault: 'must have 16 to 200 letters, digits and - . _ ~ + / (openssl rand -hex 32 makes one)' };
}

/** A secret, as it may be shown. */
export function maskAll(text: string): string {
  return text === '' ? '' : '***';
}

export function parseAddress(text: string): Parsed<string> {
  const [, address = '', bits = '0'] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return Number(bits) <= longest ? { value: text } : { fault: 'is no IP address or range (10.0.0.0/8)' };
}

/** As an address; a range of all of them would let every client name its own address. */
export function parseProxy(text: string): Parsed<string> {
  return /\/0+$/.test(text) ? { fault: 'is every address; name those of the proxies' } : parseAddress(text);
}
