import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';

import { LIMITS } from './limits.ts';
import { createFirstReader } from './read-first.ts';
import { createPrecomputedAnswers, type PrecomputedAnswer } from './problem-answer.ts';
import { readWholeRequest } from './whole-request.ts';

/** Refuses what is too much, and knows how much that was. */
export interface Overload {
  /** How many requests were refused since the start. */
  readonly refused: number;
  /** Puts itself before whoever answers requests. */
  guard(answer: RequestListener): RequestListener;
  /** `told` hears of connections on which a request was refused that the server never saw. */
  tell(told: (socket: Socket) => void): void;
  /** From now on the server sees every request, and ends their connections in order. */
  close(): void;
}

/** What an operator and a balancer ask must be answered just then. */
const ALWAYS_ANSWERED = /^\/(?:healthz|readyz|metrics)(?:\?|$)/;

/**
 * Refuses requests beyond what one turn of the event loop can answer in good time: 503, at once and for a small part of
 * what an answer costs. A turn takes what has come during the turn before; so what it has taken says how late the process
 * is, before anything is done for the next one (docs/decisions/0013-overload.md).
 *
 * @param answerOf what is said to whoever asked for a target; the same object for the same words
 * @param inATurn how many requests one turn takes, however long that lasts
 * @param turnMs for so long it takes more than these
 */
export function createOverload(
  answerOf: (target: string) => PrecomputedAnswer,
  inATurn: number = LIMITS.requestsInATurn,
  turnMs: number = LIMITS.turnMs,
): Overload {
  const refusals = createPrecomputedAnswers(answerOf);
  const turn = createTurn(inATurn, turnMs);
  const reader = createFirstReader({ answer: refuseFirst, settle: turn.settle });
  let tell: (socket: Socket) => void = () => undefined;
  let isClosing = false;

  const isTooMuch = (target: string) => turn.isFull() && !ALWAYS_ANSWERED.test(target);

  function refuseFirst(socket: Socket, bytes: Buffer): boolean {
    if (isClosing || turn.isOwed(socket) || !turn.isFull()) return false;
    const target = readWholeRequest(bytes);
    if (target === undefined || !isTooMuch(target)) return false;
    turn.refuse(socket, () => {
      refusals.writeTo(socket, target);
      tell(socket);
    });
    return true;
  }

  return {
    get refused() {
      return turn.refused();
    },
    guard: (answer) => (request, response) => {
      turn.begin();
      reader.note(request, response);
      const { url = '' } = request;
      if (isTooMuch(url)) {
        turn.refuse(request.socket, () => refusals.answer(url, response));
        reader.begin(request, response);
      } else {
        turn.take();
        answer(request, response);
      }
    },
    tell(told) {
      tell = told;
    },
    close() {
      isClosing = true;
    },
  };
}

/** What one turn of the event loop has taken and refused. */
function createTurn(inATurn: number, turnMs: number) {
  /** A second refusal waits for the turn's end, or who asks again at once would never let it end. */
  const refusedNow = new Set<Socket>();
  const owed = new Map<Socket, () => void>();
  let begunAt: number | undefined;
  let taken = 0;
  let refused = 0;

  function end(): void {
    taken = 0;
    begunAt = undefined;
    refusedNow.clear();
    for (const socket of owed.keys()) settle(socket);
  }

  /** Answers at once what is still to be refused on a connection. */
  function settle(socket: Socket): void {
    const answer = owed.get(socket);
    owed.delete(socket);
    answer?.();
  }

  return {
    begin() {
      if (begunAt !== undefined) return;
      begunAt = performance.now();
      setImmediate(end);
    },
    take: () => (taken += 1),
    isFull: () => taken >= inATurn && begunAt !== undefined && performance.now() - begunAt >= turnMs,
    refuse(socket: Socket, answer: () => void) {
      refused += 1;
      settle(socket);
      if (refusedNow.has(socket)) owed.set(socket, answer);
      else answer();
      refusedNow.add(socket);
    },
    isOwed: (socket: Socket) => owed.has(socket),
    settle,
    refused: () => refused,
  };
}
