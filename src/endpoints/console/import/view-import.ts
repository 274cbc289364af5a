import type { ImportJob, ImportResult } from '../../../core/import-job.ts';
import type { ImportSummary } from '../../../core/lead-archive.ts';
import { FILE_FIELDS } from '../../../files/file-field.ts';
import { type ImportWords as FileWords, sayStored, withOptionNames } from '../../../files/import-words.ts';
import { ENGLISH_IMPORT } from '../../../files/import-words-en.ts';
import { SPANISH_IMPORT } from '../../../files/import-words-es.ts';
import type { Reader } from '../../pages/reader.ts';
import type { ImportWords } from './import-words.ts';

/** A form has at most 100 fields. */
const MOST_CHOICES = 80;
const SHOWN_WARNINGS = 20;
/** Any number would do: whoever has no list yet need not think of one. */
const FIRST_LIST = 1001;
/** What the field of the form says itself. */
const LIST_MISSING = 'no column holds the list';
/** Between two looks at an import that is at work, in seconds; 0: it is not looked at any more. */
const LOOK_S = 1;

const FILE_WORDS = { en: ENGLISH_IMPORT, es: SPANISH_IMPORT } satisfies Record<Reader['language'], FileWords>;

export function isAtWork({ state }: Pick<ImportJob, 'state'>): boolean {
  return state === 'waiting' || state === 'running';
}

/** One line of the list of files. */
export function viewJob(job: ImportJob, words: ImportWords) {
  const { id, fileName, by, state, work, begunAt } = job;
  const when = new Date(begunAt).toISOString().slice(0, 16).replace('T', ' ');
  return { id, name: fileName, by, when, state: words.stateOf(state, work) };
}

/** One line of the history. */
export function viewPast(
  { importId, startedAt, fileName, importedBy, state, canBeUndone, counts }: ImportSummary,
  words: ImportWords,
) {
  return {
    id: String(importId),
    when: startedAt.slice(0, 16),
    name: fileName,
    by: importedBy ?? '',
    state: words.historyStates[state],
    counts: countsText({ ...counts }, words),
    undo: canBeUndone ? words.undoOf(fileName) : undefined,
  };
}

/**
 * All of one import.
 *
 * @param isFirst there is no list yet
 */
export function viewImport(job: ImportJob, words: ImportWords, reader: Reader, isFirst: boolean) {
  const { state, progress, fault, preview, trial, result, size, received } = job;
  const atWork = isAtWork(job);
  const bytes = bytesText(reader);
  const fileWords = FILE_WORDS[reader.language];
  return {
    ...viewJob(job, words),
    refresh: atWork ? LOOK_S : 0,
    isAtWork: atWork,
    canStop: atWork && job.work !== 'undo',
    share: progress?.share,
    rows: progress === undefined ? undefined : words.rows(progress.rows),
    missing: state === 'receiving' ? words.received(bytes(received), bytes(size)) : undefined,
    fault,
    preview: preview && {
      kind: kindOf(preview, words),
      header: preview.columns.map(({ column }) => column),
      rows: preview.rows,
      notices: noticesIn(preview, fileWords),
      problems: preview.problems.filter((problem) => !problem.startsWith(LIST_MISSING)),
    },
    form: atWork || !job.hasFile ? undefined : viewForm(job, words, isFirst),
    trial: trial && state !== 'done' ? viewResult(trial, words, fileWords) : undefined,
    result: result && viewResult(result, words, fileWords),
    hasRejects: job.hasRejects,
    hasLeads: state === 'done',
  };
}

function kindOf({ kind, format, headerLine }: NonNullable<ImportJob['preview']>, words: ImportWords): string {
  const parts = [words.kinds[kind] ?? kind];
  if (format !== null) parts.push(words.formatOf(format));
  if (kind === 'csv' || kind === 'xlsx')
    parts.push(headerLine === 0 ? words.noHeader : words.headerLine(headerLine));
  return parts.join(', ');
}

/** What can be set before it is imported. */
function viewForm({ preview, options }: ImportJob, words: ImportWords, isFirst: boolean) {
  const columns = preview?.columns ?? [];
  const rows = preview?.rows ?? [];
  const worth = [...columns.keys()].filter(
    (at) => columns[at]?.became !== null || rows.some((row) => (row[at] ?? '') !== ''),
  );
  const chosen = worth.slice(0, MOST_CHOICES);
  const needsList = preview?.problems.some((problem) => problem.startsWith(LIST_MISSING)) === true;
  return {
    columns: chosen.map((at) => {
      const { column = '', became = null } = columns[at] ?? {};
      return {
        id: columnField(at),
        column,
        choices: choicesOf(column, became, options, words),
      };
    }),
    more: worth.length > chosen.length ? words.moreColumns(worth.length - chosen.length) : undefined,
    list: String(options.list ?? (needsList && isFirst ? FIRST_LIST : '')),
    needsList,
    keys: [
      { value: '', label: words.noKey, isChosen: options.key === undefined },
      ...columns
        .filter(({ column }) => column !== '')
        .map(({ column }) => ({ value: column, label: column, isChosen: column === options.key })),
    ],
    onDuplicates: Object.entries(words.onDuplicates).map(([value, label]) => ({
      value,
      label,
      isChosen: value === (options.onDuplicate ?? ''),
    })),
    replace: options.replace === true,
    replaceMost: options.replaceMost === true,
    acceptRejects: options.acceptRejects === true,
  };
}

/** The field of the form for a column, by its place in the file. */
export function columnField(at: number): string {
  return `column-${at}`;
}

/** By which a column's field of the form says what it becomes, beside the names of fields. */
export const COLUMN_CHOICES = { guessed: '', ignored: '-', custom: '+' } as const;

function choicesOf(column: string, became: string | null, options: ImportJob['options'], words: ImportWords) {
  const { map = [], custom = [], ignore = [] } = options;
  const mapped = map.find((text) => text.startsWith(`${column}=`))?.slice(column.length + 1);
  const { guessed, ignored, custom: own } = COLUMN_CHOICES;
  const now = mapped ?? (ignore.includes(column) ? ignored : custom.includes(column) ? own : guessed);
  const first = now === guessed ? words.asGuessed(became ?? words.leftOut) : words.asGuessed('…');
  return [
    { value: guessed, label: first },
    { value: ignored, label: words.leaveOut },
    { value: own, label: words.ownField },
    ...FILE_FIELDS.map((field) => ({ value: field, label: field })),
  ].map((choice) => ({ ...choice, isChosen: choice.value === now }));
}

interface ResultRead {
  readonly changedFields?: Readonly<Record<string, number>>;
  readonly keptBecause?: string | null;
  readonly firstRejected?: { readonly line: number; readonly reason: string } | null;
  readonly saidKept?: keyof FileWords['kept'] | null;
  readonly notices?: readonly string[];
  readonly saidNotices?: readonly unknown[];
  readonly warningCount?: number;
  readonly warnings?: readonly { readonly line: number; readonly text: string; readonly said?: unknown }[];
}

/** In the language of the page; as they were written where an earlier version wrote them. */
function noticesIn(
  { notices = [], saidNotices = [] }: Pick<ResultRead, 'notices' | 'saidNotices'>,
  words: FileWords,
): readonly string[] {
  return notices.map((text, at) => withOptionNames(sayStored(words.notices, saidNotices[at]) ?? text));
}

function viewResult(result: ImportResult, words: ImportWords, fileWords: FileWords) {
  const {
    changedFields = {},
    keptBecause,
    saidKept,
    firstRejected,
    warningCount = 0,
    warnings = [],
  } = result as ResultRead;
  return {
    counts: countsText(result, words),
    changedFields: Object.entries(changedFields)
      .map(([field, count]) => `${field} ${count}`)
      .join(', '),
    keptBecause: saidKept ? withOptionNames(fileWords.kept[saidKept]) : keptBecause,
    firstRejected: firstRejected ? words.firstRejected(firstRejected.line, firstRejected.reason) : undefined,
    notices: noticesIn(result, fileWords),
    warnings: warningCount > 0 ? words.warnings(warningCount) : undefined,
    shownWarnings: warnings
      .slice(0, SHOWN_WARNINGS)
      .map(({ line, text, said }) => words.line(line, sayStored(fileWords.warnings, said) ?? text)),
  };
}

/** `3 added, 2 changed, 0 unchanged` */
function countsText(counts: Readonly<Record<string, unknown>>, words: ImportWords): string {
  return Object.entries(words.countNames)
    .flatMap(([name, label]) => (typeof counts[name] === 'number' ? [`${counts[name]} ${label}`] : []))
    .join(', ');
}

function bytesText({ tag }: Reader): (bytes: number) => string {
  const format = new Intl.NumberFormat(tag, { maximumFractionDigits: 1 });
  return (bytes) => `${format.format(bytes / 1024 / 1024)} MiB`;
}
