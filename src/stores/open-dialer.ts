import { createPersonStore } from './sqlite/erasure.ts';
import { createDailyLeads } from './sqlite/daily-leads.ts';
import { openConnection, type OpenOptions } from './sqlite/connection.ts';
import { createGrantDirectory } from './sqlite/grants.ts';
import { createLoginFailures } from './sqlite/login-failures.ts';
import { createRunPersonTask } from './sqlite/person-thread.ts';
import { createStoredCredentials } from './sqlite/tokens.ts';
import type { RunPersonTask } from '../core/person-task.ts';
import type { OpenStoreOptions } from './store-config.ts';
import type { DialerConfig } from './vicidial/address.ts';
import { openDialer, type DialerStore } from './vicidial/open-dialer.ts';

/** @throws {StoreRefusal} a file that the settings name cannot be used */
export function openDialerStore(
  config: DialerConfig,
  { forOperator = false, log, clock }: OpenStoreOptions,
): DialerStore {
  const state = createStateFile({ path: config.stateFile, onMigrate: log, clock });
  // At once, so that a file which cannot be used stops the start, and not the first caller.
  if (!forOperator) state.failures();
  return openDialer(config, { state, isServing: !forOperator, log });
}

/**
 * What callercard itself keeps beside a dialer: an embedded store of failed logins, tokens, sessions, granted rights and leads
 * read today alone. Each of them opens the file, or makes it, if it is not open yet, and throws a StoreRefusal where that fails.
 */
function createStateFile(where: StateFileOptions) {
  let opened: ReturnType<typeof openState> | undefined;
  return {
    failures: () => (opened ??= openState(where)).failures,
    credentials: () => (opened ??= openState(where)).credentials,
    grants: () => (opened ??= openState(where)).grants,
    dailyLeads: () => (opened ??= openState(where)).dailyLeads,
    persons: () => (opened ??= openState(where)).persons(),
    runPersonTask: ((task) => (opened ??= openState(where)).runPersonTask(task)) satisfies RunPersonTask,
    openFile: () => opened?.connection.file,
    close() {
      opened?.dailyLeads.close();
      opened?.connection.file.close();
      opened = undefined;
    },
  };
}

type StateFileOptions = Pick<OpenOptions, 'path' | 'onMigrate' | 'clock'>;

function openState(where: StateFileOptions) {
  // The country does not matter: no telephone numbers are stored here.
  const connection = openConnection({ ...where, country: undefined, fallbackCountry: 'MX', create: true });
  return {
    connection,
    failures: createLoginFailures(connection),
    credentials: createStoredCredentials(connection),
    grants: createGrantDirectory(connection),
    dailyLeads: createDailyLeads(connection, where.onMigrate),
    persons: () => createPersonStore(connection, 0),
    runPersonTask: createRunPersonTask({ ...connection.file, erasedDays: 0 }),
  };
}
