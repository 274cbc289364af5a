import { readsOfLeads } from '../audit/reads-of-leads.ts';
import { isAuditInDatabase, operatorAuditFolderOf } from '../config/domains.ts';
import type { Config } from '../config/settings.ts';
import { COUNTED_MATCHES } from '../core/lead.ts';
import { StoreFailure } from '../core/lead-store.ts';
import { contentInDialer } from '../core/dialer-places.ts';
import { foldName, joinName } from '../core/person-names.ts';
import type { PersonWork, PersonTrace } from '../core/person-store.ts';
import type { PhoneNumber } from '../core/phone.ts';
import { type Problem, ProblemError } from '../core/problem.ts';
import type { OwnStore, Store } from '../core/store.ts';
import {
  deleteOldTrials,
  elsewhere,
  elsewhereOfPerson,
  remainsOf,
  withoutPathsOf,
} from '../stores/erasure-remains.ts';
import type { DialerStore } from '../stores/open-store.ts';
import { readAuditTable } from '../stores/store-schemas.ts';

/** Work on people waits for what was asked before; beyond so many that wait, it is refused. */
const MOST_WAITING = 8;

/**
 * What a server does with people: one thing after the other.
 *
 * @param store the one that is open now; throws a StoreFailure
 */
export function createPersonWork(store: () => Store, config: Config): PersonWork {
  const inTurn = createTurns();
  const now = () => {
    const opened = store();
    return 'dialer' in opened ? inDialer(opened as DialerStore, config) : inStore(opened as OwnStore, config);
  };
  return {
    find: (phone) => inTurn(() => now().find(phone)),
    countCalls: (phone) => inTurn(() => now().countCalls(phone)),
    known: (leadIds) => inTurn(() => now().known(leadIds)),
    describe: (...asked) => inTurn(() => now().describe(...asked)),
    erase: (...asked) => inTurn(() => now().erase(...asked)),
    due: (at) => inTurn(() => now().due(at)),
  };
}

function inStore(store: OwnStore, config: Config): PersonWork {
  const { runPersonTask } = store;
  return {
    find: (phone) => runPersonTask<'find'>({ what: 'find', phone }),
    countCalls: (phone) => runPersonTask<'countCalls'>({ what: 'countCalls', phone }),
    known: (leadIds) => runPersonTask<'known'>({ what: 'known', leadIds }),
    async describe(leadIds, phone) {
      const { leads, calls, related } = await runPersonTask<'describe'>({ what: 'describe', leadIds, phone });
      const { reads, older, more } = await readsOf(config, leadIds);
      return { leads, calls, related, reads, older, elsewhere: [...more, ...elsewhereOfPerson(related)] };
    },
    async erase(leadIds, at, phone) {
      const release = await store.archive.claimImport();
      if (release === undefined) return undefined;
      try {
        const imports = await store.archive.imports();
        const done = await runPersonTask<'erase'>({ what: 'erase', leadIds, at, phone });
        const files = { ...done.files, deleted: [...done.files.deleted, ...deleteOldTrials()] };
        const remains = remainsOf(done.related, imports, config);
        return withoutPaths({ removed: done.removed, files, remains }, store);
      } finally {
        await release();
      }
    },
    due: (at) => runPersonTask<'due'>({ what: 'due', rules: config.retention, at }),
  };
}

/** The leads are the dialer's; here is what was kept of those that somebody read. */
function inDialer(store: DialerStore, config: Config): PersonWork {
  return {
    find: (phone) => tracesInDialer(store, phone),
    countCalls: () => Promise.resolve(0),
    known: (leadIds) => Promise.resolve(leadIds),
    async describe(leadIds) {
      const { reads, older, more } = await readsOf(config, leadIds);
      return {
        leads: undefined,
        calls: [],
        related: [],
        reads,
        older,
        elsewhere: [...more, ...contentInDialer(leadIds)],
      };
    },
    async erase(leadIds, at) {
      const { removed, files } = await store.runPersonTask<'erase'>({ what: 'erase', leadIds, at });
      const remains = [...contentInDialer(leadIds), ...elsewhere(config)];
      return withoutPaths({ removed, files, remains }, store);
    },
    due: () => Promise.resolve(undefined),
  };
}

/** No caller learns where the machine keeps what. */
function withoutPaths({ removed, files, remains }: Erased, { ownFile }: Store): Erased {
  const shown = withoutPathsOf(ownFile?.path);
  const { done, deleted, left } = files;
  return {
    removed,
    files: { done, deleted: deleted.map(shown), left: left.map(shown), remains: files.remains },
    remains: remains.map(shown),
  };
}

type Erased = NonNullable<Awaited<ReturnType<PersonWork['erase']>>>;

/** So many records of the audit an answer has, some 5 MB. */
const MOST_READS = 10_000;

/** @returns `more`: how the rest can be found, if there is one */
async function readsOf(config: Config, leadIds: readonly number[]) {
  if (leadIds.length === 0) return { reads: [], older: 0, more: [] };
  const table = isAuditInDatabase(config) ? readAuditTable(config) : undefined;
  try {
    const place = table ?? operatorAuditFolderOf(config);
    const { reads, older } = await readsOfLeads(place, leadIds, MOST_READS);
    const more = `The audit has ${older} older records of these leads: "callercard audit search --lead ID" shows them.`;
    return { reads, older, more: older > 0 ? [more] : [] };
  } catch (cause) {
    throw new StoreFailure(cause);
  } finally {
    await table?.close();
  }
}

const TOO_MANY_LEADS: Problem = {
  code: 'request_too_large',
  reason: `more than ${COUNTED_MATCHES} leads have the number, or more text than an answer may; name leads with lead_ids`,
};

/** @throws {ProblemError} there are too many */
async function tracesInDialer({ leads }: Store, phone: PhoneNumber): Promise<readonly PersonTrace[]> {
  const page = { offset: 0, limit: COUNTED_MATCHES };
  const { matches, total, isCut = false } = await leads.findAll(phone, 'every list', page);
  // A part of a person's leads must not be taken for all of them.
  if (isCut || total > matches.length) throw new ProblemError(TOO_MANY_LEADS);
  return matches.map(({ leadId, lead, foundBy }) => {
    const name = joinName([lead.first_name, lead.middle_initial, lead.last_name]);
    const found = foundBy === undefined ? [] : [foundBy.column];
    const { list_id: listId } = lead;
    return { leadId, listId, name, comparedName: foldName(name), isRemoved: false, matches: found };
  });
}

/** @returns runs work once all that was asked before is done. @throws {ProblemError} too many wait */
function createTurns() {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (waiting >= MOST_WAITING) throw new ProblemError({ code: 'overloaded', retryAfterSeconds: 10 });
    waiting += 1;
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      waiting -= 1;
    }
  };
}
