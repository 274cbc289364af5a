import { type LookupEvent, TEXT_LIMIT } from '../core/lookup-event.ts';
import { maskNumbers } from '../core/masks.ts';
import type { OperatorAction, OperatorAct } from '../core/operator-act.ts';
import { fieldsOf } from './record.ts';

/** `stopped`: by its person, in the middle. */
export type ActEnd = 'done' | 'stopped' | 'failed';
/** Leads that were added, exported and so on. */
export type ActCounts = Readonly<Record<string, number>>;

/** Where and by whom something is done. */
export interface ActContext {
  /** Milliseconds of the wall clock. */
  readonly at: number;
  readonly domain: string;
  /** `local:` and the person's account of the machine. */
  readonly address: string;
  /** Who asked over HTTP: an admin at the console, a user of /v1 or of the card; without it an operator runs a command. */
  readonly by?: Pick<LookupEvent, 'user' | 'requestId' | 'endpoint'>;
}

/**
 * The fields of an act's record. It is written before the act, and then says nothing of its end.
 *
 * @param end of the second record, of an act that failed, or that has counts or a receipt (its digest)
 */
export function actFields(
  { at, domain, address, by }: ActContext,
  { action, subject, leadIds, before, after }: OperatorAct,
  end?: {
    readonly result: ActEnd;
    readonly counts?: ActCounts | undefined;
    readonly receipt?: string | undefined;
  },
): string {
  return fieldsOf(at, {
    kind: 'operator',
    domain,
    action,
    result: end?.result,
    user: by === undefined ? 'operator' : by.user?.slice(0, TEXT_LIMIT),
    address: address.slice(0, TEXT_LIMIT),
    endpoint: by?.endpoint ?? 'cli',
    subject: subject === undefined ? undefined : subjectOf(action, subject),
    leadIds: leadIds?.slice(0, MOST_LEADS),
    before,
    after,
    counts: end?.counts,
    receipt: end?.receipt,
    requestId: by?.requestId.slice(0, TEXT_LIMIT),
  });
}

/** So many leads a record names. */
const MOST_LEADS = 100;

/** Numbers are masked, also in the name of a file; not in that of an account, which is whose records these are. */
function subjectOf(action: OperatorAction, subject: string): string {
  const isAccount = /^(?:user|token|session)_/.test(action);
  return (isAccount ? subject : maskNumbers(subject)).slice(0, TEXT_LIMIT);
}

/** The fields of the record of an act that was done over HTTP. */
export function eventFields(
  { at, domain, address, user, requestId, endpoint }: LookupEvent,
  act: NonNullable<LookupEvent['act']>,
): string {
  return actFields({ at, domain, address, by: { user, requestId, endpoint } }, act);
}
