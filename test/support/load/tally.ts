import { assertNothingLeaks } from '../leaks.ts';
import { hasRetryAfter, type LoadAnswer } from './connection.ts';
import type { LoadFigures, Times } from './plan.ts';

type Kind = 'answered' | 'refused' | 'overloaded' | 'limited';

/** One in so many of the answers with a lead is searched: searching all would cost more than the server's own work. */
const SEARCHED_EVERY = 1_000;

/** Counts and times answers by their kind, and searches each different one for leaks. */
export function createTally() {
  const times: Record<Kind, number[]> = { answered: [], refused: [], overloaded: [], limited: [] };
  const words = new Set<string>();
  const searched = new Set<string>();
  let wrong = 0;

  function search(text: string, kind: Kind | undefined): void {
    const isAlike = kind === 'answered' ? times.answered.length % SEARCHED_EVERY !== 0 : searched.has(text);
    if (isAlike) return;
    if (kind !== 'answered' && searched.size < SEARCHED_EVERY) searched.add(text);
    assertNothingLeaks({ headers: {}, text });
  }

  return {
    note(answer: LoadAnswer | Error, milliseconds: number) {
      const kind = kindOf(answer);
      if (!(answer instanceof Error)) search(answer.body, kind);
      if (kind !== undefined) {
        times[kind].push(milliseconds);
        return;
      }
      wrong += 1;
      if (words.size < 5) words.add(wordsOf(answer));
    },
    figures(): Pick<LoadFigures, Kind | 'wrong' | 'wrongWords'> {
      const of = (kind: Kind) => timesOf(times[kind]);
      return {
        answered: of('answered'),
        refused: of('refused'),
        overloaded: of('overloaded'),
        limited: of('limited'),
        wrong,
        wrongWords: [...words],
      };
    },
  };
}

const FOUND = /^(?:\{"result":"success"|<\?xml [^{]{1,200}<result>success<)/;

function kindOf(answer: LoadAnswer | Error): Kind | undefined {
  if (answer instanceof Error) return undefined;
  const { status, body } = answer;
  if (status === 200) return FOUND.test(body) ? 'answered' : 'refused';
  if (!hasRetryAfter(answer)) return undefined;
  return status === 503 ? 'overloaded' : status === 429 ? 'limited' : undefined;
}

function wordsOf(answer: LoadAnswer | Error): string {
  return answer instanceof Error ? answer.message : `${answer.status} ${answer.body}`;
}

function timesOf(milliseconds: readonly number[]): Times {
  const sorted = milliseconds.toSorted((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}
