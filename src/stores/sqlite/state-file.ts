import type { LoginFailureStore } from '../../core/account-store.ts';
import { openConnection, type Connection } from './connection.ts';
import { createStoredCredentials, type StoredCredentials } from './tokens.ts';
import { createLoginFailures } from './accounts.ts';

/** What callercard itself remembers beside a dialer: an embedded store of failed logins, tokens and sessions alone. */
export interface StateFile {
  /**
   * Opens the file, or makes it, if it is not open yet.
   *
   * @throws {StoreRefusal} it cannot be used
   */
  failures(): LoginFailureStore;
  /**
   * The same of tokens and sessions.
   *
   * @throws {StoreRefusal} it cannot be used
   */
  credentials(): StoredCredentials;
  close(): void;
}

interface Opened {
  readonly connection: Connection;
  readonly failures: LoginFailureStore;
  readonly stored: StoredCredentials;
}

export function createStateFile(path: string): StateFile {
  let opened: Opened | undefined;

  function open(): Opened {
    if (opened === undefined) {
      // The country is of no matter: no numbers are stored here.
      const connection = openConnection({ path, country: undefined, fallbackCountry: 'MX', create: true });
      opened = {
        connection,
        failures: createLoginFailures(connection),
        stored: createStoredCredentials(connection),
      };
    }
    return opened;
  }

  return {
    failures: () => open().failures,
    credentials: () => open().stored,
    close() {
      opened?.connection.database.close();
      opened = undefined;
    },
  };
}
