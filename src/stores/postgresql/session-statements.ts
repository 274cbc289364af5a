import type { Client, Query as ConnectorQuery } from 'pg';

import type { OpenConnection, Parameter, Row } from '../network/connector.ts';
import { DatabaseFailure } from '../network/failure.ts';

export interface PostgresqlConnection extends OpenConnection {
  /** A pooler stands in between, which may run each transaction in another session: nothing is kept in one. */
  readonly isPooled: boolean;
  /**
   * Goes over to the tables of another schema; nothing may be in flight. Until this resolves, and for ever where it rejects, no
   * statement can be run.
   */
  useSchema(schema: string): Promise<void>;
  /** Begins a transaction, which has the settings of the session also behind a pooler. @param mode such as `READ ONLY` */
  begin(mode?: string): Promise<unknown>;
  /** Several statements without parameters, as they are in a file. */
  runScript(sql: string): Promise<void>;
  /** Hears what other sessions send by NOTIFY, once this one listens. */
  onNotification(take: (payload: string) => void): void;
  /** Hears what the server says of the statements that it runs, such as what VACUUM did. */
  onNotice(
    heard: (notice: { readonly message?: string | undefined; readonly detail?: string | undefined }) => void,
  ): void;
  /**
   * @param sql `COPY … FROM STDIN`
   * @param text rows in the server's text format; all of it is sent at once
   */
  copy(sql: string, text: string): Promise<void>;
}

/** Of a session, for a schema. */
export type Settings = readonly (readonly [name: string, value: string])[];

/** Numbers, because a name of more than 63 bytes is cut. */
const SCHEMAS = new Map<string, number>();
const STATEMENTS = new Map<string, number>();

function numberOf(text: string, numbers: Map<string, number>): number {
  const known = numbers.get(text) ?? numbers.size + 1;
  numbers.set(text, known);
  return known;
}

/**
 * By its text, each statement is prepared once in a session for each schema: a plan belongs to the tables of one. Their number is
 * that of the statements in this folder.
 */
function createNames(schema: string): (sql: string) => string {
  const names = new Map<string, string>();
  const ofSchema = numberOf(schema, SCHEMAS);
  return (sql) => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    const name = `s${numberOf(sql, STATEMENTS)}_${ofSchema}`;
    names.set(sql, name);
    return name;
  };
}

const NAMES = new Map<string, (sql: string) => string>();

function namesOf(schema: string): (sql: string) => string {
  const known = NAMES.get(schema) ?? createNames(schema);
  NAMES.set(schema, known);
  return known;
}

/** The server says what it is set to. */
const USE_SCHEMA = `SELECT set_config('search_path', $1, false)`;

/** Bytes of a message with rows. */
const COPY_PIECE = 64 * 1024;

/** The connector's own connection, which its types leave out. */
interface CopyTarget {
  sendCopyFromChunk(piece: Buffer): void;
  endCopyFrom(): void;
}

function sendRows(target: CopyTarget, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += COPY_PIECE)
    target.sendCopyFromChunk(bytes.subarray(at, at + COPY_PIECE));
  target.endCopyFrom();
}

export type Statements = Omit<PostgresqlConnection, 'socket'>;

/** @param name without one a statement is not prepared */
function execute(
  client: Client,
  name: string | undefined,
  text: string,
  values: readonly Parameter[],
): Promise<readonly Row[]> {
  return new Promise((resolve, reject) => {
    const query = {
      ...(name === undefined ? {} : { name }),
      text,
      values: [...values],
      rowMode: 'array' as const,
    };
    // By a callback: with its own promise the connector makes a stack trace for each statement.
    client.query<Row[]>(query, (cause: Error | null, result) => {
      if (cause) reject(cause);
      else resolve(result.rows);
    });
  });
}

/** @param schema that of the session */
export function statementsOf(client: Client, Query: typeof ConnectorQuery, schema: string): Statements {
  /** Undefined: it is not known which schema the session has. */
  let nameOf: ((sql: string) => string) | undefined = namesOf(schema);
  const run = (sql: string, values: readonly Parameter[]) =>
    nameOf === undefined ? Promise.reject(noSchema()) : execute(client, nameOf(sql), sql, values);

  return {
    isPooled: false,
    begin: (mode = '') => run(`BEGIN ${mode}`, []),
    execute: run,
    async useSchema(next) {
      nameOf = undefined;
      const [row] = await execute(client, undefined, USE_SCHEMA, [next]);
      if (row?.[0] !== next) throw noSchema();
      nameOf = namesOf(next);
    },
    async runScript(sql) {
      if (nameOf === undefined) throw noSchema();
      await client.query(sql);
    },
    onNotice(heard) {
      client.on('notice', heard);
    },
    copy: (sql, text) => (nameOf === undefined ? Promise.reject(noSchema()) : copy(client, Query, sql, text)),
    onLost(lost) {
      client.on('error', lost);
      client.on('end', () => lost(undefined));
    },
    onNotification(take) {
      client.on('notification', ({ payload }) => take(payload ?? ''));
    },
    end: () => client.end(),
  };
}

function noSchema(): DatabaseFailure {
  return new DatabaseFailure('lost', 'the schema of the session is not known');
}

function copy(client: Client, Query: typeof ConnectorQuery, sql: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const query = new Query(sql, undefined, (cause) => {
      if (cause) reject(cause);
      else resolve();
    });
    // Sent before the server asks for them, so that it begins while this process makes the next rows; after a failed
    // statement it passes over them, as the protocol says.
    client.query(Object.assign(query, { handleCopyInResponse: () => undefined }));
    sendRows((client as unknown as { readonly connection: CopyTarget }).connection, text);
  });
}

/**
 * Behind a pooler: a statement that one session has prepared is unknown in the next, and a setting would be somebody else's.
 *
 * @param settingsFor those of a schema
 */
export function pooledStatements(
  statements: Statements,
  client: Client,
  schema: string,
  settingsFor: (schema: string) => Settings,
): Statements {
  const localTo = (of: string) => settingsFor(of).map(([name, value]) => `SET LOCAL ${name} = '${value}'`);
  let local = localTo(schema);
  return {
    ...statements,
    isPooled: true,
    begin: (mode = '') => client.query([`BEGIN ${mode}`, ...local].join('; ')),
    execute: (sql, values) => execute(client, undefined, sql, values),
    // Each transaction has its own.
    useSchema(next) {
      local = localTo(next);
      return Promise.resolve();
    },
  };
}

/** For statements by themselves: behind a pooler each is a transaction of its own, which leaves in one write. */
export function withSettings(connection: PostgresqlConnection): PostgresqlConnection {
  if (!connection.isPooled) return connection;
  return {
    ...connection,
    async execute(sql, values) {
      const [, rows] = await Promise.all([
        connection.begin(),
        connection.execute(sql, values),
        connection.runScript('COMMIT'),
      ]);
      return rows;
    },
  };
}
