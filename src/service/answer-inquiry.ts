import type { Problem } from '../core/problem.ts';
import type { LookupQuery } from '../core/query.ts';
import type { Principal, Entrance, RequestContext } from './pipeline.ts';
import {
  deedEventOf,
  eventOf,
  problemOf,
  writeDown,
  type AuditedAction,
  type LookupOutcome,
  type LookupPorts,
} from './lookup.ts';

/** What was found, or why nothing may be told. */
export type Answer<Result> = Result | { readonly problem: Problem };

/** One question of an inquiry, and what came of it. */
export interface Answered {
  readonly question: LookupQuery | undefined;
  readonly outcome: LookupOutcome;
}

/** What somebody who was admitted is to be told: `told` says of which leads, or what was done instead. */
export interface Telling<Result> {
  readonly told: readonly (Answered | AuditedAction)[];
  readonly result: Answer<Result>;
}

/** What one question of somebody who was admitted is refused with. */
export function refusing(problem: Problem, question?: LookupQuery): Telling<never> {
  return { told: [{ question, outcome: { problem } }], result: { problem } };
}

/**
 * Admits, works, and writes down what came of it before anybody may see it. Nothing is thrown.
 *
 * @param about what is asked, for what is written down; how many lookups it is
 */
export type AnswerInquiry = <Result>(
  request: RequestContext,
  about: { readonly question?: LookupQuery | undefined; readonly amount: number },
  work: (admitted: Principal) => Promise<Telling<Result>>,
) => Promise<Answer<Result>>;

export function createAnswerInquiry(
  { clock, audit, domain, onEvent }: LookupPorts,
  { admit }: Pick<Entrance, 'admit'>,
): AnswerInquiry {
  /** @returns why none of it may be told */
  async function tell(
    request: RequestContext,
    user: string | undefined,
    told: readonly (Answered | AuditedAction)[],
    started: number,
  ): Promise<Problem | undefined> {
    const describe = (asked: Answered | AuditedAction) => {
      const times = { at: clock.wall(), durationMs: clock.monotonic() - started };
      return 'deed' in asked
        ? deedEventOf(domain, request, user, asked, times)
        : eventOf(domain, request, asked.question, user, asked.outcome, times);
    };
    const problems = await Promise.all(
      told.map(async (asked) => {
        const event = describe(asked);
        const problem = await writeDown(event, audit);
        onEvent(problem === undefined ? event : describe({ question: asked.question, outcome: { problem } }));
        return problem;
      }),
    );
    return problems.find((problem) => problem !== undefined);
  }

  return async (request, { question, amount }, work) => {
    const started = clock.monotonic();
    let user: string | undefined;
    const refuse = async (problem: Problem) => {
      await tell(request, user, [{ question, outcome: { problem } }], started);
      return { problem };
    };
    try {
      const admission = await admit(request, undefined, amount);
      user = admission.user;
      if ('problem' in admission) return await refuse(admission.problem);
      const { told, result } = await work(admission);
      const problem = await tell(request, user, told, started);
      return problem === undefined ? result : { problem };
    } catch (cause) {
      return refuse(problemOf(cause));
    }
  };
}
