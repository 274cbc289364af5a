import type { Config } from '../config/settings.ts';
import type { Clock } from '../core/clock.ts';
import { findDemoUser } from '../core/demo-user.ts';
import { StoreFailure } from '../core/lead-store.ts';
import type { LogStoreEvent, Store } from '../core/store.ts';
import { openStore } from '../stores/open-store.ts';
import type { SharedServers } from '../stores/store-schemas.ts';
import { createFileWatch } from './file-watch.ts';
import { createWriteProbe } from './write-probe.ts';

/** So often at least the time of an open store is written, which is the least that the next start of the machine goes on from. */
const KEEP_TIME_MS = 60_000;
const UPKEEP_MS = 1_000;

export interface DomainStoreOptions {
  readonly clock: Clock;
  readonly log: LogStoreEvent;
  /** Called before the store is opened, to make room for it. */
  readonly makeRoom: () => void;
  /** A store that could not be opened is tried again after this time at the earliest. */
  readonly retryMs: number;
  /** Whether the process serves no other store. */
  readonly isAlone: boolean;
  /** With what other domains it shares connections; undefined: they are its own. */
  readonly servers?: SharedServers | undefined;
  /** The user of the documentation is meant to be there. */
  readonly isDemo?: boolean | undefined;
}

/** The store of one domain, which opens and closes while the process runs. */
export class DomainStore {
  /** The store, while it is open: to be read. */
  current: Store | undefined;
  readonly #config: Config;
  readonly #options: DomainStoreOptions;
  readonly #watch: ReturnType<typeof createFileWatch>;
  readonly #probe: ReturnType<typeof createWriteProbe>;
  #closing = Promise.resolve();
  /** Infinity: it is being done. */
  #keptUpAt = -Infinity;
  #failed: { readonly cause: unknown; readonly at: number } | undefined;

  /** @param opened a store that is open already, whose owner this becomes */
  constructor(config: Config, options: DomainStoreOptions, opened?: Store) {
    this.#config = config;
    this.#options = options;
    this.#watch = createFileWatch(options);
    this.#probe = createWriteProbe(options);
    this.current = opened;
  }

  /** @throws what `openStore` throws */
  open(): void {
    if (this.current !== undefined) return;
    this.#options.makeRoom();
    this.current = this.#openNow();
    if (this.#failed !== undefined)
      this.#options.log({ level: 'info', message: 'the store can be used again' });
    this.#failed = undefined;
  }

  /** Opens it, unless that failed less than `retryMs` ago. */
  tryOpen(): void {
    const { clock, log, retryMs } = this.#options;
    const now = clock.monotonic();
    if (this.#failed !== undefined && now - this.#failed.at < retryMs) return;
    try {
      this.open();
    } catch (cause) {
      // Logged once, not for each try: every lookup that fails by it logs the cause.
      if (this.#failed === undefined) log({ level: 'error', message: 'the store cannot be used', cause });
      this.#failed = { cause, at: now };
    }
  }

  /** Why there is no store. */
  failure(): StoreFailure {
    return new StoreFailure(this.#failed?.cause);
  }

  /** Whether it could be used, as far as is known: one that was not asked for yet counts as good. */
  isReady(): boolean | Promise<boolean> {
    if (this.current === undefined) return this.#failed === undefined;
    const { ownFile } = this.current;
    if (!this.#watch.isSettled() || (ownFile !== undefined && !this.#probe.canWrite(ownFile))) return false;
    return this.current.isReady();
  }

  /**
   * Keeps the store up, and looks whether another file has taken the place of the open one, and opens it. Never rejects.
   *
   * @param onReplaced called at the moment from which `current` is the new store, with the former one, which is to be closed
   *   with `end`
   */
  async look(onReplaced: (former: Store) => void): Promise<void> {
    const former = this.current;
    if (former === undefined) return;
    this.#keepUp(former);
    if (former.ownFile === undefined) return;
    this.#probe.canWrite(former.ownFile, KEEP_TIME_MS);
    const opened = await this.#watch.look(former.ownFile, () => this.#openNow());
    if (opened === undefined) return;
    // It may have been closed while the new one was opened.
    if (this.current !== former) return this.end(opened);
    this.current = opened;
    onReplaced(former);
  }

  #keepUp(store: Store): void {
    const now = this.#options.clock.monotonic();
    if (store.upkeep === undefined || now - this.#keptUpAt < UPKEEP_MS) return;
    this.#keptUpAt = Infinity;
    void store.upkeep().finally(() => (this.#keptUpAt = this.#options.clock.monotonic()));
  }

  /** Closes a store that is not the current one any longer. Never throws. */
  end(store: Store): Promise<void> {
    this.#closing = Promise.all([this.#closing, this.#end(store)]).then(() => undefined);
    return this.#closing;
  }

  /** Closes it until it is opened again; resolves when everything that was opened so far is closed. Never throws. */
  close(): Promise<void> {
    const current = this.current;
    this.current = undefined;
    return current === undefined ? this.#closing : this.end(current);
  }

  #openNow(): Store {
    const { log, isAlone, servers: shared, isDemo = false } = this.#options;
    const country = this.#config.chosenCountry;
    const store = openStore(this.#config, { country, log, mapped: isAlone, shared });
    if ('users' in store && !isDemo) void this.#warnOfDemoUser(store);
    return store;
  }

  async #warnOfDemoUser(store: Store): Promise<void> {
    try {
      const found = await findDemoUser(store);
      if (found !== undefined)
        this.#options.log({ level: 'warn', message: `${found.message}; ${found.advice}` });
    } catch {
      // It was closed meanwhile, or cannot be read: then whoever asks it says so.
    }
  }

  async #end(store: Store): Promise<void> {
    try {
      await store.close();
    } catch (cause) {
      this.#options.log({ level: 'error', message: 'the store was not closed as it should be', cause });
    }
  }
}
