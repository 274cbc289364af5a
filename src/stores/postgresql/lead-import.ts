import {
  IMPORTED_BY_COMMAND,
  type ImportColumns,
  type ImportDescription,
  type ImportedBy,
  type ImportResult,
  type ImportRow,
  type ImportRun,
  type ImportSummary,
  type OnDuplicate,
  type OtherLeads,
} from '../../core/lead-archive.ts';
import type { CustomField } from '../../core/lead.ts';
import { differences } from '../../core/lead-state.ts';
import type { Country } from '../../core/phone.ts';
import { createErasedCheck } from '../import-erased.ts';
import { whyNotKept } from '../kept-row.ts';
import { ImportRules } from '../import-rules.ts';
import { createRowValues } from '../import-values.ts';
import { searchedFieldsOf, searchText } from '../search-text.ts';
import { dateTimeOf, STATE_COLUMNS, stateOf } from '../stored-state.ts';
import { copyLine } from './copy-text.ts';
import { createErasedPeople, type ErasedInBatches } from './erased-people.ts';
import { beginImport, endImport, IMPORT_STATEMENTS } from './import-history.ts';
import { createImportLists, readLists } from './import-lists.ts';
import { BatchLeads, type BatchWrites, type ImportedLead } from './imported-leads.ts';
import { rememberRowValues } from './import-row.ts';
import { addKeys, IMPORT_LINES, type IdRange, linesText, rangesOf } from './import-writes.ts';
import { lockLeads } from './leads-lock.ts';
import { beginOthers, countOthers, type OtherLeadsOfImport, removeSomeOthers } from './other-leads.ts';
import { refreshWordsOf } from './search-index.ts';
import type { Session } from './transactions.ts';
import { addChanges, addLeads, AT, BULK_STATEMENTS, changeLeads, type WholeLead } from './write-leads.ts';

/** The rows of the first batch; then as many as take about so long. Others who write leads wait for a batch. */
const FIRST_BATCH = 1_000;
const BATCH_MS = 250;
const [SMALLEST_BATCH, LARGEST_BATCH] = [200, 10_000];

interface PendingRow {
  readonly row: ImportRow;
  readonly line: number;
}

export interface ImportSettings {
  readonly session: Session;
  readonly country: Country;
  readonly columns: ImportColumns;
  readonly onDuplicate: OnDuplicate;
  readonly description: ImportDescription | undefined;
  /** For so long people are known who were erased. */
  readonly erasedDays: number;
  /** Called when it is closed. */
  readonly release: () => Promise<void>;
}

/** One import into a store in PostgreSQL. Rows are kept until their batch is committed: it is read, decided and written as a whole. */
export class PostgresqlImport implements ImportRun {
  readonly #settings: ImportSettings;
  readonly #session: Session;
  readonly #leads: BatchLeads;
  readonly #rules: ImportRules;
  readonly #lists: ReturnType<typeof createImportLists>;
  readonly #values: ReturnType<typeof rememberRowValues>;
  readonly #erased: ErasedInBatches | undefined;
  readonly #others: OtherLeadsOfImport;
  readonly #file: number;
  #rows: PendingRow[] = [];
  #batchRows = FIRST_BATCH;
  #lastRange: IdRange | undefined;
  #isClosed = false;
  importId: number | undefined;

  private constructor(settings: ImportSettings, prepared: PreparedRun) {
    const { columns, country, onDuplicate } = settings;
    this.#settings = settings;
    this.#session = settings.session;
    this.#file = prepared.file;
    this.#others = prepared.others;
    this.#erased = prepared.erased;
    this.#lists = prepared.lists;
    this.#values = rememberRowValues(createRowValues(columns, country, prepared.lists.fieldsOf));
    this.#leads = new BatchLeads({
      ...{ columns, values: this.#values, country, file: this.#file },
      knowsNumbers: onDuplicate !== 'add',
    });
    const { arrivals } = this.#others;
    this.#rules = new ImportRules({
      ...{ leads: this.#leads, columns, onDuplicate, values: this.#values },
      whyErased: createErasedCheck(this.#erased, this.#values, country),
      arrived: (listId, before) => countArrival(arrivals, listId, before),
    });
  }

  static async start(settings: ImportSettings): Promise<PostgresqlImport> {
    const { session, description, erasedDays } = settings;
    const earlier = description?.after instanceof PostgresqlImport ? description.after : undefined;
    if (earlier === undefined) await session.runScript(IMPORT_LINES.make);
    await session.runScript(BULK_STATEMENTS.stage);
    return new PostgresqlImport(settings, {
      file: earlier === undefined ? 1 : earlier.#file + 1,
      others: earlier === undefined ? await beginOthers(session) : earlier.#others,
      lists: createImportLists(await readLists(session.run)),
      erased: await createErasedPeople(session.run, description?.includesErased === true ? 0 : erasedDays),
    });
  }

  get changedFields(): ReadonlyMap<string, number> {
    return this.#rules.changedFields;
  }

  prepareList(listId: number, name: string | undefined, fields: readonly CustomField[]): string | undefined {
    return this.#lists.prepare(listId, name, fields);
  }

  write(row: ImportRow, line: number): ImportResult | undefined {
    const rejected = whyNotKept(row, this.#settings.columns);
    if (rejected !== undefined) return { rejected };
    this.#rows.push({ row, line });
    return undefined;
  }

  isBatchFull(): boolean {
    return this.#rows.length >= this.#batchRows;
  }

  async commitBatch(): Promise<readonly ImportResult[]> {
    const rows = this.#rows;
    this.#rows = [];
    if (rows.length === 0 && !this.#lists.isWaiting()) return [];
    const began = performance.now();
    const results = await this.#session
      .transaction(() => this.#writeBatch(rows))
      .finally(() => {
        this.#values.forget();
      });
    const next = (rows.length * BATCH_MS) / (performance.now() - began);
    this.#batchRows = Math.min(
      Math.max(Math.round(next), SMALLEST_BATCH),
      LARGEST_BATCH,
      rows.length * 2 + SMALLEST_BATCH,
    );
    return results;
  }

  async #writeBatch(rows: readonly PendingRow[]): Promise<readonly ImportResult[]> {
    const { run } = this.#session;
    await lockLeads(run);
    const now = dateTimeOf(Date.now());
    await this.#begin(now);
    await this.#lists.flush(run);
    const results: ImportResult[] = [];
    while (results.length < rows.length) {
      const rest = rows.slice(results.length);
      await this.#leads.load(
        this.#session,
        rest.map(({ row }) => row),
        now,
      );
      await this.#erased?.load(
        run,
        rest.map(({ row }) => row),
        this.#values,
        this.#settings.country,
      );
      for (const { row, line } of rest) {
        if (this.#leads.isStale) break;
        results.push(this.#rules.write(row, line));
      }
      await this.#write(this.#leads.writes);
    }
    return results;
  }

  async #begin(now: string): Promise<void> {
    const { description } = this.#settings;
    if (description === undefined) return;
    this.importId ??= await beginImport(this.#session.run, description, now);
  }

  async #write({ added, changed, lines, keys }: BatchWrites): Promise<void> {
    const { run } = this.#session;
    const { country, columns } = this.#settings;
    const ids = new Map(keys.map(([, externalId, leadId]) => [leadId, externalId]));
    const words = (lead: ImportedLead) => copyLine([lead.leadId, this.#wordsOf(lead, ids.get(lead.leadId))]);
    // All is sent in this order before anything is waited for: the server works on the first while the next is made.
    await Promise.all([
      addLeads(this.#session, added, country),
      changeLeads(this.#session, changed, country),
      this.#session.copy('search_texts', ['lead_id', 'text'], added.map(words).join('')),
      addKeys(run, columns.keySource ?? null, keys),
      this.#record(added, changed),
      this.#session.copy('import_lines', IMPORT_LINES.columns, linesText(this.#file, lines)),
    ]);
    const isNew = new Set(added.map(({ leadId }) => leadId));
    const known = new Set([...changed.map(({ leadId }) => leadId), ...ids.keys()]);
    await refreshWordsOf(
      run,
      [...known].filter((leadId) => !isNew.has(leadId)),
    );
  }

  /** By which words a new lead is found. */
  #wordsOf({ values }: WholeLead, externalId: string | undefined): string {
    const text = (column: string) => (values[AT[column] ?? -1] ?? null) as string | null;
    const listId = Number(values[0]);
    const custom = text('custom');
    return searchText(
      {
        ...{ listId, custom, email: text('email') },
        names: [text('first_name'), text('middle_initial'), text('last_name')],
        externalIds: externalId === undefined ? [] : [externalId],
      },
      custom === null ? [] : searchedFieldsOf(this.#lists.fieldsOf(listId)),
    );
  }

  get #by(): ImportedBy {
    return this.#settings.description?.by ?? IMPORTED_BY_COMMAND;
  }

  /** What is needed to take it back. */
  async #record(added: readonly ImportedLead[], changed: readonly ImportedLead[]): Promise<void> {
    const { importId } = this;
    if (importId === undefined) return;
    const at = Date.now();
    const { user, endpoint } = this.#by;
    const changes = changed.map((lead) => {
      const before = lead.before ?? lead;
      const fields = differences(stateOfValues(before.values), stateOfValues(lead.values));
      const made = { leadId: lead.leadId, at, user, endpoint, importId } as const;
      return { ...made, ...fields, modifyDate: before.modifyDate };
    });
    const ranges = rangesOf(added, this.#lastRange);
    this.#lastRange = ranges.at(-1) ?? this.#lastRange;
    const addRange = (range: IdRange) => this.#session.run(IMPORT_STATEMENTS.addRange, [importId, ...range]);
    await Promise.all([addChanges(this.#session, changes), ...ranges.map(addRange)]);
  }

  countOthers(lists: ReadonlySet<number>): Promise<ReadonlyMap<number, OtherLeads>> {
    return countOthers(this.#session.run, lists, this.#file, this.#others);
  }

  async *removeOthers(lists: ReadonlySet<number>): AsyncGenerator<number> {
    const { since } = this.#others;
    let [removed, last] = [0, 0];
    for (let isMore = true; isMore;) {
      const gone = await this.#session.transaction(async () => {
        await lockLeads(this.#session.run);
        await this.#begin(dateTimeOf(Date.now()));
        const { importId } = this;
        const removal = { lists, file: this.#file, since, importId, by: this.#by };
        return removeSomeOthers(this.#session, removal, last);
      });
      removed += gone.length;
      last = gone.at(-1) ?? last;
      isMore = gone.length > 0;
      yield removed;
    }
  }

  async end(state: 'done' | 'stopped', counts: ImportSummary['counts']): Promise<void> {
    if (this.importId !== undefined) await endImport(this.#session.run, this.importId, state, counts);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#rows = [];
    await this.#settings.release();
  }
}

interface PreparedRun {
  readonly file: number;
  readonly others: OtherLeadsOfImport;
  readonly lists: ReturnType<typeof createImportLists>;
  readonly erased: ErasedInBatches | undefined;
}

/** @param before the list from which the lead comes */
function countArrival(arrivals: Map<number, number>, listId: number, before: number | undefined): void {
  if (listId === before) return;
  arrivals.set(listId, (arrivals.get(listId) ?? 0) + 1);
  if (before !== undefined) arrivals.set(before, (arrivals.get(before) ?? 0) - 1);
}

function stateOfValues(values: WholeLead['values']) {
  return stateOf(Object.fromEntries(STATE_COLUMNS.map((column, at) => [column, values[at] ?? null])));
}
