import type { LeadArchive, LeadRecord } from '../../core/lead-archive.ts';
import { type Lead, LEAD_FIELDS } from '../../core/lead.ts';
import type { Read, Row } from '../network/connector.ts';
import { withStoreFailure } from '../network/pool.ts';
import { customInfoOf, furtherNumbersOf } from '../rows.ts';
import type { Database } from './database.ts';
import { endKilledImports, listImports, undoImport } from './import-history.ts';
import { readLists } from './import-lists.ts';
import { PostgresqlImport } from './lead-import.ts';
import { quoted } from './rows.ts';
import { indexSome } from './search-index.ts';
import type { Session } from './transactions.ts';
import { BULK_STATEMENTS } from './write-leads.ts';

/** Leads that an export has in memory, twice: the next ones are on their way. */
const EXPORTED_AT_ONCE = 1_000;

/** The advisory lock of whoever imports. */
export const CLAIM = `(hashtext(current_schema()), hashtext('import'))`;

/** The statements of exports and of the claim of a store: a test reads the query plan of each. */
export const ARCHIVE_STATEMENTS = {
  claim: `SELECT pg_try_advisory_lock${CLAIM}`,
  release: `SELECT pg_advisory_unlock${CLAIM}`,
  count: 'SELECT count(*) FROM leads',
  countByList: 'SELECT list_id, count(*) FROM leads GROUP BY list_id',
  hasFurtherNumbers: 'SELECT EXISTS (SELECT 1 FROM leads WHERE further_numbers IS NOT NULL)',
  leads: `SELECT ${LEAD_FIELDS.map(quoted).join(', ')}, is_customer, custom, last_local_call_time, modify_date, further_numbers
    FROM leads WHERE lead_id > $1 ORDER BY lead_id LIMIT ${EXPORTED_AT_ONCE}`,
} as const;

/** Import and export of a store in PostgreSQL. @param erasedDays for so long an import leaves out who was erased */
export function createLeadArchive(database: Database, erasedDays: number): LeadArchive {
  const { country, read, transaction } = database;
  const shared = createSharedSession(database);
  const claimImport = createClaim(shared);

  async function* withShared<Piece>(work: (session: Session) => AsyncIterable<Piece>): AsyncGenerator<Piece> {
    const { session, release } = await shared.acquire();
    try {
      yield* work(session);
    } finally {
      await release();
    }
  }

  return {
    async startImport(columns, onDuplicate, description) {
      const { session, release } = await shared.acquire();
      try {
        const settings = { session, country, columns, onDuplicate, description, erasedDays, release };
        return await PostgresqlImport.start(settings);
      } catch (cause) {
        await release();
        throw cause;
      }
    },
    imports: () => withStoreFailure(() => listImports(read)),
    undoImport: (importId) =>
      withShared(async function* (session) {
        await session.runScript(BULK_STATEMENTS.stage);
        yield* undoImport(session, country, importId);
      }),
    claimImport: () => withStoreFailure(claimImport),
    endKilledImports: () =>
      withShared(async function* (session) {
        await session.runScript(BULK_STATEMENTS.stage);
        yield* endKilledImports(session, country);
      }),
    async *indexSearch() {
      let [leads, left] = [0, 1];
      while (left > 0) {
        const done = await transaction(({ run }) => indexSome(run));
        [leads, left] = [leads + done.leads, done.left];
        yield { leads, left };
      }
    },
    lists: () => readLists(read),
    countLeads: async () => Number((await readLong(database, ARCHIVE_STATEMENTS.count))[0]?.[0]),
    countByList: async () => {
      const rows = await readLong(database, ARCHIVE_STATEMENTS.countByList);
      return new Map(rows.map(([listId, count]) => [Number(listId), Number(count)]));
    },
    hasFurtherNumbers: async () =>
      (await readLong(database, ARCHIVE_STATEMENTS.hasFurtherNumbers))[0]?.[0] === true,
    leads: () => readLeads(database),
  };
}

/** One session for an import and its claim, as long as somebody uses it: with the connection the claim is given back. */
function createSharedSession(database: Database) {
  let opened: Promise<Session> | undefined;
  let users = 0;

  async function release(): Promise<void> {
    users -= 1;
    if (users > 0) return;
    const session = opened;
    opened = undefined;
    await (await session)?.close();
  }

  return {
    async acquire(): Promise<{ readonly session: Session; readonly release: () => Promise<void> }> {
      users += 1;
      opened ??= database.session();
      try {
        return { session: await opened, release };
      } catch (cause) {
        users -= 1;
        opened = undefined;
        throw cause;
      }
    },
  };
}

/** @returns claims the store for an import: gives what gives the claim back; undefined: another import runs */
function createClaim(shared: ReturnType<typeof createSharedSession>) {
  // The server would give a session its own lock once more.
  let isTaken = false;

  async function take(): Promise<(() => Promise<void>) | undefined> {
    const { session, release } = await shared.acquire();
    let isClaimed = false;
    try {
      const [claimed] = await session.run(ARCHIVE_STATEMENTS.claim, []);
      isClaimed = claimed?.[0] === true;
    } finally {
      if (!isClaimed) await release();
    }
    if (!isClaimed) return undefined;
    return async () => {
      // Where the connection is lost, the server has given it back.
      await session.run(ARCHIVE_STATEMENTS.release, []).catch(() => undefined);
      await release();
    };
  }

  return async () => {
    if (isTaken) return undefined;
    isTaken = true;
    let release: (() => Promise<void>) | undefined;
    try {
      release = await take();
    } finally {
      isTaken = release !== undefined;
    }
    if (release === undefined) return undefined;
    return async () => {
      await release().finally(() => {
        isTaken = false;
      });
    };
  };
}

/** A statement that reads all leads. */
async function readLong(database: Database, sql: string): Promise<readonly Row[]> {
  const session = await database.session();
  try {
    return await session.run(sql, []);
  } finally {
    await session.close();
  }
}

/** All of one moment, however long it takes. */
async function* readLeads(database: Database): AsyncGenerator<LeadRecord> {
  const session = await database.session();
  try {
    await session.run('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', []);
    const lists = await readLists(session.run);
    const fields = new Map(lists.map(({ listId, customFields }) => [listId, customFields]));
    for await (const row of pagesOf(session.run)) {
      const lead = Object.fromEntries(LEAD_FIELDS.map((field, at) => [field, row[at]])) as Lead;
      const [isCustomer, custom, lastLocalCallTime, modifyDate, further] = row.slice(LEAD_FIELDS.length);
      yield {
        lead,
        custom: customInfoOf(custom as string | null, fields.get(lead.list_id) ?? []),
        isCustomer: isCustomer === true,
        lastLocalCallTime: lastLocalCallTime as string | null,
        modifyDate: String(modifyDate),
        further: furtherNumbersOf(further as string | null),
      };
    }
  } finally {
    await session.close();
  }
}

async function* pagesOf(run: Read): AsyncGenerator<Row> {
  let next = run(ARCHIVE_STATEMENTS.leads, [0]);
  for (;;) {
    const rows = await next;
    const last = rows.at(-1);
    if (last === undefined) return;
    next = run(ARCHIVE_STATEMENTS.leads, [Number(last[0])]);
    // It is heard of when it is waited for, if anybody still is.
    next.catch(() => undefined);
    yield* rows;
  }
}
