import type { CredentialStore, SessionEntry, Token, TokenDirectory } from '../../core/credential-store.ts';
import type { Connection } from './connection.ts';
import { LISTED_SESSIONS, listsOf, scopeOf, SESSIONS_OF_USER } from '../rows.ts';
import { promised, writeWithRetry } from './transactions.ts';

const TOKEN_COLUMNS = 'token_id, name, rights, lists, expires_at, revoked, created_at, ending';
const SESSION_COLUMNS = 'digest, user_name, expires_at, network, browser, last_seen_at';

/** The statements that a request runs for a key: a test reads the query plan of each. */
export const TOKEN_STATEMENTS = {
  token: `SELECT ${TOKEN_COLUMNS} FROM tokens WHERE digest = ?`,
  session: `SELECT ${SESSION_COLUMNS}, fingerprint FROM sessions WHERE digest = ?`,
  addSession: `INSERT INTO sessions (digest, user_name, fingerprint, expires_at, network, browser, last_seen_at)
               VALUES (?, ?, ?, ?, ?, ?, ?)`,
  seeSession: 'UPDATE sessions SET last_seen_at = max(last_seen_at, ?) WHERE digest = ?',
  dropSession: 'DELETE FROM sessions WHERE digest = ?',
  forgetSessions: `DELETE FROM sessions WHERE digest IN
                   (SELECT digest FROM sessions WHERE expires_at <= ? LIMIT 1000)`,
  // Binds the user's name, a session that stays whatever the clock did, and how many others do: the newest.
  dropOldest: `DELETE FROM sessions WHERE digest IN
               (SELECT digest FROM sessions WHERE user_name = ? AND digest <> ? ORDER BY expires_at DESC LIMIT -1 OFFSET ?)`,
} as const;

/** Tokens and sessions in a store's file, whether the leads are in it or in a dialer. */
export function createStoredCredentials(connection: Connection) {
  return { credentials: createCredentialStore(connection), tokens: createTokenDirectory(connection) };
}

/** For people, not for requests of programs. */
const LIST_SESSIONS = `SELECT ${SESSION_COLUMNS} FROM sessions WHERE expires_at > ?
                       ORDER BY user_name, expires_at DESC LIMIT ${LISTED_SESSIONS}`;
const LIST_SESSIONS_OF_USER = `SELECT ${SESSION_COLUMNS} FROM sessions
                               WHERE user_name = ? AND expires_at > ? ORDER BY expires_at DESC`;

function createCredentialStore(connection: Connection): CredentialStore {
  const { database, readBatch } = connection;
  const token = database.prepare(TOKEN_STATEMENTS.token);
  const session = database.prepare(TOKEN_STATEMENTS.session);
  const addSession = database.prepare(TOKEN_STATEMENTS.addSession);
  const seeSession = database.prepare(TOKEN_STATEMENTS.seeSession);
  const dropSession = database.prepare(TOKEN_STATEMENTS.dropSession);
  const forgetSessions = database.prepare(TOKEN_STATEMENTS.forgetSessions);
  const dropOldest = database.prepare(TOKEN_STATEMENTS.dropOldest);
  const listSessions = database.prepare(LIST_SESSIONS);
  const listSessionsOfUser = database.prepare(LIST_SESSIONS_OF_USER);
  return {
    now: connection.clock.now,
    findToken: (digest) =>
      readBatch.read(() => {
        const row = token.get(digest);
        return row === undefined ? undefined : tokenOf(row);
      }),
    findSession: (digest) =>
      readBatch.read(() => {
        const row = session.get(digest);
        return row && { ...sessionOf(row), fingerprint: row.fingerprint as string };
      }),
    addSession: (digest, { userName, fingerprint, expiresAt, network, browser }, now) =>
      writeWithRetry(connection, () => {
        forgetSessions.run(now);
        addSession.run(digest, userName, fingerprint, expiresAt, network, browser, now);
        dropOldest.run(userName, digest, SESSIONS_OF_USER - 1);
      }),
    seeSession: (digest, now) => writeWithRetry(connection, () => void seeSession.run(now, digest)),
    dropSession: (digest) => writeWithRetry(connection, () => void dropSession.run(digest)),
    listSessions: (now, userName) =>
      readBatch.read(() =>
        (userName === undefined ? listSessions.all(now) : listSessionsOfUser.all(userName, now)).map(
          sessionOf,
        ),
      ),
  };
}

/** @param row with SESSION_COLUMNS */
function sessionOf(row: Readonly<Record<string, unknown>>): SessionEntry {
  return {
    digest: row.digest as string,
    userName: row.user_name as string,
    expiresAt: Number(row.expires_at),
    network: row.network as string,
    browser: row.browser as string,
    lastSeenAt: Number(row.last_seen_at),
  };
}

function createTokenDirectory({ database, readBatch }: Connection): TokenDirectory {
  const insert = database.prepare(
    `INSERT INTO tokens (name, digest, rights, lists, expires_at, created_at, ending) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const list = database.prepare(`SELECT ${TOKEN_COLUMNS} FROM tokens ORDER BY name`);
  const revoke = database.prepare('UPDATE tokens SET revoked = 1 WHERE name = ?');
  return {
    add: ({ name, rights, lists, expiresAt, createdAt, ending }, digest) =>
      promised(() => {
        readBatch.end();
        return insert.run(name, digest, rights, listsOf(lists), expiresAt, createdAt, ending).changes === 1;
      }),
    list: () =>
      promised(() =>
        list.all().map((row) => ({
          ...tokenOf(row),
          createdAt: Number(row.created_at),
          ending: row.ending as string,
        })),
      ),
    revoke: (name) =>
      promised(() => {
        readBatch.end();
        return revoke.run(name).changes === 1;
      }),
  };
}

function tokenOf(row: Readonly<Record<string, unknown>>): Token {
  return {
    id: String(row.token_id),
    name: row.name as string,
    rights: Number(row.rights),
    lists: scopeOf(row.lists),
    expiresAt: Number(row.expires_at),
    isRevoked: row.revoked !== 0,
  };
}
