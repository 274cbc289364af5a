import { ANSWER_CHARACTERS, charactersOf, createAnswerSize } from '../core/answer-size.ts';
import type { LookupResult } from '../core/lead-store.ts';
import type { Problem } from '../core/problem.ts';

/** All answers of a domain that are being made, or have not left yet, may have so many characters together. */
export const ALL_CHARACTERS = 8 * ANSWER_CHARACTERS;
/** So many an answer may have whatever others have: some 60 leads. */
export const ALWAYS_CHARACTERS = 64 * 1024;

export type AnswerBudget = ReturnType<ReturnType<typeof createAnswerBudgets>>;

/** Bounds what the answers of a domain that have many leads hold in memory: each of them, and all together. */
export function createAnswerBudgets() {
  let held = 0;

  /** @param left aborted when the answer has left, or nobody waits for it any longer; undefined: it is not counted among all */
  return (left: AbortSignal | undefined) => {
    const size = createAnswerSize();
    let problem: Problem | undefined;
    let largest = 1;
    left?.addEventListener('abort', () => (held -= size.characters()), { once: true });

    function refusalOf(characters: number): Problem | undefined {
      const isOver = held > 0 && held + characters > ALL_CHARACTERS;
      if (isOver && size.characters() + characters > ALWAYS_CHARACTERS) {
        return { code: 'overloaded', retryAfterSeconds: 1 };
      }
      return size.add(characters) ? undefined : TOO_LARGE;
    }

    return {
      /** Why no more leads are read: the first that had no room. */
      refusal: () => problem,
      /** How many more leads may be read before it is known how large they are. */
      room: () =>
        problem === undefined
          ? Math.max(1, Math.floor((ANSWER_CHARACTERS - size.characters()) / largest))
          : Infinity,
      /** @returns why the lead has no room in the answer */
      take(result: LookupResult): Problem | undefined {
        if (problem !== undefined) return problem;
        const characters = charactersOf(result);
        largest = Math.max(largest, characters);
        problem = refusalOf(characters);
        if (problem === undefined && left?.aborted === false) held += characters;
        return problem;
      },
    };
  };
}

const MEGABYTES = ANSWER_CHARACTERS / 1024 / 1024;

/** Of one lead of several, or of a page. */
export const TOO_LARGE: Problem = {
  code: 'request_too_large',
  reason: `what it asks for has more than ${MEGABYTES} MiB of text; ask for fewer at once`,
};
