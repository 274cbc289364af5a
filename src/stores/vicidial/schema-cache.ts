import { BoundedMap } from '../../core/bounded-map.ts';
import { andThen } from '../../core/and-then.ts';
import { readCustomFields, type ListCustom } from './custom-fields.ts';
import { DialerFailureError } from './dialer-failure.ts';
import { createCached, type Cached } from './cached.ts';
import { missingOf, readSchema, type DialerSchema, type Read } from './schema.ts';
import { searchStatements, type SearchStatements } from './search-statements.ts';
import { lookupStatements, type LookupRules, type LookupStatements } from './statements.ts';

/** So many lists' custom fields are remembered; the one that was learnt first goes first. */
const LISTS_LIMIT = 10_000;

/** What is known of a dialer, and what follows from it. */
export interface SchemaSnapshot {
  readonly schema: DialerSchema;
  readonly statements: LookupStatements;
  readonly searches: SearchStatements;
  /** Whether our account may count failed logins where the dialer counts them. */
  readonly mayCountFailures: boolean;
}

/** What callercard has learnt of a dialer: asked once and remembered, so that a lookup asks for the lead alone. */
export interface SchemaCache {
  /** @throws {DialerFailureError} of kind `schema`: something is not there without which nothing can be answered */
  snapshot(): SchemaSnapshot | Promise<SchemaSnapshot>;
  /** What was learnt last, however old; undefined: nothing yet. */
  readonly known: SchemaSnapshot | undefined;
  /** Looks again, now. */
  refresh(): Promise<SchemaSnapshot>;
  custom(listId: number): ListCustom | Promise<ListCustom>;
  refreshCustom(listId: number): Promise<ListCustom>;
}

export function createSchemaCache(
  read: Read,
  database: string,
  rules: LookupRules,
  now?: () => number,
): SchemaCache {
  const facts = createCached(() => learnFacts(read, database, rules), now);
  const lists = new BoundedMap<number, Cached<ListCustom>>(LISTS_LIMIT);

  /** What is known of the dialer itself may be out of date, too. */
  async function learnList(listId: number): Promise<ListCustom> {
    return retryAfterRefresh(
      facts.get(),
      () => facts.learn(),
      ({ schema }) =>
        schema.settings.customFields
          ? readCustomFields(read, database, listId, schema.tables.get('vicidial_lists_fields'))
          : ('no fields' as const),
    );
  }

  function listOf(listId: number): Cached<ListCustom> {
    let list = lists.get(listId);
    if (list === undefined) {
      list = createCached(() => learnList(listId), now);
      lists.set(listId, list);
    }
    return list;
  }

  return {
    snapshot: () => facts.get(),
    get known() {
      return facts.known;
    },
    refresh: () => facts.learn(),
    custom: (listId) => listOf(listId).get(),
    refreshCustom: (listId) => listOf(listId).learn(),
  };
}

async function learnFacts(read: Read, database: string, rules: LookupRules): Promise<SchemaSnapshot> {
  const schema = await readSchema(read, database, rules.customersDatabase);
  const missing = missingOf(schema, rules.listScope);
  if (missing.length > 0) {
    throw new DialerFailureError(
      'schema',
      `not there, or not to be read by our account: ${missing.join(', ')}`,
    );
  }
  const users = schema.tables.get('vicidial_users')?.columns;
  return {
    schema,
    statements: lookupStatements(schema, rules),
    searches: searchStatements(schema, rules),
    mayCountFailures: ['failed_login_count', 'last_login_date'].every(
      (column) => users?.get(column)?.mayUpdate === true,
    ),
  };
}

/**
 * Works by what is known, and once more after learning, when that has proved wrong.
 *
 * @param known at once where it is remembered: most lookups then wait for nothing but their statement
 */
export function retryAfterRefresh<Known, Result>(
  known: Known | Promise<Known>,
  learn: () => Promise<Known>,
  work: (known: Known) => Result | Promise<Result>,
): Result | Promise<Result> {
  function again(cause: unknown): Promise<Result> {
    if (!(cause instanceof DialerFailureError) || cause.kind !== 'schema') throw cause;
    return learn().then(work);
  }
  return andThen(known, (first) => {
    const result = work(first);
    return result instanceof Promise ? result.catch(again) : result;
  });
}
