import { FORMAT_NAMES } from './import-formats.ts';
import type { ImportAsked } from './import-job.ts';
import { isObject } from './is-object.ts';
import { MAX_LIST_ID } from './lead.ts';
import { isCountry } from './phone.ts';
import type { ParameterFault } from './problem.ts';

const MOST_COLUMNS = 1_000;
const LONGEST_TEXT = 500;
const LONGEST_NAME = 200;

interface Option {
  readonly is: (value: unknown) => boolean;
  readonly must: string;
}

const isWhole = (value: unknown, most: number) =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most;
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST_TEXT;

const WHETHER: Option = { is: (value) => typeof value === 'boolean', must: 'must be true or false' };
const TEXT: Option = { is: isText, must: `must be a text of 1 to ${LONGEST_TEXT} characters` };
const TEXTS: Option = {
  is: (value) => Array.isArray(value) && value.length <= MOST_COLUMNS && value.every(isText),
  must: `must be a list of at most ${MOST_COLUMNS} texts of 1 to ${LONGEST_TEXT} characters`,
};
const oneOf = (...words: readonly string[]): Option => ({
  is: (value) => words.some((word) => word === value),
  must: `must be one of ${words.join(', ')}`,
});

/** The options of an import as requests name them, in the order of `callercard import --help`. */
const OPTIONS = {
  list: {
    is: (value) => isWhole(value, MAX_LIST_ID),
    must: `must be a whole number from 1 to ${MAX_LIST_ID}`,
  },
  map: TEXTS,
  custom: TEXTS,
  ignore: TEXTS,
  key: TEXT,
  header_line: { is: (value) => isWhole(value, 999_999_999), must: 'must be a line, counted from 1' },
  sheet: TEXT,
  format: oneOf(...FORMAT_NAMES),
  dates: oneOf('dmy', 'mdy'),
  on_duplicate: oneOf('update', 'skip', 'add'),
  strict: WHETHER,
  ignore_unknown: WHETHER,
  replace: WHETHER,
  replace_most: WHETHER,
  accept_rejects: WHETHER,
  include_erased: WHETHER,
  country: {
    is: (value) => typeof value === 'string' && isCountry(value),
    must: 'must be a two-letter country code (such as MX, US, ES)',
  },
} as const satisfies Readonly<Record<string, Option>>;

/** As requests write the names of options; `onDuplicate` is `on_duplicate`. */
const WORDS = new Map(Object.keys(OPTIONS).map((name) => [name, camelCase(name)]));

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase());
}

/** The options of an import as requests name them. */
export function writeImportAsked(asked: ImportAsked): Readonly<Record<string, unknown>> {
  const values = asked as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    [...WORDS].flatMap(([name, key]) => (values[key] === undefined ? [] : [[name, values[key]]])),
  );
}

type Faulty = { readonly faults: readonly ParameterFault[] };

/**
 * @param others what the request takes beside them
 * @param mayTakeBack null takes an option back that was given before
 */
function parseAsked(
  sent: unknown,
  mayTakeBack: boolean,
  others: Readonly<Record<string, Option>>,
): { readonly options: ImportAsked; readonly sent: Readonly<Record<string, unknown>> } | Faulty {
  if (!isObject(sent)) return { faults: [{ field: 'body', reason: 'must be a JSON object' }] };
  const known: Readonly<Record<string, Option>> = { ...OPTIONS, ...others };
  const faults = Object.entries(sent).flatMap(([field, value]): readonly ParameterFault[] => {
    const option = Object.hasOwn(known, field) ? known[field] : undefined;
    if (option === undefined) return [{ field: field.slice(0, 50), reason: 'is unknown here' }];
    return option.is(value) || (value === null && mayTakeBack) ? [] : [{ field, reason: option.must }];
  });
  if (sent.replace_most === true && sent.replace !== true)
    faults.push({ field: 'replace_most', reason: 'belongs to replace' });
  if (faults.length > 0) return { faults };
  const options = [...WORDS].flatMap(([name, key]) => (name in sent ? [[key, sent[name] ?? undefined]] : []));
  return { options: Object.fromEntries(options) as ImportAsked, sent };
}

/** Without what moves a cursor or makes a path. */
const FILE_NAME: Option = {
  is: (value) =>
    typeof value === 'string' && value.length <= LONGEST_NAME && /^[^\p{C}/\\]+$/u.test(value.trim()),
  must: `must be the name of a file without folders, of 1 to ${LONGEST_NAME} characters`,
};
const SIZE: Option = {
  is: (value) => isWhole(value, Number.MAX_SAFE_INTEGER),
  must: 'must be the number of its bytes, 1 at least',
};

/** Reads what begins an import: `name` and `size` of the file, and options. @param sent a JSON value */
export function parseNewImport(
  sent: unknown,
): { readonly fileName: string; readonly size: number; readonly options: ImportAsked } | Faulty {
  const parsed = parseAsked(sent, false, { name: FILE_NAME, size: SIZE });
  if ('faults' in parsed) return parsed;
  const { name, size } = parsed.sent;
  const missing = [
    ...(name === undefined ? [{ field: 'name', reason: FILE_NAME.must }] : []),
    ...(size === undefined ? [{ field: 'size', reason: SIZE.must }] : []),
  ];
  if (missing.length > 0) return { faults: missing };
  return { fileName: String(name).trim(), size: Number(size), options: parsed.options };
}

/** Reads what starts an import: options that replace those it began with; `dry_run`, or `preview` alone. */
export function parseImportStart(
  sent: unknown,
): { readonly work: 'preview' | 'trial' | 'import'; readonly options: ImportAsked } | Faulty {
  const parsed = parseAsked(sent ?? {}, true, { dry_run: WHETHER, preview: WHETHER });
  if ('faults' in parsed) return parsed;
  const { dry_run: isTrial, preview } = parsed.sent;
  const work = preview === true ? 'preview' : isTrial === true ? 'trial' : 'import';
  return { work, options: parsed.options };
}
