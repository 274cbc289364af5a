import { inTurns } from '../../core/in-batches.ts';
import type { Numbering } from '../../service/services.ts';
import type { LookupOutcome } from '../../service/lookup.ts';
import { writeLead } from './lead-resource.ts';
import { namedHere } from './own-hosts.ts';
import { problemBody } from './problem-answer.ts';

/** The outcomes of many items as JSON. Reading the numbers of a thousand leads takes 20 to 100 ms, so others get their turns. */
export async function writeResults(
  outcomes: readonly LookupOutcome[],
  numbering: Numbering,
): Promise<string> {
  const results = await inTurns(outcomes, (outcome) => writeResult(outcome, numbering));
  return `{"results":[${results.join(',')}]}`;
}

function writeResult(outcome: LookupOutcome, numbering: Numbering): string {
  return 'problem' in outcome
    ? `{"problem":${problemBody(namedHere(outcome.problem))}}`
    : `{"lead":${writeLead(outcome.finding, outcome.phoneMatch, numbering)}}`;
}
