import { openConnection } from './connection.ts';
import { createStoredCredentials } from './tokens.ts';
import { createLoginFailures } from './accounts.ts';

/**
 * What callercard itself keeps beside a dialer: an embedded store of failed logins, tokens and sessions alone. Reading
 * `failures` or `credentials` opens the file, or makes it, if it is not open yet, and throws a StoreRefusal where that fails.
 */
export function createStateFile(path: string) {
  let opened: ReturnType<typeof open> | undefined;
  return {
    failures: () => (opened ??= open(path)).failures,
    credentials: () => (opened ??= open(path)).credentials,
    close() {
      opened?.connection.database.close();
      opened = undefined;
    },
  };
}

function open(path: string) {
  // The country does not matter: no telephone numbers are stored here.
  const connection = openConnection({ path, country: undefined, fallbackCountry: 'MX', create: true });
  return {
    connection,
    failures: createLoginFailures(connection),
    credentials: createStoredCredentials(connection),
  };
}
