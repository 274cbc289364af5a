import type { Principal } from '../auth/principal.ts';
import type { Clock } from '../core/clock.ts';
import { type MaskedField, maskNumbersOf } from '../core/masks.ts';
import type { RecordStore } from '../core/record-store.ts';
import type { Store } from '../core/store.ts';
import { seesAll } from './lookup.ts';

/** What the lists mask is cached so long, in milliseconds: every open card asks at each call and heartbeat. */
export const CACHED_MS = 1_000;

/**
 * Whether numbers of some leads are masked for somebody. A list that begins to mask them counts after CACHED_MS at the latest,
 * also where another process has changed it.
 *
 * @param maskedFields by the setting
 */
export function createHidesNumbers(
  store: () => Pick<Store, 'records'>,
  maskedFields: readonly MaskedField[],
  clock: Pick<Clock, 'monotonic'>,
) {
  const isSetting = maskNumbersOf(maskedFields.map(({ field }) => field));
  let known:
    { readonly records: RecordStore; readonly until: number; readonly answer: Promise<boolean> } | undefined;

  function ofLists(records: RecordStore): Promise<boolean> {
    const now = clock.monotonic();
    if (known?.records === records && now < known.until) return known.answer;
    const answer = records.lists().then((lists) => maskNumbersOf(lists.flatMap(({ masked }) => masked)));
    const asked = { records, until: now + CACHED_MS, answer };
    known = asked;
    // A failure is for those who wait for it: the next one asks again.
    answer.catch(() => {
      if (known === asked) known = undefined;
    });
    return answer;
  }

  function hidesNumbers(principal: Principal): Promise<boolean> {
    const { records } = store();
    if (seesAll(principal)) return Promise.resolve(false);
    if (isSetting || records === undefined) return Promise.resolve(isSetting);
    return ofLists(records);
  }
  return {
    hidesNumbers,
    /** A list was changed by this process: it counts at once here. */
    forgetLists: (): void => void (known = undefined),
  };
}
