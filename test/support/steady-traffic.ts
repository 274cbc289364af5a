import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

import { assertNothingLeaks } from './leaks.ts';

/** A request and the only right answer to it. */
export interface Asked {
  readonly target: string;
  /** The body, to the byte. */
  readonly expected: string;
}

/** What came of a stretch of traffic. */
export interface TrafficFigures {
  readonly requests: number;
  readonly right: number;
  /** Answers 503 that say when to come again. */
  readonly refused: number;
  /** Anything else, in words: it must not be there. */
  readonly wrong: readonly string[];
  /** The longest time without a right answer, in milliseconds. */
  readonly longestGapMs: number;
  /** The longest that an answer took. */
  readonly slowestMs: number;
  /** From the first refusal to the last. */
  readonly refusedForMs: number;
}

/** Clients that ask one thing after the other, each over a connection of its own that it keeps. */
export interface SteadyTraffic {
  /** The figures since the beginning, or since this was last asked. */
  take(): TrafficFigures;
  /** Waits for so many right answers from now on. */
  untilRight(count?: number): Promise<void>;
  /** Waits for so many refusals from now on. */
  untilRefused(count?: number): Promise<void>;
  /** Ends when every request is answered; the figures since `take`. */
  stop(): Promise<TrafficFigures>;
}

export interface TrafficOptions {
  readonly clients?: number;
  /** How long each client waits before it asks again, in milliseconds. */
  readonly pauseMs?: number;
}

/** Starts clients that ask all of this, over and over, until they are stopped. */
export function startTraffic(
  url: string,
  asked: readonly Asked[],
  { clients = 16, pauseMs = 5 }: TrafficOptions = {},
): SteadyTraffic {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const stretch = createStretch();
  let isStopped = false;
  let turn = 0;

  async function ask(): Promise<void> {
    while (!isStopped) {
      const one = asked[turn++ % asked.length];
      if (one === undefined) throw new Error('nothing is asked');
      const started = performance.now();
      const came = await judge(agent, url, one);
      stretch.note(came, performance.now() - started);
      await pause(pauseMs);
    }
  }

  const all = Promise.all(Array.from({ length: clients }, ask));
  return {
    take: () => stretch.take(),
    untilRight: (count = 1) => stretch.until('right', count),
    untilRefused: (count = 1) => stretch.until('refused', count),
    async stop() {
      isStopped = true;
      await all;
      agent.destroy();
      return stretch.take();
    },
  };
}

/** Asks each target once: what is answered now is right from now on. The caller sees to it that it is. */
export async function learnAnswers(url: string, targets: readonly string[]): Promise<readonly Asked[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const asked: Asked[] = [];
  for (const target of targets) {
    const answer = await exchange(agent, url, target);
    assertNothingLeaks(answer);
    const { status, text } = answer;
    if (status !== 200) throw new Error(`status ${status} for ${target}: ${text}`);
    asked.push({ target, expected: text });
  }
  agent.destroy();
  return asked;
}

/** Longer than any answer takes, whatever is broken. */
const NO_ANSWER_MS = 30_000;

type Came = 'right' | 'refused' | { readonly wrong: string };

/** Words for a person: figures in one line. */
export function wordsOf(figures: TrafficFigures): string {
  const ms = (value: number) => `${Math.round(value)} ms`;
  const { requests, refused, wrong, longestGapMs, slowestMs, refusedForMs } = figures;
  return (
    `${requests} requests, ${refused} refused (within ${ms(refusedForMs)}), ${wrong.length} wrong, ` +
    `longest gap ${ms(longestGapMs)}, slowest answer ${ms(slowestMs)}`
  );
}

async function judge(agent: Agent, url: string, { target, expected }: Asked): Promise<Came> {
  try {
    const answer = await exchange(agent, url, target);
    assertNothingLeaks(answer);
    const { status, headers, text } = answer;
    if (status === 200 && text === expected) return 'right';
    if (status === 503 && Number(headers['retry-after']) >= 1) return 'refused';
    return { wrong: `${target}: ${status} ${text}` };
  } catch (cause) {
    return { wrong: `${target}: ${String(cause)}` };
  }
}

interface Exchanged {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function exchange(agent: Agent, url: string, path: string): Promise<Exchanged> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { agent, host: hostname, port, path, signal: AbortSignal.timeout(NO_ANSWER_MS) },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (piece: string) => (text += piece));
        incoming.on('error', reject);
        incoming.on('end', () => {
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** Counts what comes, stretch by stretch; a gap goes on over the ends of stretches. */
function createStretch() {
  let counts = { requests: 0, right: 0, refused: 0 };
  let wrong: string[] = [];
  let [longestGapMs, slowestMs] = [0, 0];
  let refusals: { readonly first: number; readonly last: number } | undefined;
  let rightAt = performance.now();
  const waiting = new Set<{ readonly kind: 'right' | 'refused'; left: number; readonly done: () => void }>();

  function noteGap(): void {
    longestGapMs = Math.max(longestGapMs, performance.now() - rightAt);
  }

  function noteKind(kind: 'right' | 'refused'): void {
    const now = performance.now();
    counts[kind] += 1;
    if (kind === 'right') {
      noteGap();
      rightAt = now;
    } else {
      refusals = { first: refusals?.first ?? now, last: now };
    }
    for (const each of waiting) {
      if (each.kind !== kind) continue;
      each.left -= 1;
      if (each.left > 0) continue;
      waiting.delete(each);
      each.done();
    }
  }

  return {
    note(came: Came, tookMs: number) {
      counts.requests += 1;
      slowestMs = Math.max(slowestMs, tookMs);
      if (typeof came === 'string') noteKind(came);
      else wrong.push(came.wrong);
    },
    take(): TrafficFigures {
      noteGap();
      const refusedForMs = refusals === undefined ? 0 : refusals.last - refusals.first;
      const figures = { ...counts, wrong, longestGapMs, slowestMs, refusedForMs };
      counts = { requests: 0, right: 0, refused: 0 };
      wrong = [];
      [longestGapMs, slowestMs] = [0, 0];
      refusals = undefined;
      return figures;
    },
    until(kind: 'right' | 'refused', left: number): Promise<void> {
      return new Promise((resolve, reject) => {
        const limit = setTimeout(() => {
          const last = wrong.at(-1);
          reject(new Error(`not ${left} times ${kind} in ${NO_ANSWER_MS} ms; wrong: ${last ?? 'nothing'}`));
        }, NO_ANSWER_MS);
        const done = () => {
          clearTimeout(limit);
          resolve();
        };
        waiting.add({ kind, left, done });
      });
    },
  };
}
