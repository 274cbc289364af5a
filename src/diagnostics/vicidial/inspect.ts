import type { Inspection } from '../../core/store.ts';
import type { DatabasePool } from '../../stores/network/pool.ts';
import type { DialerConfig } from '../../stores/vicidial/address.ts';
import { lookAt, type InspectedDialer } from './inspected.ts';
import { inspectHistory, inspectPop } from './calls.ts';
import { inspectCustom, inspectCustomers } from './fields.ts';
import { explainFailure } from './connection-failure.ts';
import { inspectIndexes, inspectPlans } from './indexes.ts';
import { inspectRights } from './rights.ts';
import { inspectSchema } from './schema.ts';
import { inspectServers } from './servers.ts';
import { inspectUsers } from './users.ts';
import { advise, ok, problem } from '../inspection.ts';

type Part = (inspected: InspectedDialer) => Iterable<Inspection> | AsyncIterable<Inspection>;

/** In the order in which one thing follows from another. */
const PARTS: Readonly<Record<string, Part>> = {
  tables: inspectSchema,
  indexes: inspectIndexes,
  lookups: inspectPlans,
  goautodial: inspectCustomers,
  rights: inspectRights,
  users: inspectUsers,
  'custom fields': inspectCustom,
  'automatic pop': inspectPop,
  'call history': inspectHistory,
  'list scope': inspectScope,
};

/**
 * Inspects a dialer for `callercard check`. It changes nothing and holds up no call: it reads small tables, and of large
 * ones only the server's statistics, through the same bounded pool as lookups.
 */
export async function* inspectDialer(
  config: DialerConfig,
  dialer: Pick<DatabasePool, 'servers' | 'read'>,
): AsyncGenerator<Inspection> {
  yield* inspectServers(config.database, config.databaseTls, dialer);
  if (dialer.servers.every(({ failure }) => failure !== undefined)) return;
  let inspected: InspectedDialer;
  try {
    inspected = await lookAt(config, dialer.read);
  } catch (cause) {
    yield notLookedAt('tables', cause, config);
    return;
  }
  for (const [subject, part] of Object.entries(PARTS)) {
    try {
      yield* part(inspected);
    } catch (cause) {
      yield notLookedAt(subject, cause, config);
    }
  }
  const servers =
    dialer.servers.length > 1 ? '; tables, rights and users on one server, whichever answered' : '';
  yield ok('not looked at', `the leads themselves, so that no call waits for this check${servers}`);
}

function notLookedAt(subject: string, cause: unknown, { database }: DialerConfig): Inspection {
  const [why, advice] = explainFailure(cause, database);
  return problem(subject, `could not be looked at: ${why}`, advice);
}

function* inspectScope({ config: { listScope } }: InspectedDialer): Generator<Inspection> {
  const subject = 'list scope';
  yield listScope === 'campaigns'
    ? ok(subject, 'users see the lists of the campaigns that are allowed to their group')
    : advise(
        subject,
        'every user of the API sees every lead, as in goAPIv2; chosen by listScope all',
        'set listScope to campaigns, unless that is what you want',
      );
}
