import { isVerifier } from '../auth/password-hash.ts';
import { RIGHT_BIT, USER_RIGHTS, type UserRight } from '../core/rights.ts';
import type { Inspection } from '../core/store.ts';
import { SELECT_ACCOUNT } from '../stores/sqlite/accounts.ts';
import type { Connection } from '../stores/sqlite/connection.ts';
import { LOGIN_STATEMENTS } from '../stores/sqlite/login-failures.ts';
import { newestTimeOf } from '../stores/sqlite/store-clock.ts';
import { CALL_STATEMENTS } from '../stores/sqlite/calls.ts';
import { DAILY_LEAD_STATEMENTS } from '../stores/sqlite/daily-leads.ts';
import { SHARED_STATEMENTS } from '../stores/sqlite/shared-numbers.ts';
import { TOKEN_STATEMENTS } from '../stores/sqlite/tokens.ts';
import { LOOKUP_STATEMENTS } from '../stores/sqlite/leads.ts';
import { SELECT_CUSTOM_FIELDS } from '../stores/rows.ts';
import { advise, ok, problem } from './inspection.ts';

/** Inspects an embedded store for `callercard check`. Reads everything and changes nothing. */
export function* inspectSqlite(connection: Connection): Generator<Inspection> {
  const { path, country } = connection;
  yield ok('store', `${path}, numbers of ${country}`);
  yield inspectIntegrity(connection);
  yield inspectPlans(connection);
  yield* inspectClock(connection);
  yield* inspectContent(connection);
}

function inspectIntegrity({ database, path }: Connection): Inspection {
  const result = String(database.prepare('PRAGMA integrity_check(1)').get()?.integrity_check);
  return result === 'ok'
    ? ok('integrity', 'every page and index is sound')
    : problem('integrity', result, `stop the server and restore ${path} from a backup`);
}

/** Every statement that a request may run. */
export function requestStatements(): readonly string[] {
  const scoped = [false, true].flatMap((restricted) => [
    LOOKUP_STATEMENTS.byId(restricted),
    LOOKUP_STATEMENTS.candidates(restricted, false),
    LOOKUP_STATEMENTS.candidates(restricted, true),
    LOOKUP_STATEMENTS.count(restricted),
  ]);
  return [
    ...scoped,
    LOOKUP_STATEMENTS.list,
    LOOKUP_STATEMENTS.details,
    ...Object.values(SHARED_STATEMENTS),
    SELECT_CUSTOM_FIELDS,
    SELECT_ACCOUNT,
    ...Object.values(LOGIN_STATEMENTS),
    ...Object.values(TOKEN_STATEMENTS),
    ...Object.values(DAILY_LEAD_STATEMENTS),
    ...Object.values(CALL_STATEMENTS),
  ];
}

/** The steps of a statement's plan that read a whole table; `counted` is one that the statement itself has made. */
export function scansOf({ database }: Connection, statement: string): readonly string[] {
  const parameters = new Set(statement.match(/\?\d?/g) ?? []);
  return database
    .prepare(`EXPLAIN QUERY PLAN ${statement}`)
    .all(...[...parameters].map(() => null))
    .map((step) => String(step.detail))
    .filter((detail) => /^SCAN (?!json_each|CONSTANT ROW|counted$)/.test(detail));
}

function inspectPlans(connection: Connection): Inspection {
  const scans = requestStatements().flatMap((statement) => scansOf(connection, statement));
  return scans.length === 0
    ? ok('indexes', 'every lookup reads by an index')
    : problem(
        'indexes',
        `some lookups read a whole table (${scans.join('; ')})`,
        'export the leads and import them into a new store',
      );
}

const HOUR_MS = 60 * 60 * 1000;

/** The store's time never goes back: docs/decisions/0031-clocks.md. */
function* inspectClock({ database }: Connection): Generator<Inspection> {
  const newest = newestTimeOf(database) ?? 0;
  if (newest <= Date.now() + HOUR_MS) return;
  yield advise(
    'clock',
    `the store has seen ${new Date(newest).toISOString()}, which is ahead of this machine's clock`,
    'set the clock right; a token whose end the store has seen stays ended, so make another one',
  );
}

function* inspectContent({ database }: Connection): Generator<Inspection> {
  const count = (sql: string): number => Number(Object.values(database.prepare(sql).get() ?? {})[0]);
  const leads = count('SELECT count(*) FROM leads');
  const lists = count('SELECT count(*) FROM lists');
  yield leads > 0
    ? ok('leads', `leads: ${leads}, lists: ${lists}`)
    : problem('leads', 'the store has no leads', 'callercard import FILE');
  const unsearchable = count(
    'SELECT count(*) FROM leads WHERE NOT EXISTS (SELECT 1 FROM lead_numbers WHERE lead_numbers.lead_id = leads.lead_id)',
  );
  if (unsearchable > 0) {
    yield advise(
      'telephone numbers',
      `leads without a number that can be searched for: ${unsearchable}`,
      'correct phone_number in your file and import it again',
    );
  }
  const verifiers = database.prepare('SELECT name, verifier FROM users').all();
  for (const { name } of verifiers.filter(({ verifier }) => !isVerifier(String(verifier)))) {
    yield problem(
      'users',
      `the stored password of ${String(name)} cannot be read, so nobody gets in by it`,
      `callercard user password ${String(name)}`,
    );
  }
  const rights = database
    .prepare('SELECT rights FROM users WHERE active = 1')
    .all()
    .map((row) => Number(row.rights));
  const having = (right: UserRight) => rights.filter((bits) => (bits & RIGHT_BIT[right]) !== 0).length;
  yield having('card') + having('read') > 0
    ? ok(
        'users',
        `active users: ${rights.length}; ${USER_RIGHTS.map((right) => `${right} ${having(right)}`).join(', ')}`,
      )
    : problem(
        'users',
        'no active user has the right card or read',
        'callercard user add NAME, or open the link that "callercard serve" prints while there is no user',
      );
}
