import type { Principal } from '../auth/principal.ts';
import type { PhoneColumn } from '../core/lead.ts';
import type { Country } from '../core/phone.ts';
import type { Store } from '../core/store.ts';
import { createOpenCard, type OpenCard } from './card.ts';
import { createLookup, type Lookup } from './lookup.ts';
import { createNotifyCall, type NotifyCall } from './notify-call.ts';
import { createPipeline, type PipelineOptions } from './pipeline.ts';
import { createFindOne, createSearchService, type SearchService } from './search.ts';
import { createSessionService, type SessionService } from './sessions.ts';

/** How telephone numbers are read in a domain, for those who show them. */
export interface Numbering {
  /** A number without country code is one of this country. */
  readonly country: Country;
  /** Which columns hold numbers, in the order of search. */
  readonly columns: readonly PhoneColumn[];
}

/** Everything that the endpoints ask of one domain. Nothing here rejects. */
export interface Services extends SearchService, SessionService {
  readonly lookup: Lookup;
  readonly notifyCall: NotifyCall;
  readonly openCard: OpenCard;
}

export interface ServiceOptions extends PipelineOptions {
  /** @throws {StoreFailure} the store cannot be opened */
  readonly store: () => Pick<Store, 'leads' | 'accounts' | 'credentials'>;
  /** The country under which numbers are compared, also while the store cannot be opened. */
  readonly country: () => Country;
}

export function createServices(options: ServiceOptions): Services {
  const { store, country, clock } = options;
  const pipeline = createPipeline(options);
  const ports = {
    store,
    country,
    scopeOf: async ({ viewer }: Principal) =>
      viewer === 'every list' || !('identity' in viewer) ? viewer : store().accounts.listsOf(viewer),
  };
  const findOne = createFindOne(pipeline, ports);
  return {
    ...createSearchService(pipeline, ports, findOne),
    ...createSessionService(pipeline, () => store().credentials, clock),
    lookup: createLookup(pipeline, ports),
    notifyCall: createNotifyCall(pipeline, () => store().accounts, clock),
    openCard: createOpenCard(pipeline, ports, findOne),
  };
}
