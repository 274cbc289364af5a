import type { AuditRecords, AuditTable, StoredPart, StoredRecord } from '../../core/audit-table.ts';
import { DatabaseFailure } from '../network/failure.ts';
import { createPool, type DatabasePool } from '../network/pool.ts';
import { directAddress, poolAddress, type PostgresqlConfig } from './address.ts';
import { arrayOf } from './rows.ts';
import type { SharedServers } from './shared-servers.ts';
import { openSession, type Session } from './transactions.ts';

/** A record of that number is there already. */
const UNIQUE_VIOLATION = '23505';
const READ_AT_ONCE = 2_000;

/** The statements of an audit. */
export const AUDIT_STATEMENTS = {
  /** One step of the index for each chain. */
  ends: `WITH RECURSIVE chains (chain) AS (
      SELECT min(chain) FROM audit_records
      UNION ALL SELECT (SELECT min(chain) FROM audit_records AS next WHERE next.chain > chains.chain) FROM chains
        WHERE chain IS NOT NULL
    )
    SELECT chains.chain, last.number, last.day, last.record FROM chains CROSS JOIN LATERAL (
      SELECT number, day, record FROM audit_records WHERE audit_records.chain = chains.chain ORDER BY seq DESC LIMIT 1
    ) AS last`,
  now: 'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint',
  add: `INSERT INTO audit_records (chain, number, day, seq, record)
    SELECT $1, * FROM unnest($2::integer[], $3::integer[], $4::bigint[], $5::text[])`,
  /** Of some days, by the index. */
  parts: `SELECT chain, number, min(day), min(seq), max(seq), sum(octet_length(record) + 1)::bigint FROM audit_records
    WHERE day BETWEEN $1 AND $2 GROUP BY chain, number ORDER BY chain, number`,
  records: `SELECT seq, record FROM audit_records WHERE chain = $1 AND seq BETWEEN $2 AND $3
    ORDER BY seq LIMIT ${READ_AT_ONCE}`,
} as const;

/** As far as the table's column reaches. */
const EVERY_DAY = { first: 0, last: 2 ** 31 - 1 };

const nameOf = ({ database: { schema } }: PostgresqlConfig) =>
  `the table audit_records of the schema ${schema}`;

/**
 * What adds records: by one connection at a time, made when it is needed.
 *
 * @param shared with whose audits it shares connections; undefined: it has one of its own
 */
export function openAuditTable(config: PostgresqlConfig, shared?: SharedServers): AuditTable {
  let pool: DatabasePool | undefined;
  // Records of a process come one batch after the other.
  const use = { shared, purpose: 'audit', most: 1 };
  const opened = () => (pool ??= createPool(poolAddress(config, use), () => undefined));
  return {
    name: nameOf(config),
    async ends() {
      const [rows, [time]] = [
        await opened().read(AUDIT_STATEMENTS.ends, []),
        await opened().read(AUDIT_STATEMENTS.now, []),
      ];
      const ends = rows.map(([chain, number, day, record]) => ({
        ...{ chain: Number(chain), number: Number(number), day: Number(day) },
        record: String(record),
      }));
      return { ends, now: Number(time?.[0]) };
    },
    async add(chain, records) {
      const column = (of: keyof StoredRecord) => arrayOf(records.map((record) => record[of]));
      try {
        await opened().write(AUDIT_STATEMENTS.add, [
          ...[chain, column('number'), column('day'), column('seq'), column('record')],
        ]);
        return 'done';
      } catch (cause) {
        if (cause instanceof DatabaseFailure && cause.code === UNIQUE_VIOLATION) return 'taken';
        throw cause;
      }
    },
    async close() {
      const closing = pool;
      pool = undefined;
      await closing?.close();
    },
  };
}

/** What reads them, as long as it takes. */
export function readAuditTable(config: PostgresqlConfig): AuditRecords {
  let session: Promise<Session> | undefined;
  const run: Session['run'] = async (sql, parameters) => {
    session ??= openSession(directAddress(config));
    return (await session).run(sql, parameters);
  };
  return {
    name: nameOf(config),
    async parts({ first, last } = EVERY_DAY) {
      const rows = await run(AUDIT_STATEMENTS.parts, [
        ...[Math.max(first, EVERY_DAY.first), Math.min(last, EVERY_DAY.last)],
      ]);
      return rows.map((row) => {
        const [chain = 0, number = 0, day = 0, firstSeq = 0, lastSeq = 0, bytes = 0] = row.map(Number);
        return { chain, number, day, firstSeq, lastSeq, bytes };
      });
    },
    async *records({ chain, firstSeq, lastSeq }: StoredPart) {
      for (let from = firstSeq; from <= lastSeq;) {
        const rows = await run(AUDIT_STATEMENTS.records, [chain, from, lastSeq]);
        const last = rows.at(-1);
        if (last === undefined) return;
        yield rows.map(([, record]) => String(record));
        from = Number(last[0]) + 1;
      }
    },
    async close() {
      await (await session?.catch(() => undefined))?.close();
    },
  };
}
