import { messageOf, RUN_AS_SERVICE } from './problem.ts';
import type { AccountStore, GrantDirectory, UserDirectory } from './account-store.ts';
import type { CallStore } from './call-store.ts';
import type { DailyLeadStore } from './daily-leads.ts';
import type { LeadArchive } from './lead-archive.ts';
import type { LeadStore } from './lead-store.ts';
import type { ReadLiveAgent } from './live-agent.ts';
import type { PersonStore } from './person-store.ts';
import type { RunPersonTask } from './person-task.ts';
import type { RecordStore } from './record-store.ts';
import type { CredentialStore, TokenDirectory } from './credential-store.ts';

/** The connections of a store whose database is elsewhere. */
export interface PoolState {
  readonly connections: number;
  /** Statements under way or waiting. */
  readonly statements: number;
  readonly servers: number;
  /** Servers that failed and are tried again. */
  readonly failedServers: number;
}

/** The file in which a store keeps what is callercard's own: the embedded store, or the state file beside a dialer. */
export interface OwnFile {
  readonly path: string;
  /** Which file is open, whatever its name. */
  readonly identity: string;
  /** The identity of the file that is at the path now; undefined: there is none. */
  look(): string | undefined;
  /**
   * Opens the file that has taken the place of this one, which stays open and can be used until it is closed.
   *
   * @param open opens it by its path
   * @returns what `open` returns; rejects with a StoreFailure by what it throws: then all is as before
   */
  openReplacement<Opened>(open: () => Opened): Promise<Opened>;
  /**
   * Writes a little, the store's time: what a login must write can be written, too, then.
   *
   * @returns false: somebody else writes just now, and nothing was tried
   * @throws why it cannot be written
   */
  write(): boolean;
}

/** A store, by what every engine can do. */
export interface Store {
  /** Undefined: it is opened when it is needed. */
  readonly ownFile: OwnFile | undefined;
  readonly leads: LeadStore;
  /**
   * Leads for somebody to whom other servers may show them as they were some moments ago. Undefined: there is one server.
   *
   * @param user who asks, as `Actor.user`, and is shown all that came of it in this process
   */
  readonly replicatedLeads?: ((user: string) => LeadStore) | undefined;
  readonly accounts: AccountStore;
  /** Undefined: its leads are changed elsewhere, those of a dialer. */
  readonly records?: RecordStore;
  /** Undefined: calls are kept elsewhere, in the tables of a dialer. */
  readonly calls?: CallStore;
  /** Undefined: who is on which call is known by the calls that are kept here. */
  readonly readLiveAgent?: ReadLiveAgent;
  /** Tokens and sessions; beside a dialer they are in callercard's own file. */
  readonly credentials: CredentialStore;
  readonly tokens: TokenDirectory;
  /** Undefined: users are made elsewhere, those of a dialer. */
  readonly users?: UserDirectory;
  /** Rights that are kept here for a dialer's users. */
  readonly grants?: () => GrantDirectory;
  /** Beside a dialer in callercard's own file, too. */
  readonly dailyLeads: DailyLeadStore;
  /**
   * Reads what is known from then on without asking: the store's time. Requests read before they need it.
   *
   * @throws {StoreFailure}
   */
  begin?(): Promise<void>;
  /** What a server does with people, while requests are answered; beside a dialer with what is kept here of them. */
  readonly runPersonTask: RunPersonTask;
  /** @throws {StoreFailure} */
  isReady(): Promise<boolean>;
  /** Not there where there are no connections. */
  readonly pool?: () => PoolState;
  /** What is to be done now and then, a second apart at least. Never rejects. */
  upkeep?(): Promise<void>;
  close(): void | Promise<void>;
}

/** A store of callercard's own: leads and users are made here. Those of a dialer are made in the dialer. */
export interface OwnStore extends Store {
  readonly records: RecordStore;
  readonly calls: CallStore;
  readonly archive: LeadArchive;
  readonly persons: PersonStore;
  readonly users: UserDirectory;
}

/** What happens to a store or an audit while it is used, for the log. */
export interface StoreEvent {
  readonly level: 'info' | 'warn' | 'error';
  /** One sentence, without secrets. */
  readonly message: string;
  readonly cause?: unknown;
}

export type LogStoreEvent = (event: StoreEvent) => void;

/** Why a store is not opened: one sentence for the operator that says what to do. Nothing was changed. */
export class StoreRefusal extends Error {
  override readonly name = 'StoreRefusal';
  /** The file, where this user may not read it or not write to it. */
  readonly deniedPath: string | undefined;

  constructor(message: string, options: ErrorOptions & { readonly deniedPath?: string } = {}) {
    super(message, options);
    this.deniedPath = options.deniedPath;
  }
}

/** Of a store that is another user's. @param cause what the file system or SQLite said */
export function storeDenied(path: string, cause: unknown): StoreRefusal {
  return new StoreRefusal(
    `${path} may not be read and written by this user (${messageOf(cause)}); ${RUN_AS_SERVICE}, or give this user the right to read and write it`,
    { cause, deniedPath: path },
  );
}

/** One thing that `callercard check` looked at. */
export interface Inspection {
  readonly level: 'ok' | 'advice' | 'problem';
  readonly subject: string;
  readonly message: string;
  /** What to do about it, for everything that is not ok. */
  readonly advice?: string;
}
