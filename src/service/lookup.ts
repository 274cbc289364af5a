import type { RequestContext } from '../auth/principal.ts';
import type { LeadStore, LookupResult } from '../core/lead-store.ts';
import { isBlockOf, isSameNumber, numbersOf } from '../core/lead-numbers.ts';
import type { Country, NumberSettings, PhoneNumber } from '../core/phone.ts';
import { parseQuery, type LookupQuery, type QueryParameters } from '../core/query.ts';
import { refused, type Pipeline } from './pipeline.ts';
import type { LookupOutcome, PhoneMatch } from './work.ts';

export type Lookup = ReturnType<typeof createLookup>;

interface LookupRequest extends RequestContext {
  readonly parameters: QueryParameters;
  /** The lead's further numbers are shown, too. */
  readonly showsNumbers?: boolean;
}

/** What the services read leads by. */
export interface LeadPorts {
  /**
   * The store that is open now.
   *
   * @throws {StoreFailure} it cannot be opened
   */
  readonly store: () => { readonly leads: LeadStore };
  /** The country under which numbers are compared, also while the store cannot be opened. */
  readonly country: () => Country;
  readonly numbers: NumberSettings;
}

/** Finds one lead, by its id or by a number. */
export function createLookup(pipeline: Pipeline, { store, country, numbers }: LeadPorts) {
  return ({ parameters, showsNumbers = false, ...context }: LookupRequest): Promise<LookupOutcome> => {
    const query = parseQuery(parameters, country(), numbers);
    // Only callers to whom the API is open hear what is wrong with a query.
    if ('code' in query) return pipeline.run(context, {}, () => Promise.resolve(refused(query)));
    return pipeline.run(context, { query, readsLead: true }, async (principal) => {
      const { leads } = store();
      const result = await leads.find(query, principal.viewer, { further: showsNumbers });
      pipeline.charge(principal, context.address, costOfShared(result?.foundBy?.matches));
      const outcome = outcomeOf(query, result, leads, numbers);
      return { records: [{ query, outcome }], answer: outcome };
    });
  };
}

/** How many lookups more it is to find the winner of a number: for each hundred leads that share it, one. */
export function costOfShared(matches = 1): number {
  return Math.floor(matches / 100);
}

export function outcomeOf(
  query: LookupQuery,
  result: LookupResult | undefined,
  store: Pick<LeadStore, 'country' | 'phoneColumns'>,
  numbers: NumberSettings,
): LookupOutcome {
  if (result !== undefined) {
    return {
      result,
      phoneMatch: result.foundBy?.column ?? comparePhone(query.phone, result, store, numbers),
    };
  }
  return {
    problem:
      query.by === 'lead_id'
        ? { code: 'lead_not_found', asked: query.asSent }
        : { code: 'phone_not_found', asked: query.phone.asSent },
  };
}

/** Which of the lead's own numbers the sent one is. */
function comparePhone(
  phone: PhoneNumber | undefined,
  result: LookupResult,
  { country, phoneColumns }: Pick<LeadStore, 'country' | 'phoneColumns'>,
  numbers: NumberSettings,
): PhoneMatch {
  if (phone === undefined) return undefined;
  // Not before: a lead's fields may have to be read first.
  const stored = numbersOf(result, phoneColumns);
  const same = stored.find((one) => isSameNumber(one, phone, country, numbers));
  if (same !== undefined) return same.field ?? 'further';
  const hasBlock = numbers.numberBlocks === true && stored.some((one) => isBlockOf(one, phone, country));
  return hasBlock ? 'block' : 'none';
}
