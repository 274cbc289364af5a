import { type Static, type TSchema, Type } from 'typebox';

import { FORMAT_NAMES } from '../../core/import-formats.ts';
import { IMPORT_STATES } from '../../core/import-job.ts';
import { MAX_LIST_ID } from '../../core/lead.ts';

const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const Count = Type.Integer({ minimum: 0 });
const Text = Type.String({ minLength: 1, maxLength: 500 });
const Columns = (description: string) => Type.Optional(Type.Array(Text, { maxItems: 1_000, description }));
const Whether = (description: string) => Type.Optional(Type.Boolean({ description }));

export const ImportId = Type.String({ description: 'The id of an import.', examples: ['q83v0fXkP1Zb'] });

/** What `callercard import` takes as flags, by the same names. */
const OPTIONS = {
  list: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MAX_LIST_ID, description: 'The list for rows without one.' }),
  ),
  map: Columns('Which field a column is: `THEIRS=OURS`.'),
  custom: Columns('Columns that are custom fields: `COLUMN` or `COLUMN:TYPE`.'),
  ignore: Columns('Columns that are left out.'),
  key: Type.Optional(
    Type.String({ ...Text, description: 'The column by which rows come back to their leads.' }),
  ),
  header_line: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 999_999_999, description: 'The line that names the columns.' }),
  ),
  sheet: Type.Optional(Type.String({ ...Text, description: 'The sheet of a workbook, by name or number.' })),
  format: Type.Optional(Type.Enum([...FORMAT_NAMES], { description: 'The program whose export it is.' })),
  dates: Type.Optional(
    Type.Enum(['dmy', 'mdy'], { description: 'How dates such as 31/12/1990 are written.' }),
  ),
  on_duplicate: Type.Optional(
    Type.Enum(['update', 'skip', 'add'], {
      description: 'What to do with a row whose number is there already, whatever the name.',
    }),
  ),
  strict: Whether('Unknown columns are an error.'),
  ignore_unknown: Whether('Unknown columns are left out.'),
  replace: Whether('Who is in the lists of the file, and not in the file, is removed.'),
  replace_most: Whether('That may be more than half of a list.'),
  accept_rejects: Whether('Rejected rows keep nobody from being removed.'),
  include_erased: Whether('Rows of people who were erased at their wish are taken.'),
  country: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z]{2}$',
      description: 'Of numbers without a country code; left out: that of the store.',
      examples: ['MX'],
    }),
  ),
};

export const NewImportSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200, description: 'Of the file, without folders.' }),
    size: Type.Integer({ minimum: 1, description: 'Its bytes.' }),
    ...OPTIONS,
  },
  {
    title: 'NewImport',
    additionalProperties: false,
    examples: [{ name: 'clientes.csv', size: 52, list: 1001 }],
  },
);

/** null takes one back. */
const OPTIONS_ANEW = Object.fromEntries(
  Object.entries(OPTIONS).map(([name, schema]) => [name, Type.Optional(orNull(schema))]),
);

export const ImportStartSchema = Type.Object(
  {
    ...OPTIONS_ANEW,
    dry_run: Whether('It is tried on a copy; `trial` says what would change.'),
    preview: Whether('It is only looked through once more.'),
  },
  {
    title: 'ImportStart',
    additionalProperties: false,
    description: 'Options replace those of the same name that it began with; null takes one back.',
    examples: [{ dry_run: true, list: 1001 }],
  },
);

const ColumnsRead = Type.Array(
  Type.Object({
    column: Type.String({ description: 'As the header has it.' }),
    became: orNull(Type.String({ description: 'A field; null: it is left out.' })),
  }),
);
const LineText = Type.Object({ line: Count, text: Type.String() });

export const ImportPreviewSchema = Type.Object(
  {
    kind: Type.String({ description: '`csv`, `xlsx`, `vcf` or `json`, by its content.' }),
    format: orNull(Type.String({ description: 'The program whose export it is.' })),
    header_line: Type.Integer({ minimum: 0, description: 'Counted from 1; 0: no line has names.' }),
    columns: ColumnsRead,
    rows: Type.Array(Type.Array(orNull(Type.String())), { description: 'The first ones.' }),
    notices: Type.Array(Type.String()),
    problems: Type.Array(Type.String(), { description: 'Why it cannot be imported so.' }),
  },
  { title: 'ImportPreview' },
);

export const ImportOutcomeSchema = Type.Object(
  {
    counts: Type.Record(Type.String(), Count, {
      description:
        'Rows or leads: `added`, `updated`, `unchanged`, `rejected`, with replace `removed`; of an undo `restored`, `removed`, `kept`.',
    }),
    changed_fields: Type.Record(Type.String(), Count, { description: 'Leads that it changed, by field.' }),
    removed_by_list: Type.Record(Type.String(), Count),
    kept_because: orNull(Type.String({ description: 'Why nobody was removed, in spite of replace.' })),
    columns: ColumnsRead,
    notices: Type.Array(Type.String()),
    first_rejected: orNull(LineText),
    warning_count: Count,
    warnings: Type.Array(LineText, { description: 'The first 100.' }),
  },
  { title: 'ImportOutcome', description: 'What an import, its trial or its undo came to.' },
);

export const ImportSchema = Type.Object(
  {
    id: ImportId,
    name: Type.String(),
    size: Type.Integer({ minimum: 0 }),
    received: Type.Integer({ minimum: 0, description: 'Bytes that are here: the next part begins there.' }),
    state: Type.Enum([...IMPORT_STATES], {
      description:
        '`receiving`: bytes are missing; `waiting`: for another import; `running`; `previewed`: it can be started; `failed` and `stopped`: the same, while its file is here.',
    }),
    work: Type.Enum(['preview', 'trial', 'import', 'undo'], { description: 'What is or was done last.' }),
    by: Type.String({ description: 'A user, or `token:NAME`.' }),
    begun_at: Type.String({ format: 'date-time' }),
    has_file: Type.Boolean({ description: 'The file is here, whole.' }),
    has_rejects: Type.Boolean(),
    import_id: orNull(Type.Integer({ minimum: 1, description: 'Its number in the history.' })),
    progress: orNull(Type.Object({ share: Type.Number({ minimum: 0, maximum: 1 }), rows: Count })),
    options: Type.Object(OPTIONS),
    preview: orNull(ImportPreviewSchema),
    trial: orNull(ImportOutcomeSchema),
    result: orNull(ImportOutcomeSchema),
    fault: orNull(Type.String({ description: 'Why it failed or was stopped.' })),
  },
  { title: 'Import', description: 'A file that is imported, or the undo of an import.' },
);
export type ImportResource = Static<typeof ImportSchema>;
export type ImportOutcomeResource = Static<typeof ImportOutcomeSchema>;

export const ImportsSchema = Type.Object(
  {
    files: Type.Array(ImportSchema, { description: 'Those of the last day on this machine.' }),
    history: Type.Array(
      Type.Object({
        import_id: Type.Integer({ minimum: 1 }),
        begun_at: Type.String({ format: 'date-time' }),
        name: Type.String(),
        by: Type.Union([Type.String(), Type.Null()], {
          description: 'A user, `token:NAME`, or `operator` by command; null: before this was written down.',
        }),
        state: Type.Enum(['running', 'done', 'stopped', 'undoing', 'undone']),
        can_be_undone: Type.Boolean(),
        counts: Type.Record(Type.String(), Count),
      }),
      { description: 'All imports, also by command.' },
    ),
  },
  { title: 'Imports', description: 'The newest first.' },
);
export type ImportsResource = Static<typeof ImportsSchema>;
