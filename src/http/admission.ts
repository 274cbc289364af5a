import type { ServerResponse } from 'node:http';

import { LIMITS } from './limits.ts';
import { ANSWER_HEADERS, type PrecomputedAnswer } from './problem-answer.ts';

/** Health checks and metrics have a share of their own, which other requests cannot take. */
const OF_OPERATORS = /^\/(?:healthz|readyz|metrics)(?:\?|$)/;

type SendAnswer = (response: ServerResponse) => void;

/**
 * What one tick takes of one kind of requests, in the order in which they come; when it is full, also some of networks that had
 * less than an even part of it. A flood of one network, however many connections it has, so sheds its own requests first.
 *
 * @param most how many of them it takes before it may be full, and again for networks that had little
 */
function createShare(most: number) {
  let taken = 0;
  let extra = 0;
  const networks = new Map<string, number>();
  return {
    /** @param isLate the tick has lasted as long as it should */
    takes(network: string, isLate: boolean): boolean {
      const had = networks.get(network) ?? 0;
      if (taken >= most && isLate) {
        const others = networks.size + (had === 0 ? 1 : 0);
        if (extra >= most || had * others >= most) return false;
        extra += 1;
      }
      taken += 1;
      networks.set(network, had + 1);
      return true;
    },
    /** A new tick. */
    clear(): void {
      taken = 0;
      extra = 0;
      networks.clear();
    },
  };
}

export interface AdmissionLimits {
  /** How many requests one tick takes, however long that lasts. */
  readonly requestsPerTick?: number | undefined;
  /** How long one tick takes more than these. */
  readonly tickMs?: number | undefined;
  /** How many health checks and requests for metrics one tick takes beside them. */
  readonly checksPerTick?: number | undefined;
}

/**
 * Sheds requests beyond what one tick of the event loop can answer in good time (docs/decisions/0013-overload.md). It answers
 * them when the tick ends, because clients that retry at once would otherwise never let it end.
 *
 * @param answerOf the answer to a target; the same object for the same words
 */
export function createAdmission(
  answerOf: (target: string) => PrecomputedAnswer,
  {
    requestsPerTick = LIMITS.requestsPerTick,
    tickMs = LIMITS.tickMs,
    checksPerTick = LIMITS.checksPerTick,
  }: AdmissionLimits = {},
) {
  const prepared = new Map<PrecomputedAnswer, SendAnswer>();
  const shares = { requests: createShare(requestsPerTick), checks: createShare(checksPerTick) };
  let begunAt: number | undefined;
  let waiting: (() => void)[] = [];
  let count = 0;
  let isClosing = false;

  function endTick(): void {
    begunAt = undefined;
    shares.requests.clear();
    shares.checks.clear();
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
    /**
     * Counts a request. False: it is one too many for this tick.
     *
     * @param network whose it is, as `networkOf` says
     */
    admits(target: string, network: string): boolean {
      if (begunAt === undefined) {
        begunAt = performance.now();
        setImmediate(endTick);
      }
      if (isClosing) return true;
      if (OF_OPERATORS.test(target)) return shares.checks.takes(network, true);
      return shares.requests.takes(network, performance.now() - begunAt >= tickMs);
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
