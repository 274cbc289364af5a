import type { ServerResponse } from 'node:http';

import { LIMITS } from './limits.ts';
import { ANSWER_HEADERS, type PrecomputedAnswer } from './problem-answer.ts';

/** Admits requests, or sheds what is too much. */
export interface Admission {
  /** Counts a request that has come. False: it is one too many for this tick. */
  admits(target: string): boolean;
  /** Answers a request that was not admitted with 503, at the end of the tick. */
  shed(target: string, response: ServerResponse): void;
  /** How many were shed. */
  readonly count: number;
  /** From now on every request is admitted: the server answers what it has accepted. */
  close(): void;
}

/** Health checks and metrics are never shed. */
const NEVER_SHED = /^\/(?:healthz|readyz|metrics)(?:\?|$)/;

const RETRY_AFTER_SECONDS = '1';

interface Prepared {
  readonly status: number;
  /** Names and values alternate, as Node takes them. */
  readonly headers: string[];
  readonly body: string;
}

/**
 * Sheds requests beyond what one tick of the event loop can answer in good time. A tick takes what has come during the one
 * before; so what it has taken says how late the process is, before anything is done for the next request
 * (docs/decisions/0013-overload.md). Shed requests are answered when the tick ends: answered at once, clients that ask again
 * at once would never let it end.
 *
 * @param answerOf the answer to a target; the same object for the same words
 * @param requestsPerTick how many requests one tick takes, however long that lasts
 * @param tickMs for so long it takes more than these
 */
export function createAdmission(
  answerOf: (target: string) => PrecomputedAnswer,
  requestsPerTick: number = LIMITS.requestsPerTick,
  tickMs: number = LIMITS.tickMs,
): Admission {
  const prepared = new Map<PrecomputedAnswer, Prepared>();
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

  function preparedFor(target: string): Prepared {
    const answer = answerOf(target);
    let made = prepared.get(answer);
    if (made === undefined) prepared.set(answer, (made = prepare(answer)));
    return made;
  }

  return {
    admits(target) {
      if (begunAt === undefined) {
        begunAt = performance.now();
        setImmediate(endTick);
      }
      const isFull = taken >= requestsPerTick && performance.now() - begunAt >= tickMs;
      if (isFull && !isClosing && !NEVER_SHED.test(target)) return false;
      taken += 1;
      return true;
    },
    shed(target, response) {
      count += 1;
      const { status, headers, body } = preparedFor(target);
      waiting.push(() => {
        response.writeHead(status, headers);
        response.end(body);
      });
    },
    get count() {
      return count;
    },
    close() {
      isClosing = true;
    },
  };
}

function prepare({ status = 503, type, body }: PrecomputedAnswer): Prepared {
  const headers = Object.entries({
    ...ANSWER_HEADERS,
    'retry-after': RETRY_AFTER_SECONDS,
    'content-type': type,
    'content-length': String(Buffer.byteLength(body)),
  });
  return { status, headers: headers.flat(), body };
}
