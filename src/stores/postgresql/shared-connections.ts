import type { ServerAddress } from '../../config/addresses.ts';
import { carryStatements, GROW_AGAIN_MS, GROW_AT } from '../network/connection.ts';
import { type Parameter, type Row, type ServerConnections, serverName } from '../network/connector.ts';
import { DatabaseFailure } from '../network/failure.ts';
import {
  expireWaiting,
  failWaiting,
  flush,
  idleConnection,
  type Joining,
  pickConnection,
  send,
  type SharedConnection,
  type Tenant,
  waitForConnection,
} from './tenant.ts';

/** A connection that its schema has not used for so long may go over to one that has another already. */
const SPARE_MS = 20;
/**
 * Where several schemas share connections, one takes no more statements with so many in flight, so that it has soon answered all of
 * them. A statement of lookups answers many of them.
 */
const SHARED_DEPTH = 16;

/**
 * The connections to one server for the stores in several of its schemas: a few for all of them. A connection runs statements of
 * one schema at a time. It goes over to another one when all of them are answered, by a statement that is answered before the first
 * one of the other schema is sent; where that fails, the connection is reset. Schemas without a connection take turns.
 */
export class SharedConnections {
  readonly #server: ServerAddress;
  readonly #name: string;
  readonly #tenants = new Map<string, Tenant>();
  readonly #connections = new Set<SharedConnection>();
  /** Schemas whose statements wait for a connection, in the order of their turns. */
  readonly #turns: Tenant[] = [];
  /** Connections of all together, at most. */
  #bound = 1;
  #opening = 0;
  #growAfter = -Infinity;

  constructor(server: ServerAddress) {
    this.#server = server;
    this.#name = serverName(server);
  }

  /** For one store, until it calls `end`. Several may have the same schema. */
  join(joining: Joining): ServerConnections {
    const known = this.#tenants.get(joining.schema);
    const tenant = known ?? { ...joining, users: 0, waiting: [], coming: new Set<Promise<void>>() };
    this.#tenants.set(tenant.schema, tenant);
    this.#bound = boundOf(this.#tenants);
    tenant.users += 1;
    let isEnded = false;
    const count = () => this.#countOf(tenant);
    return {
      execute: (sql, parameters) =>
        isEnded ? Promise.reject(this.#notInUse()) : this.#execute(tenant, sql, parameters),
      get count() {
        return count();
      },
      checkSilence: (now) => this.#checkSilence(tenant, now),
      end: async () => {
        isEnded = true;
        await this.#leave(tenant);
      },
    };
  }

  #execute(tenant: Tenant, sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]> {
    const connection = tenant.waiting.length > 0 ? undefined : this.#pick(tenant);
    if (connection !== undefined) {
      if (connection.carrier.inFlight >= GROW_AT) this.#grow(tenant);
      return send(connection, sql, parameters);
    }
    const waiting = waitForConnection(tenant, this.#name, sql, parameters);
    if (!this.#turns.includes(tenant)) this.#turns.push(tenant);
    this.#dispatch();
    return waiting;
  }

  #pick(tenant: Tenant): SharedConnection | undefined {
    return pickConnection(this.#connections, tenant, this.#depth());
  }

  #depth(): number {
    return this.#tenants.size === 1 ? Infinity : SHARED_DEPTH;
  }

  /** One connection more for a schema that has some, where nobody waits for one. */
  #grow(tenant: Tenant): void {
    if (this.#turns.length > 0 || tenant.coming.size > 0 || this.#countOf(tenant) >= this.#mostOf(tenant))
      return;
    if (this.#mayOpen()) {
      this.#open(tenant);
      return;
    }
    const idle = idleConnection(this.#connections, tenant);
    const isSpare = idle !== undefined && performance.now() - idle.usedAt > SPARE_MS;
    if (isSpare && idle.schema !== tenant.schema) this.#goOver(idle, tenant);
  }

  #countOf({ schema }: Tenant): number {
    let count = 0;
    for (const one of this.#connections) if (one.schema === schema) count += 1;
    return count;
  }

  /** Of several, one schema leaves a connection to the others, however much is asked of it. */
  #mostOf({ most }: Tenant): number {
    return this.#tenants.size === 1 ? most : Math.max(1, Math.min(most, this.#bound - 1));
  }

  #mayOpen(): boolean {
    const open = this.#connections.size + this.#opening;
    return open === 0 || (open < this.#bound && performance.now() >= this.#growAfter);
  }

  /** Gives connections to those who wait for one, and asks for more where there are too few. */
  #dispatch(): void {
    this.#forgetLost();
    const served: Tenant[] = [];
    const left: Tenant[] = [];
    for (const tenant of this.#turns.splice(0)) {
      if (tenant.waiting.length > 0 && !this.#serve(tenant)) left.push(tenant);
      else if (tenant.waiting.length > 0 && tenant.coming.size === 0) served.push(tenant);
    }
    this.#turns.push(...left, ...served);
    this.#askToYield();
  }

  /** @returns whether statements were sent, or a connection for them is on its way */
  #serve(tenant: Tenant): boolean {
    const connection = this.#pick(tenant);
    if (connection !== undefined) {
      flush(tenant, connection, this.#depth());
      return true;
    }
    const count = this.#countOf(tenant);
    if (tenant.coming.size > 0) return count === 0;
    const isAtMost = count >= this.#mostOf(tenant);
    const idle = idleConnection(this.#connections, tenant);
    if (idle !== undefined && (idle.schema === tenant.schema || !isAtMost)) this.#goOver(idle, tenant);
    else if (!isAtMost && this.#mayOpen()) this.#open(tenant);
    else return false;
    return true;
  }

  /** For each schema that waits, one connection takes no further statement until it has gone over: that which has its own longest. */
  #askToYield(): void {
    const used = [...this.#connections].filter(({ schema }) => schema !== undefined);
    const byTime = used.sort((one, other) => one.since - other.since);
    const asked = new Set<SharedConnection>();
    for (const tenant of this.#turns) {
      if (asked.size === used.length) break;
      const isAtMost = this.#countOf(tenant) >= this.#mostOf(tenant);
      const fitting = byTime.filter((one) => !asked.has(one) && (!isAtMost || one.schema === tenant.schema));
      const connection = fitting.find(({ isYielding }) => isYielding) ?? fitting[0];
      if (connection === undefined) continue;
      asked.add(connection);
      if (connection.isYielding) continue;
      connection.isYielding = true;
      void connection.carrier.whenIdle().then(() => this.#dispatch());
    }
    for (const one of used) if (!asked.has(one)) one.isYielding = false;
  }

  #goOver(connection: SharedConnection, tenant: Tenant): void {
    if (connection.schema === tenant.schema) this.#begin(connection, tenant);
    else this.#await(tenant, this.#change(connection, tenant));
  }

  async #change(connection: SharedConnection, tenant: Tenant): Promise<void> {
    const { carrier, session } = connection;
    connection.schema = undefined;
    try {
      await carrier.perform(() => session.useSchema(tenant.schema));
    } catch {
      // Whichever schema it has now, nobody uses it any more. The statements wait for another one.
      carrier.drop();
      this.#connections.delete(connection);
      return;
    }
    await this.#arrive(connection, tenant);
  }

  #open(tenant: Tenant): void {
    this.#opening += 1;
    this.#await(tenant, this.#openNow(tenant));
  }

  async #openNow(tenant: Tenant): Promise<void> {
    let connection: SharedConnection;
    try {
      const session = await tenant.open(this.#server);
      const carrier = carryStatements(session, tenant, this.#name);
      const now = performance.now();
      connection = { carrier, session, schema: undefined, since: now, usedAt: now, isYielding: false };
      this.#connections.add(connection);
    } catch (cause) {
      this.#forgetLost();
      // Beside others it is no failure of the server, which may be at its limit.
      if (this.#connections.size > 0) this.#growAfter = performance.now() + GROW_AGAIN_MS;
      else for (const one of new Set([tenant, ...this.#turns])) failWaiting(one, cause);
      return;
    } finally {
      this.#opening -= 1;
    }
    await this.#arrive(connection, tenant);
  }

  /** The tenant may have left meanwhile. */
  async #arrive(connection: SharedConnection, tenant: Tenant): Promise<void> {
    if (tenant.users > 0) this.#begin(connection, tenant);
    else await this.#end(connection);
  }

  #begin(connection: SharedConnection, tenant: Tenant): void {
    connection.schema = tenant.schema;
    connection.since = performance.now();
    connection.isYielding = false;
    flush(tenant, connection, this.#depth());
    // The rest of it comes after the others.
    if (tenant.waiting.length > 0 && !this.#turns.includes(tenant)) this.#turns.push(tenant);
  }

  #await(tenant: Tenant, coming: Promise<void>): void {
    const arrived = coming.finally(() => {
      tenant.coming.delete(arrived);
      // Where nothing came, it is still its turn.
      if (tenant.waiting.length > 0 && !this.#turns.includes(tenant)) this.#turns.unshift(tenant);
      this.#dispatch();
    });
    tenant.coming.add(arrived);
  }

  #checkSilence(tenant: Tenant, now: number): void {
    for (const { carrier } of this.#connections) carrier.checkSilence(now);
    expireWaiting(tenant, this.#name, now);
    if (this.#turns.length > 0) this.#dispatch();
  }

  async #leave(tenant: Tenant): Promise<void> {
    tenant.users -= 1;
    if (tenant.users > 0) return;
    this.#tenants.delete(tenant.schema);
    this.#bound = boundOf(this.#tenants);
    failWaiting(tenant, this.#notInUse());
    // Others may never come; and whose the connections are is counted.
    const its = [...this.#connections].filter(({ schema }) => schema === tenant.schema);
    await Promise.all([...tenant.coming, ...its.map((one) => this.#end(one))]);
    this.#dispatch();
  }

  async #end(connection: SharedConnection): Promise<void> {
    connection.schema = undefined;
    await connection.carrier.end();
    this.#connections.delete(connection);
  }

  #forgetLost(): void {
    for (const one of this.#connections) if (one.carrier.isLost) this.#connections.delete(one);
  }

  #notInUse(): DatabaseFailure {
    return new DatabaseFailure('lost', `${this.#name}: not in use any more`);
  }
}

/** The most that any of them is allowed. */
function boundOf(tenants: ReadonlyMap<string, Tenant>): number {
  return [...tenants.values()].reduce((most, { bound }) => Math.max(most, bound), 1);
}
