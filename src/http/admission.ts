import type { ServerResponse } from 'node:http';

import { LIMITS } from './limits.ts';
import { ANSWER_HEADERS, type PrecomputedAnswer } from './problem-answer.ts';

/** Health checks and metrics are never shed. */
const NEVER_SHED = /^\/(?:healthz|readyz|metrics)(?:\?|$)/;

type SendAnswer = (response: ServerResponse) => void;

/**
 * Sheds requests beyond what one tick of the event loop can answer in good time (docs/decisions/0013-overload.md). It answers
 * them when the tick ends, because clients that retry at once would otherwise never let it end.
 *
 * @param answerOf the answer to a target; the same object for the same words
 * @param requestsPerTick how many requests one tick takes, however long that lasts
 * @param tickMs how long one tick takes more than these
 */
export function createAdmission(
  answerOf: (target: string) => PrecomputedAnswer,
  requestsPerTick: number = LIMITS.requestsPerTick,
  tickMs: number = LIMITS.tickMs,
) {
  const prepared = new Map<PrecomputedAnswer, SendAnswer>();
  let begunAt: number | undefined;
  let taken = 0;
  let waiting: (() => void)[] = [];
  let count = 0;
  let isClosing = false;

  function endTick(): void {
    begunAt = undefined;
    taken = 0;
    const answers = waiting;
    waiting = [];
    for (const answer of answers) answer();
  }

  function preparedFor(target: string): SendAnswer {
    const answer = answerOf(target);
    let made = prepared.get(answer);
    if (made === undefined) prepared.set(answer, (made = prepare(answer)));
    return made;
  }

  return {
    /** Counts a request. False: it is one too many for this tick. */
    admits(target: string): boolean {
      if (begunAt === undefined) {
        begunAt = performance.now();
        setImmediate(endTick);
      }
      const isFull = taken >= requestsPerTick && performance.now() - begunAt >= tickMs;
      if (isFull && !isClosing && !NEVER_SHED.test(target)) return false;
      taken += 1;
      return true;
    },
    /** Answers a request that was not admitted with 503, at the end of the tick. */
    shed(target: string, response: ServerResponse): void {
      count += 1;
      const send = preparedFor(target);
      waiting.push(() => send(response));
    },
    /** How many were shed. */
    get count(): number {
      return count;
    },
    /** Admits every request from now on, because a closing server answers all that it has accepted. */
    close(): void {
      isClosing = true;
    },
  };
}

function prepare({ status = 503, type, body }: PrecomputedAnswer): SendAnswer {
  // Names and values alternate, as Node takes them.
  const headers = Object.entries({
    ...ANSWER_HEADERS,
    'retry-after': '1',
    'content-type': type,
    'content-length': String(Buffer.byteLength(body)),
  }).flat();
  return (response) => void response.writeHead(status, headers).end(body);
}
