import { setTimeout as pause } from 'node:timers/promises';

import { makeCase, type FuzzCase } from './fuzz-case.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { faultOfAnswers, faultOfCase, leadOf, wasBusy } from './check-answers.ts';
import { shrink } from './shrink.ts';
import { talk, type Talk } from './talk.ts';
import { createWatch } from './watch.ts';

/** Cases at the same time. */
const AT_ONCE = 16;
/** A case that met a busy server is tried again. */
const BUSY_TRIES = 5;
const BUSY_PAUSE_MS = 300;
/** After so many cases a good request must be answered right. */
const WATCH_EVERY = 50;

/** A case that the server did not stand. */
export interface FuzzFailure {
  readonly seed: string;
  /** Undefined: what is wrong is not of one case, such as the memory. */
  readonly number: number | undefined;
  readonly words: string;
  readonly fault: string;
  readonly sent: Buffer | undefined;
  /** As little of it as still fails. */
  readonly shrunk: Buffer | undefined;
}

export interface FuzzFigures {
  readonly cases: number;
  readonly answers: number;
  /** How many answers told of a lead. */
  readonly found: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** How often a case was put off because the server was busy. */
  readonly busy: number;
  /** How many good requests in between were right. */
  readonly watched: number;
  /** What the process grew by since it was warm, in MiB; undefined where that cannot be told. */
  readonly grownMib: number | undefined;
  readonly failure: FuzzFailure | undefined;
}

export interface FuzzOptions {
  readonly seed: string;
  readonly seconds: number;
  /** The number of the first case. */
  readonly from?: number;
}

/** Sends cases until the time is over or one is not stood. */
export async function fuzz(
  target: FuzzTarget,
  { seed, seconds, from = 0 }: FuzzOptions,
): Promise<FuzzFigures> {
  const statuses: Record<string, number> = {};
  const counts = { cases: 0, answers: 0, found: 0, busy: 0 };
  const watch = await createWatch(target, seconds);
  const end = performance.now() + seconds * 1_000;
  let failure: FuzzFailure | undefined;
  let next = from;

  async function work(): Promise<void> {
    while (failure === undefined && performance.now() < end) {
      const number = next++;
      const made = makeCase(seed, number);
      const { fault, came, busy } = await tryCase(target, made);
      counts.cases += 1;
      counts.busy += busy;
      for (const answer of came.answers) {
        counts.answers += 1;
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
        if (leadOf(answer) !== undefined) counts.found += 1;
      }
      const wrong = fault ?? (number % WATCH_EVERY === 0 ? await watch.look() : undefined);
      if (wrong !== undefined)
        failure ??= {
          seed,
          number,
          words: made.words,
          fault: wrong,
          sent: Buffer.concat(made.pieces),
          shrunk: undefined,
        };
    }
  }

  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (failure === undefined) {
    const fault = (await watch.look()) ?? watch.growth();
    if (fault !== undefined)
      failure = {
        seed,
        number: undefined,
        words: 'the server afterwards',
        fault,
        sent: undefined,
        shrunk: undefined,
      };
  } else {
    failure = { ...failure, shrunk: await shrinkFailure(target, failure) };
  }
  return { ...counts, statuses, watched: watch.watched(), grownMib: watch.grownMib(), failure };
}

/** A case and what came of it. */
interface Tried {
  /** What is wrong with the answers; undefined: nothing. */
  readonly fault: string | undefined;
  readonly came: Talk;
  /** How often it was put off. */
  readonly busy: number;
}

/** Sends one case, again where the server was busy or the connection was reset under an answer, and judges it. */
export async function tryCase(target: Pick<FuzzTarget, 'url'>, made: FuzzCase): Promise<Tried> {
  for (let busy = 0; ; busy += 1) {
    const came = await talk(target.url, made);
    const wereBusy = wasBusy(made, came);
    const fault =
      faultOfCase(made, came) ?? (came.hung ? 'the connection stays open, and no answer comes' : undefined);
    const mayBeLost = fault !== undefined && came.wasReset;
    if (busy < BUSY_TRIES && (wereBusy || mayBeLost)) {
      await pause(BUSY_PAUSE_MS);
    } else {
      return { fault: fault ?? (wereBusy ? 'status 503, again and again' : undefined), came, busy };
    }
  }
}

/** Fewer bytes whose answers are wrong in the same way, whatever was asked. */
async function shrinkFailure(target: FuzzTarget, { sent, fault }: FuzzFailure): Promise<Buffer | undefined> {
  if (sent === undefined) return undefined;
  const kindOf = (text: string) => text.slice(0, 24);
  const fails = async (pieces: Buffer) => {
    const { came } = await tryCase(target, {
      words: '',
      pieces: [pieces],
      found: [],
      mayFind: true,
      isWhole: false,
    });
    const other = faultOfAnswers(came);
    return other !== undefined && kindOf(other) === kindOf(fault);
  };
  try {
    return (await fails(sent)) ? await shrink(sent, fails) : undefined;
  } catch {
    return undefined;
  }
}
