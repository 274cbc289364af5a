import { BoundedMap } from '../../core/bounded-map.ts';
import type { CustomFields } from './custom-fields.ts';

/** Lists are loaded one after the other, so leads with neighbouring ids mostly share their list. */
const NEIGHBOURS = 1_024;
const LIMIT = 10_000;

/** Where the custom values of a lead are to be expected: then they come with the lead, and not by a second statement. */
export interface CustomPrediction {
  /** undefined: nowhere, as far as is known. */
  readonly of: (leadId: number) => CustomFields | undefined;
  /** What was found to be right. */
  readonly note: (leadId: number, fields: CustomFields | undefined) => void;
  /** A table may be gone. */
  readonly forget: () => void;
}

export function createCustomPrediction(): CustomPrediction {
  let guesses = new BoundedMap<number, CustomFields | undefined>(LIMIT);
  const neighbourhoodOf = (leadId: number) => Math.floor(leadId / NEIGHBOURS);
  return {
    of: (leadId) => guesses.get(neighbourhoodOf(leadId)),
    note(leadId, fields) {
      const neighbourhood = neighbourhoodOf(leadId);
      if (guesses.get(neighbourhood) !== fields) guesses.set(neighbourhood, fields);
    },
    forget() {
      guesses = new BoundedMap(LIMIT);
    },
  };
}
