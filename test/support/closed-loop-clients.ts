import { AssertionError } from 'node:assert/strict';
import { Agent as PlainAgent, request as plainRequest, type RequestOptions } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';

import { assertNothingLeaks } from './leaks.ts';
import type { Answer } from './test-app.ts';

/** What became of the requests of clients that ask until there is nobody to ask. */
export interface KeenFigures {
  readonly right: number;
  /** Requests without an answer, by the error's code or words. */
  readonly unanswered: ReadonlyMap<string, number>;
  /** Answers that are wrong: there must be none. */
  readonly wrong: readonly string[];
}

export interface KeenClients {
  /** Waits for so many right answers from now on. */
  untilRight(count: number): Promise<void>;
  /** Resolves when every client has found that nobody is there any more. */
  ended(): Promise<KeenFigures>;
}

/** A client that was cut off so often in a row has lost its server. */
const GIVES_UP_AFTER = 3;

/**
 * Clients that ask without a pause over connections that they keep, over TLS where the URL says so.
 *
 * @param targets what is asked, and the answer's lead
 * @param ca the certificate to be trusted
 */
export function startKeenClients(
  url: string,
  targets: ReadonlyMap<string, number>,
  { clients, ca }: { readonly clients: number; readonly ca?: string },
): KeenClients {
  const isTls = url.startsWith('https:');
  const kept = { keepAlive: true, maxSockets: clients };
  const agent = isTls ? new TlsAgent({ ...kept, ca }) : new PlainAgent(kept);
  const { hostname, port } = new URL(url);
  const all = [...targets];
  const unanswered = new Map<string, number>();
  const wrong: string[] = [];
  const waiting = new Set<{ left: number; readonly done: () => void }>();
  let [right, turn] = [0, 0];

  function ask(path: string): Promise<Answer> {
    const options: RequestOptions = { agent, host: hostname, port, path };
    return new Promise((resolve, reject) => {
      const outgoing = (isTls ? tlsRequest : plainRequest)(options, (incoming) => {
        let text = '';
        incoming.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        incoming.on('error', reject).on('end', () => {
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text });
        });
      });
      outgoing.on('error', reject).end();
    });
  }

  function noteRight(): void {
    right += 1;
    for (const each of waiting) {
      each.left -= 1;
      if (each.left > 0) continue;
      waiting.delete(each);
      each.done();
    }
  }

  async function keepAsking(): Promise<void> {
    let lost = 0;
    while (lost < GIVES_UP_AFTER) {
      const [path = '', leadId] = all[turn++ % all.length] ?? [];
      try {
        const answer = await ask(path);
        lost = 0;
        assertNothingLeaks(answer);
        const { status, text } = answer;
        if (status === 200 && text.includes(`"lead_id":${leadId ?? 0},`)) noteRight();
        else wrong.push(`${status} ${text}`);
      } catch (cause) {
        if (cause instanceof AssertionError) throw cause;
        lost += 1;
        const { code, message } = cause as NodeJS.ErrnoException;
        unanswered.set(code ?? message, (unanswered.get(code ?? message) ?? 0) + 1);
      }
    }
  }

  const ended = Promise.all(Array.from({ length: clients }, keepAsking));
  return {
    untilRight: (left) => new Promise((resolve) => waiting.add({ left, done: () => resolve() })),
    async ended() {
      await ended;
      agent.destroy();
      return { right, unanswered, wrong };
    },
  };
}
