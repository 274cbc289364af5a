import type { LoginFailureStore } from '../../access/account-store.ts';
import { openConnection, type Connection } from './connection.ts';
import { createLoginFailures } from './login-failures.ts';

/** What callercard itself remembers beside a dialer: an embedded store in which only failed logins are kept. */
export interface StateFile {
  /**
   * Opens the file, or makes it, if it is not open yet.
   *
   * @throws {StoreRefusal} it cannot be used
   */
  failures(): LoginFailureStore;
  close(): void;
}

export function createStateFile(path: string): StateFile {
  let opened: { readonly connection: Connection; readonly failures: LoginFailureStore } | undefined;
  return {
    failures() {
      if (opened === undefined) {
        // The country is of no matter: no numbers are stored here.
        const connection = openConnection({ path, country: undefined, fallbackCountry: 'MX', create: true });
        opened = { connection, failures: createLoginFailures(connection) };
      }
      return opened.failures;
    },
    close() {
      opened?.connection.database.close();
      opened = undefined;
    },
  };
}
