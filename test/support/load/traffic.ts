import { setTimeout as pause } from 'node:timers/promises';

import { assertNothingLeaks } from '../leaks.ts';
import { until } from '../until.ts';
import { hasRetryAfter, openConnection, type LoadAnswer, type LoadConnection } from './connection.ts';

/** A request and what its answer, 200, must be. */
export interface CheckedRequest {
  readonly target: string;
  /** The body, to the byte, or what tells whether it is right. */
  readonly expected: string | ((body: string) => boolean);
}

/** A request and the only right answer to it. */
export interface Asked extends CheckedRequest {
  readonly expected: string;
}

/** A request that got no answer. */
export interface LostRequest {
  /** The client's port; undefined: it had no connection yet. */
  readonly port: number | undefined;
  readonly isKept: boolean;
  /** The error's code, or its message. */
  readonly why: string;
}

/** What came of a stretch of traffic. */
export interface TrafficFigures {
  readonly requests: number;
  readonly right: number;
  /** Answers 503 that say when to come again. */
  readonly refused: number;
  /** Without an answer, where that may be. */
  readonly lost: readonly LostRequest[];
  /** Anything else, in words: it must not be there. */
  readonly wrong: readonly string[];
  /** The longest time without a right answer, in milliseconds. */
  readonly longestGapMs: number;
  /** The longest that an answer took. */
  readonly slowestMs: number;
  /** From the first refusal to the last. */
  readonly refusedForMs: number;
}

/** Closed-loop clients: each asks again once it is answered. Every answer is checked. */
export interface SteadyTraffic {
  /** The figures since the beginning, or since this was last asked. */
  take(): TrafficFigures;
  /** Waits until each client that keeps its connection was answered over it. */
  untilConnected(): Promise<void>;
  /** Waits for so many right answers from now on. */
  untilRight(count?: number): Promise<void>;
  /** Waits for so many refusals from now on. */
  untilRefused(count?: number): Promise<void>;
  /** Resolves when every client has lost its server; the figures since `take`. */
  ended(): Promise<TrafficFigures>;
  /** Ends when every request is answered; the figures since `take`. */
  stop(): Promise<TrafficFigures>;
}

export interface TrafficOptions {
  /** Clients that keep their connection. */
  readonly clients?: number;
  /** Clients that come with a new connection for each request. */
  readonly newcomers?: number;
  /** How long each client waits before it asks again, in milliseconds. */
  readonly pauseMs?: number;
  /** For https: the certificate that is trusted. */
  readonly ca?: string | undefined;
  /** Requests without an answer are counted as lost, not as wrong. */
  readonly mayLose?: boolean;
  /** Through a proxy, which names itself in its headers, and answers 502 or 504 where it gets no answer: refused. */
  readonly isProxied?: boolean;
  /** After so many lost requests in a row a client has lost its server, and ends. */
  readonly attempts?: number;
}

/** Options of clients that ask without a pause until their server is gone. */
export const UNTIL_GONE = { pauseMs: 0, mayLose: true, attempts: 3 } as const;

/** Longer than any answer takes, whatever is broken. */
const HANGS_MS = 30_000;

/** @param requests asked over and over, in their order, or made one by one */
export function startTraffic(
  url: string,
  requests: readonly CheckedRequest[] | (() => CheckedRequest),
  options: TrafficOptions = {},
): SteadyTraffic {
  const { clients = 16, newcomers = 0, pauseMs = 5, ca, mayLose = false } = options;
  const { isProxied = false, attempts = Infinity } = options;
  const recorder = createRecorder();
  const next = typeof requests === 'function' ? requests : inTurn(requests);
  let [isStopped, connected] = [false, 0];

  async function keepAsking(isKept: boolean): Promise<void> {
    let connection: LoadConnection | undefined;
    let [isFirst, lostInARow] = [isKept, 0];
    while (!isStopped && lostInARow < attempts) {
      const request = next();
      const started = performance.now();
      try {
        if (connection?.isOpen() === false) connection = undefined;
        connection ??= await openConnection(url, { ca });
        const answer = await exchange(connection, request.target);
        lostInARow = 0;
        recorder.note(judge(request, answer, isProxied), performance.now() - started);
        if (isFirst) connected += 1;
        isFirst = false;
        if (isKept && !isLast(answer)) continue;
      } catch (cause) {
        lostInARow += 1;
        const { code, message } = cause as NodeJS.ErrnoException;
        const lost = { port: connection?.port, isKept, why: code ?? message };
        const words = `${request.target}: ${String(cause)}`;
        recorder.note(mayLose ? { lost } : { wrong: words }, performance.now() - started);
      } finally {
        if (pauseMs > 0) await pause(pauseMs);
      }
      connection?.end();
      connection = undefined;
    }
    connection?.end();
  }

  const all = Promise.all([
    ...Array.from({ length: clients }, () => keepAsking(true)),
    ...Array.from({ length: newcomers }, () => keepAsking(false)),
  ]);
  const ended = () => all.then(() => recorder.take());
  return {
    take: () => recorder.take(),
    untilConnected: () => until('all are connected', () => connected === clients),
    untilRight: (count = 1) => recorder.until('right', count),
    untilRefused: (count = 1) => recorder.until('refused', count),
    ended,
    stop() {
      isStopped = true;
      return ended();
    },
  };
}

/** Asks each target once: what is answered now is right from now on. The caller sees to it that it is. */
export async function recordAnswers(url: string, targets: readonly string[]): Promise<readonly Asked[]> {
  const connection = await openConnection(url);
  const asked: Asked[] = [];
  for (const target of targets) {
    const { status, head, body } = await exchange(connection, target);
    assertNothingLeaks({ headers: headersOf(head), text: body });
    if (status !== 200) throw new Error(`status ${status} for ${target}: ${body}`);
    asked.push({ target, expected: body });
  }
  connection.end();
  return asked;
}

/** Words for a person: figures in one line. */
export function wordsOf(figures: TrafficFigures): string {
  const ms = (value: number) => `${Math.round(value)} ms`;
  const { requests, refused, wrong, longestGapMs, slowestMs, refusedForMs } = figures;
  return (
    `${requests} requests, ${refused} refused (within ${ms(refusedForMs)}), ${wrong.length} wrong, ` +
    `longest gap ${ms(longestGapMs)}, slowest answer ${ms(slowestMs)}`
  );
}

function inTurn(requests: readonly CheckedRequest[]): () => CheckedRequest {
  let at = 0;
  return () => {
    const request = requests[at++ % requests.length];
    if (request === undefined) throw new Error('nothing is asked');
    return request;
  };
}

/** @throws {Error} no answer came: the connection was lost, or the request hangs */
function exchange(connection: LoadConnection, target: string): Promise<LoadAnswer> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      reject(new Error('hangs'));
      connection.end();
    }, HANGS_MS);
    connection.ask(target, (answer) => {
      clearTimeout(limit);
      if (answer instanceof Error) reject(answer);
      else resolve(answer);
    });
  });
}

function isLast({ head }: LoadAnswer): boolean {
  return /\r\nconnection: close\r\n/i.test(head);
}

type Outcome = 'right' | 'refused' | { readonly wrong: string } | { readonly lost: LostRequest };

function judge({ target, expected }: CheckedRequest, answer: LoadAnswer, isProxied: boolean): Outcome {
  const { status, head, body } = answer;
  if (isProxied && (status === 502 || status === 504)) return 'refused';
  try {
    const { server, ...headers } = headersOf(head);
    assertNothingLeaks({
      headers: isProxied || server === undefined ? headers : { ...headers, server },
      text: body,
    });
  } catch (cause) {
    return { wrong: `${target}: ${String(cause)}` };
  }
  if (status === 503 && hasRetryAfter(answer)) return 'refused';
  const isRight = status === 200 && (typeof expected === 'string' ? body === expected : expected(body));
  return isRight ? 'right' : { wrong: `${target}: ${status} ${body}` };
}

function headersOf(head: string): Readonly<Record<string, string>> {
  const lines = head.trimEnd().split('\r\n').slice(1);
  return Object.fromEntries(
    lines.map((line) => [line.split(':', 1)[0]?.toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  ) as Record<string, string>;
}

/** Counts what comes, stretch by stretch; a gap goes on over the ends of stretches. */
function createRecorder() {
  const empty = () => ({ requests: 0, right: 0, refused: 0, longestGapMs: 0, slowestMs: 0 });
  let figures = { ...empty(), lost: [] as LostRequest[], wrong: [] as string[] };
  let refusals: { readonly first: number; readonly last: number } | undefined;
  let rightAt = performance.now();
  const totals = { right: 0, refused: 0 };

  function noteGap(): void {
    figures.longestGapMs = Math.max(figures.longestGapMs, performance.now() - rightAt);
  }

  return {
    note(outcome: Outcome, tookMs: number): void {
      figures.requests += 1;
      figures.slowestMs = Math.max(figures.slowestMs, tookMs);
      if (typeof outcome === 'object') {
        if ('lost' in outcome) figures.lost.push(outcome.lost);
        else figures.wrong.push(outcome.wrong);
        return;
      }
      figures[outcome] += 1;
      totals[outcome] += 1;
      const now = performance.now();
      if (outcome === 'refused') {
        refusals = { first: refusals?.first ?? now, last: now };
      } else {
        noteGap();
        rightAt = now;
      }
    },
    take(): TrafficFigures {
      noteGap();
      const taken = { ...figures, refusedForMs: refusals === undefined ? 0 : refusals.last - refusals.first };
      figures = { ...empty(), lost: [], wrong: [] };
      refusals = undefined;
      return taken;
    },
    async until(kind: 'right' | 'refused', count: number): Promise<void> {
      const enough = totals[kind] + count;
      await until(`${count} times ${kind}`, () => totals[kind] >= enough, 1).catch((cause: unknown) => {
        throw new Error(`${String(cause)}; wrong: ${figures.wrong.at(-1) ?? 'nothing'}`, { cause });
      });
    },
  };
}
