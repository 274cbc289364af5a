import type { Principal } from '../auth/principal.ts';
import type { PhoneColumn } from '../core/lead.ts';
import type { Country, NumberSettings } from '../core/phone.ts';
import type { Store } from '../core/store.ts';
import { createOpenCard } from './card.ts';
import { createChangeLead, createCreateLead, createRemoveLead } from './change-lead.ts';
import { createListService } from './lists.ts';
import { createOnRecords } from './record-work.ts';
import { createTimelineService } from './timeline.ts';
import { createUndoChange } from './undo-change.ts';
import { createLookup } from './lookup.ts';
import { createLookupMany } from './lookup-many.ts';
import { createNotifyCall } from './notify-call.ts';
import { createPipeline, type PipelineOptions } from './pipeline.ts';
import { createFindOne, createSearchService } from './search.ts';
import { createSearchText } from './search-text.ts';
import { createSessionService } from './sessions.ts';

/** How telephone numbers are read in a domain, for those who show them. */
export interface Numbering {
  /** A number without country code is one of this country. */
  readonly country: Country;
  /** Which columns hold numbers, in the order of search. */
  readonly columns: readonly PhoneColumn[];
  /** Which numbers there are besides those of every telephone. */
  readonly settings?: NumberSettings;
}

/** Everything that the endpoints ask of one domain. Nothing here rejects. */
export type Services = ReturnType<typeof createServices>;

/** One domain, as endpoints see it: what can be asked of it, and whom its answers may reach. */
export interface DomainContext extends Services {
  /** How telephone numbers are read here, for those who show them. */
  readonly numbering: () => Numbering;
  /** Which file the store is in, if it is one of ours and open. */
  readonly storeFile: () => string | undefined;
  /** The domain's name. */
  readonly domain: string;
  /** Web pages of these origins may read the answers, exactly as the operator wrote them. */
  readonly corsOrigins: ReadonlySet<string>;
  /** Web pages of these origins may open a card without a click. */
  readonly popOrigins: ReadonlySet<string>;
  /** Whether a password may stand in a URL. */
  readonly queryCredentials: 'allow' | 'refuse';
}

/** Finds the domain of a request. */
export interface DomainResolver {
  /** The domain of an installation with one, which serves every host. Undefined: the host decides. */
  readonly only: DomainContext | undefined;
  /**
   * @param host as it was sent; undefined: none was
   * @returns undefined when no domain has it; `no host` when it is none
   */
  readonly find: (host: string | undefined) => DomainContext | undefined | 'no host';
  /** A host in its one spelling; undefined when it is none. */
  readonly readHost: (text: string) => string | undefined;
}

export interface ServiceOptions extends PipelineOptions {
  /** @throws {StoreFailure} the store cannot be opened */
  readonly store: () => Pick<Store, 'leads' | 'accounts' | 'credentials' | 'dailyLeads' | 'records'>;
  /** The country under which numbers are compared, also while the store cannot be opened. */
  readonly country: () => Country;
  /** None: neither internal numbers nor blocks. */
  readonly numbers?: NumberSettings;
  /** Whoever changes a lead must say as what they have read it; undefined: need not. */
  readonly requireIfMatch?: boolean;
}

export function createServices(options: ServiceOptions) {
  const { store, country, numbers = {}, clock } = options;
  const pipeline = createPipeline(options);
  const ports = {
    store,
    country,
    numbers,
    scopeOf: async ({ viewer }: Principal) =>
      viewer === 'every list' || !('identity' in viewer) ? viewer : store().accounts.listsOf(viewer),
  };
  const findOne = createFindOne(pipeline, ports);
  const onRecords = createOnRecords(pipeline, ports);
  const changeOptions = { country, requireIfMatch: options.requireIfMatch ?? false };
  return {
    ...createSearchService(pipeline, ports),
    ...createSessionService(pipeline, () => store().credentials),
    lookup: createLookup(pipeline, ports),
    lookupMany: createLookupMany(pipeline, ports, findOne),
    notifyCall: createNotifyCall(pipeline, () => store().accounts, clock),
    searchText: createSearchText(pipeline, ports),
    openCard: createOpenCard(pipeline, ports, findOne),
    createLead: createCreateLead(onRecords, changeOptions),
    changeLead: createChangeLead(onRecords, changeOptions),
    removeLead: createRemoveLead(onRecords, changeOptions),
    undoChange: createUndoChange(onRecords),
    ...createTimelineService(onRecords),
    ...createListService(onRecords),
  };
}
