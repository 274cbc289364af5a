import type { Principal } from '../auth/principal.ts';
import type { SearchAudit } from '../core/audit-reader.ts';
import type { MasksOf, PhoneColumn } from '../core/lead.ts';
import type { ImportJobs } from '../core/import-job.ts';
import type { PersonWork } from '../core/person-store.ts';
import type { MaskedField } from '../core/masks.ts';
import type { Country, NumberSettings } from '../core/phone.ts';
import type { Store } from '../core/store.ts';
import { type AccountPort, createAccountService } from './account-service.ts';
import { createAdministration } from './administration.ts';
import { createAuditService } from './audit-service.ts';
import { createOpenCard } from './card.ts';
import { createChangeCall } from './change-call.ts';
import { createHidesNumbers } from './hides-numbers.ts';
import { createCustomerService } from './customers.ts';
import { createChangeLead, createCreateLead, createRemoveLead } from './change-lead.ts';
import { createImportService } from './imports.ts';
import { createListService } from './lists.ts';
import { createOnRecords } from './record-work.ts';
import { createTimelineService } from './timeline.ts';
import { createUndoChange } from './undo-change.ts';
import { createLeadView, createLookup, NO_MASKS, seesAll } from './lookup.ts';
import { createLookupMany } from './lookup-many.ts';
import { maskedRecords, masksEver } from './masked-records.ts';
import { createFindAgent } from './find-agent.ts';
import { createFirstAdminService } from './first-admin.ts';
import { createPipeline, type PipelineOptions } from './pipeline.ts';
import { createLeadDetails } from './lead-details.ts';
import { createFindOne, createSearchService } from './search.ts';
import { createOwnAccountService } from './own-account.ts';
import { createPersonService } from './persons.ts';
import { createReadAgent } from './read-agent.ts';
import { createReadCalls } from './read-calls.ts';
import { createReportCall } from './report-call.ts';
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
  /** Whether leads are searched by words (`searchText`), as far as is known: a dialer's are not. */
  readonly findsNames: () => boolean;
  /** Whether leads are changed elsewhere, as far as is known: those of a dialer. */
  readonly isReadOnly: () => boolean;
  /** The domain's name. */
  readonly domain: string;
  /** Web pages of these origins may read the answers, exactly as the operator wrote them. */
  readonly corsOrigins: ReadonlySet<string>;
  /** Web pages of these origins may open a card without a click. */
  readonly popOrigins: ReadonlySet<string>;
  /** Fields that a card shows before anything else. */
  readonly cardFields: readonly string[];
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
  readonly store: () => Pick<
    Store,
    'leads' | 'replicatedLeads' | 'dailyLeads' | 'records' | 'calls' | 'readLiveAgent'
  > &
    AccountPort;
  /** The country under which numbers are compared, also while the store cannot be opened. */
  readonly country: () => Country;
  /** None: neither internal numbers nor blocks. */
  readonly numbers?: NumberSettings;
  /** Searches the audit; undefined: there is none to search. */
  readonly searchAudit?: SearchAudit;
  /** What is done with people here; undefined: nothing. */
  readonly persons?: () => PersonWork;
  /** Files that are imported over HTTP; undefined: none. */
  readonly imports?: () => ImportJobs;
  /** Fields that users without the right `edit` see masked, beside those that a list masks itself; undefined: none. */
  readonly maskedFields?: readonly MaskedField[];
  /** Whoever changes a lead must say as what they have read it; undefined: need not. */
  readonly requireIfMatch?: boolean;
  /** Is told that the store has no user, so that nobody can sign in; undefined: nobody is. */
  readonly onNoUsers?: (() => void) | undefined;
}

function noPersons(): never {
  throw new Error('nothing here answers for people');
}

function noImports(): never {
  throw new Error('nothing here imports files');
}

function findNothing(): ReturnType<SearchAudit> {
  return Promise.resolve({ rows: [], older: 0, isCut: false });
}

function masksOf(maskedFields: readonly MaskedField[]): MasksOf {
  if (maskedFields.length === 0) return NO_MASKS;
  return (listId) =>
    maskedFields.filter((one) => one.listId === '*' || one.listId === listId).map(({ field }) => field);
}

export function createServices(options: ServiceOptions) {
  const { store, country, numbers = {}, clock } = options;
  const pipeline = createPipeline(options);
  const masks = masksOf(options.maskedFields ?? []);
  const { hidesNumbers, forgetLists } = createHidesNumbers(store, options.maskedFields ?? [], clock);
  const ports = {
    masks,
    leadsFor: createLeadView(store, masks, numbers),
    recordsFor(principal: Principal) {
      const { records } = store();
      return records === undefined || seesAll(principal) ? records : maskedRecords(records, masks);
    },
    async masksEver(principal: Principal, leadId: number): Promise<ReadonlySet<string>> {
      const { records } = store();
      return records === undefined || seesAll(principal) ? new Set() : masksEver(records, masks, leadId);
    },
    hidesNumbers,
    country,
    numbers,
    scopeOf: async ({ viewer }: Principal) =>
      viewer === 'every list' || !('identity' in viewer) ? viewer : store().accounts.listsOf(viewer),
  };
  const findOne = createFindOne(pipeline, ports);
  const onRecords = createOnRecords(pipeline, ports);
  const changeOptions = { country, requireIfMatch: options.requireIfMatch ?? false };
  const changeLead = createChangeLead(onRecords, changeOptions);
  return {
    ...createSearchService(pipeline, ports),
    ...createLeadDetails(pipeline, ports),
    ...createSessionService(pipeline, () => store().credentials),
    lookup: createLookup(pipeline, ports),
    lookupMany: createLookupMany(pipeline, ports, findOne),
    findAgent: createFindAgent(() => store().accounts),
    reportCall: createReportCall(pipeline, store, clock),
    changeCall: createChangeCall(pipeline, { ...ports, store, clock }),
    readCalls: createReadCalls(pipeline, { ...ports, store }),
    readAgent: createReadAgent(pipeline, { ...ports, store, clock }),
    searchText: createSearchText(pipeline, ports),
    openCard: createOpenCard(pipeline, { ...ports, calls: () => store().calls, clock }, findOne),
    createLead: createCreateLead(onRecords, changeOptions),
    changeLead,
    ...createCustomerService(pipeline, { ...ports, clock, findOne, changeLead }),
    removeLead: createRemoveLead(onRecords, changeOptions),
    undoChange: createUndoChange(onRecords),
    ...createTimelineService(onRecords, ports.leadsFor),
    ...createListService(onRecords, forgetLists),
    ...createImportService(onRecords, options.imports ?? noImports),
    ...createAdministration(pipeline, store),
    ...createAccountService(pipeline, { ...ports, store, clock }),
    ...createOwnAccountService(pipeline, store),
    ...createFirstAdminService(pipeline, { store, onNoUsers: options.onNoUsers }),
    ...createAuditService(pipeline, { ...ports, searchAudit: options.searchAudit ?? findNothing }),
    ...createPersonService(pipeline, {
      ...ports,
      persons: options.persons ?? noPersons,
      domain: options.domain,
      clock,
    }),
  };
}
