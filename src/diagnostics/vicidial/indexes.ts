import type { Inspection } from '../../core/inspection.ts';
import { listed, type Inspected } from './inspected.ts';
import type { DialerTable } from '../../stores/vicidial/schema.ts';
import { lookupStatements } from '../../stores/vicidial/statements.ts';

interface WantedIndex {
  readonly table: DialerTable;
  readonly column: string;
  readonly level: 'advice' | 'problem';
  readonly without: string;
  readonly gives: string;
}

const BY_NUMBER: WantedIndex = {
  table: 'vicidial_list',
  column: 'phone_number',
  level: 'problem',
  without: 'no lead is found by its number',
  gives: 'callers are found by their number',
};
const WANTED: readonly WantedIndex[] = [
  {
    table: 'vicidial_list',
    column: 'lead_id',
    level: 'problem',
    without: 'each lookup reads every lead',
    gives: 'leads are found by their id',
  },
  BY_NUMBER,
  {
    table: 'vicidial_list',
    column: 'alt_phone',
    level: 'advice',
    without: 'alt_phone is not searched',
    gives: 'callers from a second number are found',
  },
  {
    table: 'vicidial_users',
    column: 'user',
    level: 'problem',
    without: 'each lookup reads every user',
    gives: 'the user is found at once',
  },
];
const WANTED_BY_CAMPAIGN: readonly WantedIndex[] = [
  {
    table: 'vicidial_lists',
    column: 'list_id',
    level: 'problem',
    without: 'each lookup reads every list',
    gives: "a lead's campaign is found at once",
  },
  {
    table: 'vicidial_user_groups',
    column: 'user_group',
    level: 'problem',
    without: 'each lookup reads every user group',
    gives: 'what a user may see is found at once',
  },
];
const THIRD_NUMBER: WantedIndex = {
  table: 'vicidial_list',
  column: 'address3',
  level: 'advice',
  without: 'address3 is not searched, though address3IsPhone is true',
  gives: 'callers from a third number are found',
};

/** Indexes that lookups need, and the statement that makes a missing one. */
export function* inspectIndexes({ schema, rules, config }: Inspected): Generator<Inspection> {
  const wanted = [
    ...WANTED,
    ...(rules.address3IsPhone ? [THIRD_NUMBER] : []),
    ...(config.listScope === 'campaigns' ? WANTED_BY_CAMPAIGN : []),
  ];
  for (const { table, column, level, without, gives } of wanted) {
    const found = schema.tables.get(table);
    if (found?.columns.has(column) !== true || found.indexed.has(column)) continue;
    yield {
      level,
      subject: 'indexes',
      message: `no index on ${table}.${column}: ${without}`,
      advice: `ALTER TABLE ${table} ADD INDEX ${column} (${column}); then ${gives}. ${WHEN[table] ?? 'It takes a moment.'}`,
    };
  }
  const { searched } = lookupStatements(schema, rules);
  if (searched.length > 0) {
    yield { level: 'ok', subject: 'indexes', message: `searched by index: ${listed(searched)}` };
  }
}

const WHEN: Readonly<Partial<Record<DialerTable, string>>> = {
  vicidial_list:
    'It locks the table while it is built, on every server of a cluster, so do it at night, when nobody dials',
};
