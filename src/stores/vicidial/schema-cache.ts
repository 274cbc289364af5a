import { BoundedMap } from '../../core/bounded-map.ts';
import { batchStatements } from './batch-statements.ts';
import { type CustomFields, type ListCustom, readCustomFields } from './custom-fields.ts';
import { DatabaseFailure } from '../network/failure.ts';
import { missingOf, readSchema } from './schema.ts';
import { searchStatements } from './search-statements.ts';
import { type LookupRules, lookupStatements } from './statements.ts';
import type { Read } from './rows.ts';

/** The custom fields of so many lists are cached; the oldest entry goes first. */
const LISTS_LIMIT = 10_000;
/** From this age on a value is refreshed in the background, while the old one is still used. */
export const REFRESH_AFTER_MS = 20_000;
/** Beyond this age whoever needs the value waits for the new one. */
export const TOO_OLD_MS = 50_000;
/** After a failed refresh none is tried for so long. */
const FAILED_MS = 500;

export type SchemaSnapshot = Awaited<ReturnType<typeof readSnapshot>>;
export type SchemaCache = ReturnType<typeof createSchemaCache>;

/** The dialer's schema and the custom fields of its lists, so that a lookup reads the lead alone. */
export function createSchemaCache(read: Read, database: string, rules: LookupRules, now?: () => number) {
  const snapshot = createCached(() => readSnapshot(read, database, rules), now);
  const lists = new BoundedMap<number, Cached<ListCustom>>(LISTS_LIMIT);

  async function readList(listId: number): Promise<ListCustom> {
    const { settings, tables } = (await snapshot.get()).schema;
    if (!settings.customFields) return 'no fields';
    return readCustomFields(read, database, listId, tables.get('vicidial_lists_fields'));
  }

  function listOf(listId: number): Cached<ListCustom> {
    const known = lists.get(listId);
    if (known !== undefined) return known;
    const list = createCached(() => readList(listId), now);
    lists.set(listId, list);
    return list;
  }

  /** The snapshot first: a list is read by what it says. */
  async function refresh(listIds: readonly number[]): Promise<SchemaSnapshot> {
    const refreshed = await snapshot.refresh();
    await Promise.all(listIds.map((listId) => listOf(listId).refresh()));
    return refreshed;
  }

  return {
    snapshot: () => snapshot.get(),
    latest: () => snapshot.latest,
    /** The custom fields of a list. */
    custom: (listId: number) => listOf(listId).get(),
    /**
     * Runs `work`; when a statement of it fails because the schema has changed, refreshes the snapshot and the custom
     * fields of these lists and runs it once more.
     */
    use: <Result>(work: (snapshot: SchemaSnapshot) => Promise<Result>, listIds: readonly number[] = []) =>
      retryAfterRefresh({ get: () => snapshot.get(), refresh: () => refresh(listIds) }, work),
  };
}

/**
 * The dialer's schema, and what follows from it.
 *
 * @throws {DatabaseFailure} of kind `schema`: a table or column is missing that every lookup needs
 */
async function readSnapshot(read: Read, database: string, rules: LookupRules) {
  const schema = await readSchema(read, database, rules.customersDatabase);
  const missing = missingOf(schema, rules.listScope);
  if (missing.length > 0) {
    throw new DatabaseFailure('schema', `not there, or not to be read by our account: ${missing.join(', ')}`);
  }
  const users = schema.tables.get('vicidial_users')?.columns;
  return {
    schema,
    statements: lookupStatements(schema, rules),
    searches: searchStatements(schema, rules),
    batches: batchStatements(schema, rules),
    /** Whether our account may count failed logins where the dialer counts them. */
    mayCountFailures: ['failed_login_count', 'last_login_date'].every(
      (column) => users?.get(column)?.mayUpdate === true,
    ),
    prediction: createCustomPrediction(),
  };
}

/** Lists are loaded one after the other, so leads with neighbouring ids mostly share their list. */
const NEIGHBOURS = 1_024;
const PREDICTIONS_LIMIT = 10_000;

/** Predicts in which table a lead's custom values are: then they come with the lead, and not by a second statement. */
function createCustomPrediction() {
  const predictions = new BoundedMap<number, CustomFields | undefined>(PREDICTIONS_LIMIT);
  const neighbourhoodOf = (leadId: number) => Math.floor(leadId / NEIGHBOURS);
  return {
    /** undefined: no table is predicted. */
    of: (leadId: number) => predictions.get(neighbourhoodOf(leadId)),
    /** Notes the right table. */
    note(leadId: number, fields: CustomFields | undefined): void {
      const neighbourhood = neighbourhoodOf(leadId);
      if (predictions.get(neighbourhood) !== fields) predictions.set(neighbourhood, fields);
    },
  };
}

type Cached<Value> = ReturnType<typeof createCached<Value>>;

/**
 * A value read from the dialer: used for a while, refreshed in the background, and never older than TOO_OLD_MS.
 *
 * @param read asks the dialer; when it fails, the cached value stays in use until it is too old
 */
export function createCached<Value>(read: () => Promise<Value>, now: () => number = () => performance.now()) {
  let cached: { readonly value: Value; readonly at: number } | undefined;
  let reading: Promise<Value> | undefined;
  let failed: { readonly cause: unknown; readonly at: number } | undefined;

  async function readNow(): Promise<Value> {
    try {
      const value = await read();
      cached = { value, at: now() };
      failed = undefined;
      return value;
    } catch (cause) {
      failed = { cause, at: now() };
      throw cause;
    } finally {
      reading = undefined;
    }
  }

  /** Reads it now: the cached value has proved wrong. */
  const refresh = () => (reading ??= readNow());

  const hasJustFailed = () => failed !== undefined && now() - failed.at < FAILED_MS;

  return {
    /** However old; undefined: nothing was read yet. */
    get latest() {
      return cached?.value;
    },
    refresh,
    /** Waits only when there is no value yet, or it is too old. */
    async get(): Promise<Value> {
      const age = cached === undefined ? Infinity : now() - cached.at;
      if (cached === undefined || age > TOO_OLD_MS) {
        if (hasJustFailed()) throw failed?.cause;
        return refresh();
      }
      if (age > REFRESH_AFTER_MS && reading === undefined && !hasJustFailed())
        void refresh().catch(() => undefined);
      return cached.value;
    },
  };
}

/** Runs `work` with a cached value, and once more with a refreshed one where the value has proved wrong. */
export async function retryAfterRefresh<Value, Result>(
  cached: Pick<Cached<Value>, 'get' | 'refresh'>,
  work: (value: Value) => Promise<Result>,
): Promise<Result> {
  const value = await cached.get();
  try {
    return await work(value);
  } catch (cause) {
    if (!(cause instanceof DatabaseFailure) || cause.kind !== 'schema') throw cause;
    return await work(await cached.refresh());
  }
}
