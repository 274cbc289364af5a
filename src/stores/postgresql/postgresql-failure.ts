import { DatabaseFailure, type FailureKind } from '../network/failure.ts';

/** By SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html), or its class: the first two characters. */
const KINDS: Readonly<Record<string, FailureKind>> = {
  // Shutdown; the server is ending this session, or has crashed.
  '57P01': 'lost',
  '57P02': 'lost',
  // It is starting up.
  '57P03': 'not ready',
  // A standby, which takes no writes.
  '25006': 'not ready',
  // The statement's time is over; a lock was not to be had in time.
  '57014': 'slow',
  '55P03': 'slow',
  // Undefined table, column, function, schema; no right.
  '42P01': 'schema',
  '42703': 'schema',
  '42883': 'schema',
  '3F000': 'schema',
  '42501': 'schema',
  // Connection exceptions.
  '08': 'lost',
};

/** The system's own codes of a connection that has ended. */
const SYSTEM_CODE = /^E[A-Z]+$/;

/**
 * What the connector's error means. What the server says of a statement may quote a value, and is left behind.
 *
 * @param whileConnecting whether there was no connection yet
 */
export function postgresqlFailure(error: unknown, server: string, whileConnecting = false): DatabaseFailure {
  if (error instanceof DatabaseFailure) return error;
  const { code, message } = (error ?? {}) as Readonly<Record<string, unknown>>;
  const name = typeof code === 'string' ? code : undefined;
  // Without a code it is the connector's own error: that the connection ended.
  const isLost = name === undefined || SYSTEM_CODE.test(name);
  const known = name === undefined ? undefined : (KINDS[name] ?? KINDS[name.slice(0, 2)]);
  const kind = whileConnecting ? 'unreachable' : (known ?? (isLost ? 'lost' : 'statement'));
  const said = typeof message === 'string' && kind !== 'statement' ? message : undefined;
  return new DatabaseFailure(kind, `${server}: ${said ?? name ?? 'unknown failure'}`, name);
}
