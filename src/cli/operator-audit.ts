import { userInfo } from 'node:os';

import { claimFile } from '../stores/claim-file.ts';
import { AuditRefusal } from '../audit/audit-limits.ts';
import { AuditWriter } from '../audit/audit-writer.ts';
import { type ActContext, type ActCounts, type ActEnd, actFields } from '../audit/operator-act.ts';
import type { OperatorAct } from '../core/operator-act.ts';
import { isAuditInDatabase, ONLY_DOMAIN, operatorAuditFolderOf } from '../config/domains.ts';
import type { Config } from '../config/settings.ts';
import { systemClock } from '../core/clock.ts';
import { messageOf } from '../core/problem.ts';
import { CommandFailure, EXIT } from '../process/exit-code.ts';
import type { ChosenDomain } from './settings-flags.ts';

/** What a record of an act says of where it is done. */
export type ActDomain = Pick<ChosenDomain, 'name' | 'config'>;

/** Who does it over HTTP; without it the operator of this machine does. */
export type ActPerson = NonNullable<ActContext['by']> & Pick<ActContext, 'address'>;

/** The records of one act. */
export interface ActRecord {
  /**
   * To be called before anything is changed or disclosed, and once it is known that it can be.
   *
   * @throws {AuditRefusal} it cannot be recorded, so it must not be done
   */
  begin(act: OperatorAct): Promise<void>;
  /** What the record of its end says; none: an act that did not fail has no such record. */
  counts: ActCounts | undefined;
  isStopped: boolean;
  /** The digest of what the act left behind on paper; undefined: nothing. */
  receipt?: string | undefined;
}

/**
 * Runs an act of the operator with its records: one before it, so that no act is without, and one after it if it failed or
 * has counts.
 *
 * @throws what `work` throws; a CommandFailure where all was done and its end could not be recorded
 */
export async function withActRecord<Result>(
  domain: ActDomain,
  work: (record: ActRecord) => Promise<Result>,
  person?: ActPerson,
): Promise<Result> {
  const { record, end, close } = await openRecords(domain, person);
  try {
    const result = await work(record);
    if (record.counts !== undefined) await end(record.isStopped ? 'stopped' : 'done');
    return result;
  } catch (cause) {
    // Why it failed is said, whether or not that can be recorded.
    await end('failed').catch(() => undefined);
    throw cause;
  } finally {
    await close();
  }
}

/** The same for one that needs nothing before it begins, and has no counts. */
export function recorded<Result>(
  domain: ActDomain,
  act: OperatorAct,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  return withActRecord(domain, async (record) => {
    await record.begin(act);
    return work();
  });
}

const TABLE_ADVICE = 'this account needs INSERT and SELECT on it: docs/audit.md, "In PostgreSQL"';

async function openRecords({ name = ONLY_DOMAIN, config }: ActDomain, person: ActPerson | undefined) {
  const table = await openTable(config);
  const folder = table?.name ?? operatorAuditFolderOf(config);
  const durability = table === undefined ? config.auditDurability : 'synced';
  const common = { clock: systemClock, claimFile, log: () => undefined };
  const writer = new AuditWriter({ folder, table, durability, ...common });
  const { address, ...by } = person ?? { address: operatorOfMachine() };
  const who = 'user' in by ? { address, by } : { address };
  /** Until its end is recorded. */
  let begun: OperatorAct | undefined;
  const contextOf = () => ({ at: systemClock.wall(), domain: name, ...who });
  const record: ActRecord = {
    counts: undefined,
    isStopped: false,
    async begin(act) {
      writer.open();
      try {
        await writer.recordFields(actFields(contextOf(), act));
      } catch (cause) {
        const advice = table === undefined ? undefined : TABLE_ADVICE;
        throw new AuditRefusal(folder, (cause as Error).cause, advice);
      }
      begun = act;
    },
  };
  return {
    record,
    end: async (result: ActEnd): Promise<void> => {
      if (begun === undefined) return;
      const fields = actFields(contextOf(), begun, {
        result,
        counts: record.counts,
        receipt: record.receipt,
      });
      begun = undefined;
      try {
        await writer.recordFields(fields);
      } catch (cause) {
        const why = messageOf((cause as Error).cause);
        const message = `all is done, but its end could not be recorded in ${folder} (${why})`;
        throw new CommandFailure(message, EXIT.failed, { cause });
      }
    },
    close: (): Promise<void> => writer.close(),
  };
}

/** Of an audit that is in the database; undefined: it is in a folder. */
async function openTable(config: Config) {
  if (!isAuditInDatabase(config)) return undefined;
  const { openAuditTable } = await import('../stores/store-schemas.ts');
  return openAuditTable(config);
}

/** The person's own account, as far as the system knows it. */
export function operatorOfMachine(): string {
  try {
    return `local:${userInfo().username}`;
  } catch {
    return 'local';
  }
}
