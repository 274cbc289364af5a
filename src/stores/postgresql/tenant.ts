import type { ServerAddress } from '../../config/addresses.ts';
import { comesBefore, type PipelinedConnection } from '../network/connection.ts';
import type { Parameter, PoolAddress, Row } from '../network/connector.ts';
import { ACQUIRE_MS, busy, QUEUE_LIMIT } from '../network/pool.ts';
import type { PostgresqlConnection } from './session-statements.ts';

/** How the store of a schema uses connections that it shares with those of others. */
export interface Joining extends Pick<PoolAddress, 'explain'> {
  readonly schema: string;
  /** Connections of this schema at a time, at most. */
  readonly most: number;
  /** Connections of all schemas at a time, at most. */
  readonly bound: number;
  /** Opens a session that has the schema. */
  readonly open: (server: ServerAddress) => Promise<PostgresqlConnection>;
}

interface WaitingStatement extends PromiseWithResolvers<readonly Row[]> {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
  readonly since: number;
}

/** A schema whose stores use the connections. */
export interface Tenant extends Joining {
  /** Stores that are open. */
  users: number;
  /** Statements without a connection, the oldest first. */
  readonly waiting: WaitingStatement[];
  /** Connections that are being opened for it, or go over to it. */
  readonly coming: Set<Promise<void>>;
}

export interface SharedConnection {
  readonly carrier: PipelinedConnection;
  readonly session: PostgresqlConnection;
  /** Of which it runs statements; undefined: none, it goes over to another one or ends. */
  schema: string | undefined;
  /** Since when it has this schema. */
  since: number;
  usedAt: number;
  /** It takes no further statement, because another schema waits for it. */
  isYielding: boolean;
}

/** @throws {DatabaseFailure} of kind `busy`, also later: its statement waited too long */
export function waitForConnection(
  { waiting }: Tenant,
  name: string,
  sql: string,
  parameters: readonly Parameter[],
): Promise<readonly Row[]> {
  if (waiting.length >= QUEUE_LIMIT) return Promise.reject(busy(name));
  const one = { sql, parameters, since: performance.now(), ...Promise.withResolvers<readonly Row[]>() };
  waiting.push(one);
  return one.promise;
}

/** Fails those that waited too long; to be called periodically. */
export function expireWaiting({ waiting }: Tenant, name: string, now: number): void {
  while (waiting[0] !== undefined && now - waiting[0].since > ACQUIRE_MS) waiting.shift()?.reject(busy(name));
}

export function failWaiting({ waiting }: Tenant, cause: unknown): void {
  for (const { reject } of waiting.splice(0)) reject(cause);
}

/**
 * That of a schema which is collecting a batch, or has the fewest statements in flight.
 *
 * @param depth one with so many in flight takes no more
 */
export function pickConnection(
  connections: Iterable<SharedConnection>,
  { schema }: Tenant,
  depth: number,
): SharedConnection | undefined {
  let best: SharedConnection | undefined;
  for (const one of connections) {
    if (one.schema !== schema || one.isYielding || one.carrier.isLost || one.carrier.inFlight >= depth)
      continue;
    if (best === undefined || comesBefore(one.carrier, best.carrier)) best = one;
  }
  return best;
}

/** With nothing in flight: one that has the schema already, or that which was used least lately. */
export function idleConnection(
  connections: Iterable<SharedConnection>,
  { schema }: Tenant,
): SharedConnection | undefined {
  let best: SharedConnection | undefined;
  for (const one of connections) {
    if (one.schema === undefined || one.carrier.inFlight > 0 || one.carrier.isLost) continue;
    if (one.schema === schema) return one;
    if (best === undefined || one.usedAt < best.usedAt) best = one;
  }
  return best;
}

export function send(
  connection: SharedConnection,
  sql: string,
  parameters: readonly Parameter[],
): Promise<readonly Row[]> {
  connection.usedAt = performance.now();
  return connection.carrier.execute(sql, parameters);
}

/** Sends what waits, until so many are in flight. */
export function flush({ waiting }: Tenant, connection: SharedConnection, depth: number): void {
  const room = Math.max(0, depth - connection.carrier.inFlight);
  for (const { sql, parameters, resolve, reject } of waiting.splice(0, room))
    send(connection, sql, parameters).then(resolve, reject);
}
