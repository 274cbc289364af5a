import { withDeadline } from '../../core/clock.ts';
import type { Floor, FloorCall, FloorSnapshot } from '../../core/floor.ts';
import type { Direction } from '../../core/reported-call.ts';
import { createPending, cut } from '../network/connection.ts';
import { type PoolAddress, serverName } from '../network/connector.ts';
import { DatabaseFailure } from '../network/failure.ts';
import { poolAddress, type DialerConfig } from './address.ts';
import { givenTexts, type Read, type Row, textOf } from './rows.ts';
import { createCached, retryAfterRefresh } from './schema-cache.ts';
import { byIndex, canFindBy, readTables, type Table } from './schema.ts';

/** Of whom the dialer has not heard for so long, its own reports leave out: the session is lost. */
export const STALE_SECONDS = 30;
/** More agents than one dialer has. */
const MOST_AGENTS = 5_000;
/** No answer for so long: the connection is given up, and with it the lock. */
const SILENT_MS = 1_500;
/** The server ends our session when nothing comes for so long, as of a process that is frozen, and frees the lock. */
const IDLE_SECONDS = 10;

export const LIVE_TABLES = ['vicidial_live_agents', 'vicidial_auto_calls'] as const;
/** Without these columns nothing is known of a call. */
export const LIVE_REQUIRED = ['user', 'status', 'lead_id', 'callerid'] as const;

type LiveTables = ReadonlyMap<string, Table>;

/**
 * The floor of a dialer, read by one connection that holds a lock of the server: so one process of all reads it, whatever machine
 * it runs on, and with no right but to SELECT. Locks are those of one server, so it is always the first that the settings name.
 *
 * @param domain whose cards open: each reads for itself, also where several have the same dialer
 */
export function openFloor(config: DialerConfig, domain: string): Floor {
  const { database } = config.database;
  let session: Session | undefined;
  const tables = createCached<LiveTables>(() => {
    if (session === undefined) throw new DatabaseFailure('lost', 'no connection');
    return readTables(session.run, database, LIVE_TABLES);
  });

  async function readNow({ run }: Session): Promise<FloorSnapshot | 'denied'> {
    try {
      return await retryAfterRefresh(tables, async (found) => {
        const statement = floorStatement(found);
        return statement === undefined ? 'denied' : callsOf(await run(statement, []));
      });
    } catch (cause) {
      if (cause instanceof DatabaseFailure && cause.kind === 'schema') return 'denied';
      throw cause;
    }
  }

  function drop(): void {
    session?.drop();
    session = undefined;
  }

  return {
    async read() {
      try {
        session ??= await beginSession(poolAddress(config, config.database));
        session.isInside ||= await takeLock(session.run, `callercard pop ${domain} ${database}`);
        return session.isInside ? await readNow(session) : 'elsewhere';
      } catch (cause) {
        drop();
        throw cause;
      }
    },
    async leave() {
      const ending = session;
      session = undefined;
      await ending?.end();
    },
  };
}

async function takeLock(run: Read, name: string): Promise<boolean> {
  // The longest name that every version takes.
  const [[taken] = []] = await run('SELECT GET_LOCK(?, 0)', [name.slice(0, 64)]);
  return Number(taken) === 1;
}

interface Session {
  readonly run: Read;
  /** It holds the lock. */
  isInside: boolean;
  drop(): void;
  /** Ends it after the last answer. */
  end(): Promise<void>;
}

async function beginSession({ servers, open, explain }: PoolAddress): Promise<Session> {
  const [server] = servers;
  if (server === undefined) throw new DatabaseFailure('unreachable', 'no server');
  const name = serverName(server);
  const connection = await open(server);
  // A race with one promise of the whole session would keep the rows of every look until its end.
  const pending = createPending();
  const lost = new DatabaseFailure('lost', `${name}: the connection ended`);
  connection.onLost((cause) => pending.abandon(cause === undefined ? lost : explain(cause, name)));
  const drop = () => cut(connection.socket);
  const run: Read = async (sql, parameters) => {
    if (pending.isOver()) throw lost;
    const silent = new DatabaseFailure('silent', `${name}: no answer for ${SILENT_MS} ms`);
    const answer = pending.add(connection.execute(sql, parameters), (cause) => explain(cause, name));
    return withDeadline(answer, SILENT_MS, silent);
  };
  const end = async () => {
    const late = new DatabaseFailure('silent', `${name}: no answer at the end`);
    await withDeadline(connection.end(), SILENT_MS, late).catch(() => undefined);
    drop();
  };
  try {
    await run(`SET SESSION wait_timeout = ${IDLE_SECONDS}`, []);
  } catch (cause) {
    drop();
    throw cause;
  }
  return { run, isInside: false, drop, end };
}

/**
 * One statement for the whole floor. The table of agents is scanned, as the dialer itself does all the time: it has a row for
 * each agent, and no index that would help. The calls are found by their id.
 *
 * @returns undefined: our account may not read who has which call
 */
export function floorStatement(tables: LiveTables): string | undefined {
  const agents = tables.get('vicidial_live_agents');
  if (agents === undefined || LIVE_REQUIRED.some((column) => !agents.columns.has(column))) return undefined;
  const has = (column: string) => agents.columns.has(column);
  const own = (column: string, without = 'NULL') => (has(column) ? `a.${column}` : without);
  const calls = tables.get('vicidial_auto_calls');
  const ofCall = (column: string) => (calls?.columns.has(column) === true ? `c.${column}` : 'NULL');
  const isAtAgent = `a.status IN ('QUEUE', 'INCALL')`;
  // The telephone of an agent who is not connected all day rings before the call counts as given.
  const rings =
    has('on_hook_agent') && has('ring_callerid') ? `(a.on_hook_agent = 'Y' AND a.ring_callerid <> '')` : '0';
  const callId = rings === '0' ? 'a.callerid' : `IF(${isAtAgent}, a.callerid, a.ring_callerid)`;
  const previews = has('preview_lead_id') ? `(a.status = 'PAUSED' AND a.preview_lead_id > 0)` : '0';
  const since = has('last_state_change') ? 'a.last_state_change' : own('last_call_time');
  const stale = `NOT (${notStale(agents)})`;
  const join = canFindBy(calls, 'callerid')
    ? `LEFT JOIN vicidial_auto_calls c ${byIndex(calls, 'callerid')} ON c.callerid = ${callId}`
    : 'LEFT JOIN (SELECT NULL AS nothing) c ON 1';
  const shown = canFindBy(calls, 'callerid') ? ofCall : () => 'NULL';
  const isDialing =
    shown('uniqueid') === 'NULL' || shown('channel') === 'NULL' ? '0' : `c.uniqueid = '' AND c.channel = ''`;
  return `SELECT a.user, ${isAtAgent}, a.status = 'INCALL', ${previews}, ${callId}, a.lead_id,
    ${own('preview_lead_id')}, ${own('comments')}, ${own('campaign_id')}, TIMESTAMPDIFF(SECOND, ${since}, NOW()), ${stale},
    ${shown('phone_number')}, ${shown('campaign_id')}, ${shown('call_type')}, ${isDialing}
    FROM vicidial_live_agents a ${join}
    WHERE ${isAtAgent} OR ${previews} OR ${rings} LIMIT ${MOST_AGENTS}`;
}

/** SQL: whether the dialer has heard of the agent `a` lately. */
export function notStale({ columns }: Table): string {
  return columns.has('last_update_time')
    ? `a.last_update_time >= NOW() - INTERVAL ${STALE_SECONDS} SECOND`
    : '1';
}

/** Chats and e-mails go the way of calls, but nobody calls. */
const NO_CALLS: ReadonlySet<string> = new Set(['CHAT', 'EMAIL']);
/** What the dialer takes for a number: it gives extensions and codes, too. */
export const LEAST_DIGITS = 4;

function callsOf(rows: readonly Row[]): FloorSnapshot {
  return rows.flatMap((row) => callOf(row) ?? []);
}

/** The columns of `floorStatement`, in its order. */
const CELLS = [
  ...['agent', 'isAtAgent', 'isInCall', 'isPreview', 'callId', 'leadId', 'previewLeadId', 'comments'],
  ...['campaign', 'seconds', 'isStale', 'phone', 'line', 'type', 'isDialing'],
] as const;
type Cells = Readonly<Record<string, string>>;

function callOf(row: Row): FloorCall | undefined {
  const cells: Cells = Object.fromEntries(CELLS.map((name, at) => [name, textOf(row[at]) ?? '']));
  const { agent = '', comments = '', seconds = '' } = cells;
  if (agent === '' || NO_CALLS.has(comments)) return undefined;
  const ageMs = seconds === '' ? undefined : Number(seconds) * 1_000;
  const about = { agent, ageMs, isStale: cells.isStale === '1' };
  const isPreview = cells.isPreview === '1' && cells.isAtAgent !== '1';
  const call = isPreview ? previewOf(cells) : callAtAgent(cells);
  return call && { ...about, ...call };
}

type FoundCall = Omit<FloorCall, 'agent' | 'ageMs' | 'isStale'>;

function previewOf({ previewLeadId, campaign }: Cells): FoundCall {
  const lead = { leadId: Number(previewLeadId), ...givenTexts({ line: campaign }) };
  return { callId: undefined, state: 'ringing', direction: 'outbound', ...lead };
}

function callAtAgent(cells: Cells): FoundCall | undefined {
  const { callId = '', comments, isInCall, isDialing, phone = '', line = '', campaign } = cells;
  if (callId === '') return undefined;
  const direction = directionOf(cells, callId);
  const isDialed = comments === 'MANUAL' && isDialing === '1';
  return {
    callId,
    state: isInCall === '1' && !isDialed ? 'answered' : 'ringing',
    direction,
    ...(phone.length >= LEAST_DIGITS && { phone }),
    ...(Number(cells.leadId) > 0 && { leadId: Number(cells.leadId) }),
    // The agent's own campaign is not that of a call which came to an in-group.
    ...givenTexts({ line: line === '' && direction === 'outbound' ? campaign : line }),
  };
}

/** By the call's row; where it is gone, by what the dialer noted at the agent, then by its id: `Y` came in. */
function directionOf({ type = '', comments }: Cells, callId: string): Direction {
  if (type !== '') return type === 'IN' ? 'inbound' : 'outbound';
  return comments === 'INBOUND' || callId.startsWith('Y') ? 'inbound' : 'outbound';
}
