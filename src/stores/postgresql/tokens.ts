import type { CredentialStore, SessionEntry, Token, TokenDirectory } from '../../core/credential-store.ts';
import type { Row } from '../network/connector.ts';
import { withStoreFailure } from '../network/pool.ts';
import { LISTED_SESSIONS, SESSIONS_OF_USER } from '../rows.ts';
import type { Database } from './database.ts';
import { listsOf, scopeOf } from './rows.ts';

const TOKEN_COLUMNS = 'token_id, name, rights, lists, expires_at, revoked, created_at, ending';
const SESSION_COLUMNS = 'digest, user_name, expires_at, network, browser, last_seen_at';

/** The statements that a request runs for a key: a test reads the query plan of each. */
export const TOKEN_STATEMENTS = {
  token: `SELECT ${TOKEN_COLUMNS} FROM tokens WHERE digest = $1`,
  session: `SELECT ${SESSION_COLUMNS}, fingerprint FROM sessions WHERE digest = $1`,
  addSession: `INSERT INTO sessions (digest, user_name, fingerprint, expires_at, network, browser, last_seen_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7)`,
  seeSession: 'UPDATE sessions SET last_seen_at = greatest(last_seen_at, $1) WHERE digest = $2',
  dropSession: 'DELETE FROM sessions WHERE digest = $1',
  forgetSessions: `DELETE FROM sessions WHERE digest IN
                   (SELECT digest FROM sessions WHERE expires_at <= $1 LIMIT 1000)`,
  // Binds the user's name, a session that stays whatever the clock did, and how many others do: the newest.
  dropOldest: `DELETE FROM sessions WHERE digest IN
               (SELECT digest FROM sessions WHERE user_name = $1 AND digest <> $2 ORDER BY expires_at DESC OFFSET $3)`,
} as const;

/** Tokens and sessions of the store. */
export function createStoredCredentials(database: Database) {
  return { credentials: createCredentialStore(database), tokens: createTokenDirectory(database) };
}

/** For people, not for requests of programs. */
const LIST_SESSIONS = `SELECT ${SESSION_COLUMNS} FROM sessions WHERE expires_at > $1
                       ORDER BY user_name, expires_at DESC LIMIT ${LISTED_SESSIONS}`;
const LIST_SESSIONS_OF_USER = `SELECT ${SESSION_COLUMNS} FROM sessions
                               WHERE user_name = $1 AND expires_at > $2 ORDER BY expires_at DESC`;

function createCredentialStore({ read, write, transaction, clock }: Database): CredentialStore {
  return {
    now: clock.now,
    findToken: (digest) =>
      withStoreFailure(async () => {
        const [row] = await read(TOKEN_STATEMENTS.token, [digest]);
        return row && tokenOf(row);
      }),
    findSession: (digest) =>
      withStoreFailure(async () => {
        const [row] = await read(TOKEN_STATEMENTS.session, [digest]);
        return row && { ...sessionOf(row), fingerprint: row[6] as string };
      }),
    addSession: (digest, { userName, fingerprint, expiresAt, network, browser }, now) =>
      withStoreFailure(() =>
        transaction(async ({ run }) => {
          await run(TOKEN_STATEMENTS.forgetSessions, [now]);
          await run(TOKEN_STATEMENTS.addSession, [
            ...[digest, userName, fingerprint, expiresAt, network, browser, now],
          ]);
          await run(TOKEN_STATEMENTS.dropOldest, [userName, digest, SESSIONS_OF_USER - 1]);
        }),
      ),
    seeSession: (digest, now) =>
      withStoreFailure(async () => {
        await write(TOKEN_STATEMENTS.seeSession, [now, digest]);
      }),
    dropSession: (digest) =>
      withStoreFailure(async () => {
        await write(TOKEN_STATEMENTS.dropSession, [digest]);
      }),
    listSessions: (now, userName) =>
      withStoreFailure(async () => {
        const rows = await (userName === undefined
          ? read(LIST_SESSIONS, [now])
          : read(LIST_SESSIONS_OF_USER, [userName, now]));
        return rows.map(sessionOf);
      }),
  };
}

/** In the order of SESSION_COLUMNS. */
function sessionOf(row: Row): SessionEntry {
  return {
    digest: row[0] as string,
    userName: row[1] as string,
    expiresAt: Number(row[2]),
    network: row[3] as string,
    browser: row[4] as string,
    lastSeenAt: Number(row[5]),
  };
}

function createTokenDirectory({ read, write }: Database): TokenDirectory {
  return {
    async add({ name, rights, lists, expiresAt, createdAt, ending }, digest) {
      const rows = await write(
        `INSERT INTO tokens (name, digest, rights, lists, expires_at, created_at, ending)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING 1`,
        [name, digest, rights, listsOf(lists), expiresAt, createdAt, ending],
      );
      return rows.length === 1;
    },
    async list() {
      const rows = await read(`SELECT ${TOKEN_COLUMNS} FROM tokens ORDER BY name`, []);
      return rows.map((row) => ({ ...tokenOf(row), createdAt: Number(row[6]), ending: row[7] as string }));
    },
    async revoke(name) {
      return (
        (await write('UPDATE tokens SET revoked = true WHERE name = $1 RETURNING 1', [name])).length === 1
      );
    },
  };
}

/** In the order of TOKEN_COLUMNS. */
function tokenOf(row: Row): Token {
  return {
    id: String(row[0]),
    name: row[1] as string,
    rights: Number(row[2]),
    lists: scopeOf(row[3]),
    expiresAt: Number(row[4]),
    isRevoked: row[5] === true,
  };
}
