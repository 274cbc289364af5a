import { BY_ITSELF } from '../../core/clock.ts';
import { countedMatches, type CustomInfo, type ListScope, NUMBER_MATCHES } from '../../core/lead.ts';
import type { Country } from '../../core/phone.ts';
import type { LookupQuery, QueryByPhone } from '../../core/query.ts';
import {
  type BatchViewer,
  customRows,
  isOrdered,
  LAST_ROW,
  MOST_TEXTS,
  mostRows,
  NUMBER_WIDTH,
  sizeFor,
} from './batch-statements.ts';
import type { CustomFields } from './custom-fields.ts';
import type { AccountAndLead, LeadWithCustom } from './found-leads.ts';
import type { NumberPlace } from './number-places.ts';
import {
  ACCOUNT_WIDTH,
  customInfoOf,
  type DialerLead,
  dialerLeadOf,
  expectedParameters,
  isExpected,
  listsOf,
  type Parameter,
  type Read,
  type Row,
  wholeNumber,
} from './rows.ts';
import type { SchemaSnapshot } from './schema-cache.ts';
import {
  MAX_FOREIGN_SPELLINGS,
  MAX_STORED_SPELLINGS,
  type NumberTexts,
  textsOf,
} from './stored-spellings.ts';

/** So many numbers one statement looks for, whichever they are. */
export const MOST_NUMBERS = MOST_TEXTS / (MAX_STORED_SPELLINGS + MAX_FOREIGN_SPELLINGS);

type Batched<Answer> = Answer | typeof BY_ITSELF;
type BatchedLead = Batched<LeadWithCustom | undefined>;

/** For whom several leads are read, as statements bind it. */
interface Viewer {
  readonly kind: BatchViewer;
  /** For the account's own row. */
  readonly account: readonly Parameter[];
  /** Before and behind what is looked for. */
  readonly before: readonly Parameter[];
  readonly behind: readonly Parameter[];
  /** Where the lead's columns begin. */
  readonly from: number;
}

/** What a statement brought: the account's row, if it reads one and there is one, and a lead for each query. */
interface BatchAnswer {
  readonly account: Row | undefined;
  readonly leads: readonly BatchedLead[];
}

/** Lookups of one user, or within one scope, answered by one statement. All of them ask in the same way: by id, or by number. */
export function createBatches(read: Read, country: Country) {
  function readAll(
    schema: SchemaSnapshot,
    viewer: Viewer,
    queries: readonly LookupQuery[],
  ): Promise<BatchAnswer> {
    const ids = queries.flatMap((query) => (query.by === 'lead_id' ? [query.leadId] : []));
    if (ids.length > 0) return readIds(read, schema, viewer, ids);
    const numbers = queries.flatMap((query) => (query.by === 'phone_number' ? [query] : []));
    return readNumbers(read, schema, viewer, numbers, country);
  }

  return {
    async ofUser(
      schema: SchemaSnapshot,
      user: Parameter,
      secret: string,
      queries: readonly LookupQuery[],
    ): Promise<readonly Batched<AccountAndLead>[]> {
      const expected = expectedParameters(secret);
      const viewer: Viewer = {
        kind: 'user',
        account: [...expected, user],
        before: [user, ...expected],
        behind: [],
        from: ACCOUNT_WIDTH,
      };
      const { account, leads } = await readAll(schema, viewer, queries);
      return leads.map((lead) => (lead === BY_ITSELF ? lead : { account, lead }));
    },
    async within(
      schema: SchemaSnapshot,
      scope: ListScope,
      queries: readonly LookupQuery[],
    ): Promise<readonly BatchedLead[]> {
      const kind = scope === 'every list' ? scope : 'lists';
      const viewer: Viewer = { kind, account: [], before: [], behind: listsOf(scope), from: 0 };
      return (await readAll(schema, viewer, queries)).leads;
    },
  };
}

/** Custom values of leads of one list, by one statement; null: the lead has no row. */
export async function readCustomRows(
  read: Read,
  fields: CustomFields,
  leadIds: readonly number[],
): Promise<readonly Batched<CustomInfo | null>[]> {
  const size = sizeFor(leadIds.length);
  const rows = await read(customRows(fields, size), filled(leadIds.map(wholeNumber), size));
  if (rows.length >= mostRows(size)) return leadIds.map(() => BY_ITSELF);
  const byId = new Map(rows.toReversed().map((row) => [Number(row[0]), row]));
  return leadIds.map((leadId) => {
    const row = byId.get(leadId);
    return row === undefined ? null : customInfoOf(fields, row);
  });
}

async function readIds(
  read: Read,
  { batches }: SchemaSnapshot,
  { kind, account, before, behind, from }: Viewer,
  ids: readonly number[],
): Promise<BatchAnswer> {
  const different = [...new Set(ids)];
  const size = sizeFor(different.length);
  const bound = filled(different.map(wholeNumber), size);
  const rows = await read(batches.ids(kind, size), [...account, ...before, ...bound, ...behind]);
  const found = rows.filter((row) => row[from] !== null);
  const row = accountIn(rows, from);
  if (found.length >= mostRows(size)) return { account: row, leads: ids.map(() => BY_ITSELF) };
  const leads = new Map<number, DialerLead>();
  for (const cells of found) {
    const leadId = Number(cells[from]);
    const lead = leads.has(leadId) ? undefined : dialerLeadOf(cells, from);
    if (lead !== undefined) leads.set(leadId, lead);
  }
  return { account: row, leads: ids.map((leadId) => leads.get(leadId)) };
}

/** Numbers of one country in one statement: what a row says of its country is compared with theirs. */
async function readNumbers(
  read: Read,
  schema: SchemaSnapshot,
  viewer: Viewer,
  queries: readonly QueryByPhone[],
  country: Country,
): Promise<BatchAnswer> {
  const asked = queries.map(({ phone }) => textsOf(phone, country));
  const byCountry = Map.groupBy(asked, ({ countries }) => countries.join(','));
  const answers = await Promise.all(
    [...byCountry].map(
      async ([own, texts]) => [texts, await readOneCountry(read, schema, viewer, texts, own)] as const,
    ),
  );
  const account = answers[0]?.[1].account;
  const leads = new Map(
    answers.flatMap(([texts, answer]) => {
      // The account may have changed between two statements, and was not the expected one in each.
      const isOther = viewer.kind === 'user' && mayRead(answer.account) !== mayRead(account);
      return texts.map((one, at) => [one, isOther ? BY_ITSELF : answer.leads[at]] as const);
    }),
  );
  return { account, leads: asked.map((one) => leads.get(one)) };
}

/** Step by step: a place counts only where the places of the steps before gave nothing. */
async function readOneCountry(
  read: Read,
  schema: SchemaSnapshot,
  viewer: Viewer,
  asked: readonly NumberTexts[],
  own: string,
): Promise<BatchAnswer> {
  let account: Row | undefined;
  const leads = new Map<NumberTexts, BatchedLead>();
  for (const step of schema.batches.steps.keys()) {
    const missing = asked.filter((one) => leads.get(one) === undefined);
    if (missing.length === 0) break;
    const answer = await readStep(read, schema, viewer, { step, asked: missing, own });
    // The account may have changed since the step before, from which the others have it.
    const isOther = step > 0 && viewer.kind === 'user' && !mayRead(answer.account);
    if (step === 0) account = answer.account;
    for (const [at, one] of missing.entries()) leads.set(one, isOther ? BY_ITSELF : answer.leads[at]);
    if (account !== undefined && !isExpected(account)) break;
  }
  return { account, leads: asked.map((one) => leads.get(one)) };
}

async function readStep(
  read: Read,
  { batches }: SchemaSnapshot,
  { kind, account, before, behind, from }: Viewer,
  {
    step,
    asked,
    own,
  }: { readonly step: number; readonly asked: readonly NumberTexts[]; readonly own: string },
): Promise<BatchAnswer> {
  const places = batches.steps[step] ?? [];
  const texts = [...new Set(asked.flatMap(({ spellings, foreign }) => [...spellings, ...foreign]))].filter(
    (text) => text !== '',
  );
  const size = sizeFor(Math.max(texts.length, MAX_STORED_SPELLINGS));
  const ofPlace = [own, own, ...before, ...filled(texts, size), ...behind];
  const statement = batches.numbers[step]?.(kind, size) ?? '';
  const rows = await read(statement, [...account, ...places.flatMap(() => ofPlace)]);
  const row = accountIn(rows, from);
  const alone: BatchAnswer = { account: row, leads: asked.map(() => BY_ITSELF) };
  if (Number(rows.at(-1)?.[from] ?? NaN) !== LAST_ROW) return alone;
  const known = new Set(texts);
  const byPlace = places.map(({ match }) =>
    rows.filter((cells) => Number(cells[from] ?? NaN) === NUMBER_MATCHES.indexOf(match)),
  );
  for (const found of byPlace) {
    // The server equates more texts than we do: whose row it is, only a statement for each tells.
    if (found.length >= mostRows(size) || found.some((cells) => !known.has(String(cells[from + 1]))))
      return alone;
  }
  return { account: row, leads: asked.map((one) => winnerAmong(places, byPlace, one, from)) };
}

/** By the rules of `orderOf` (number-places.ts); rows come in the order that decides between equals. */
function winnerAmong(
  places: readonly NumberPlace[],
  byPlace: readonly (readonly Row[])[],
  { spellings, foreign, sure, digits }: NumberTexts,
  from: number,
): BatchedLead {
  for (const [at, place] of places.entries()) {
    let [best, bestOrder]: [Row | undefined, number] = [undefined, -1];
    const leadIds = new Set<number>();
    for (const row of byPlace[at] ?? []) {
      const [text, said] = [String(row[from + 1]), Number(row[from + 2])];
      if (!spellings.includes(text) && !(said === 2 && foreign.includes(text))) continue;
      leadIds.add(Number(row[from + NUMBER_WIDTH]));
      const order = (said > 0 || sure.includes(text) ? 2 : 0) + (text === digits ? 1 : 0);
      if (order > bestOrder) [best, bestOrder] = [row, order];
    }
    if (leadIds.size > 1 && !isOrdered(place)) return BY_ITSELF;
    const lead = best && dialerLeadOf(best, from + NUMBER_WIDTH);
    if (lead !== undefined)
      return { ...lead, foundBy: { column: place.match, matches: countedMatches(leadIds.size) } };
  }
  return undefined;
}

function mayRead(account: Row | undefined): boolean {
  return account !== undefined && isExpected(account);
}

/** The account's own row, of which the columns of a lead are empty; it comes first. */
function accountIn([first]: readonly Row[], from: number): Row | undefined {
  return from > 0 && first?.[0] !== null ? first : undefined;
}

/** What is left over matches nothing. */
function filled(values: readonly Parameter[], size: number): readonly Parameter[] {
  return Array.from({ length: size }, (_, at) => values[at] ?? null);
}
