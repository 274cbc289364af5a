import type { AccountStore, UserDirectory } from './account-store.ts';
import type { KeyStore, TokenDirectory } from './token-store.ts';
import type { Inspection } from './inspection.ts';
import type { LeadArchive } from './lead-archive.ts';
import type { LeadStore } from './lead-store.ts';

/** The connections of a store whose database is elsewhere. */
export interface PoolState {
  readonly connections: number;
  /** Statements under way or waiting. */
  readonly statements: number;
  readonly servers: number;
  /** Servers that failed and are tried again. */
  readonly failedServers: number;
}

/** A store, by what every engine can do. */
export interface Store {
  readonly leads: LeadStore;
  readonly accounts: AccountStore;
  /** Tokens and sessions; beside a dialer they are in callercard's own file. */
  readonly keys: KeyStore;
  readonly tokens: TokenDirectory;
  /** Looks at everything that may be wrong with it; may take long on a large store. */
  inspect(): Iterable<Inspection> | AsyncIterable<Inspection>;
  isReady(): boolean | Promise<boolean>;
  /** Not there where there are no connections. */
  readonly pool?: () => PoolState;
  close(): void | Promise<void>;
}

/** A store of callercard's own: leads and users are made here. Those of a dialer are made in the dialer. */
export interface EmbeddedStore extends Store {
  readonly archive: LeadArchive;
  readonly users: UserDirectory;
  inspect(): Iterable<Inspection>;
}
