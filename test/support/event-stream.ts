import { get, type IncomingHttpHeaders } from 'node:http';

import { assertNothingLeaks } from './leaks.ts';
import { until } from './until.ts';

/** One server-sent event. */
export interface SentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A browser's event stream, without a browser; all that it hears is searched. */
export interface EventStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly events: readonly SentEvent[];
  readonly hasEnded: boolean;
  /** Everything so far. */
  readonly text: string;
  untilEvents(count: number): Promise<readonly SentEvent[]>;
  close(): void;
}

/** Resolves when the headers are there. */
export async function openEvents(
  url: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<EventStream> {
  return new Promise((resolve, reject) => {
    let text = '';
    let hasEnded = false;
    const outgoing = get(new URL(target, url), { headers, agent: false }, (incoming) => {
      assertNothingLeaks({ headers: incoming.headers, text: '' });
      incoming.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        assertNothingLeaks({ headers: {}, text });
      });
      incoming.on('close', () => (hasEnded = true)).on('error', () => undefined);
      resolve({
        status: incoming.statusCode ?? 0,
        headers: incoming.headers,
        get events() {
          return eventsOf(text);
        },
        get hasEnded() {
          return hasEnded;
        },
        get text() {
          return text;
        },
        async untilEvents(count) {
          await until(`${count} events`, () => eventsOf(text).length >= count);
          return eventsOf(text);
        },
        close: () => outgoing.destroy(),
      });
    });
    outgoing.on('error', reject);
  });
}

function eventsOf(text: string): readonly SentEvent[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .filter((part) => part.includes('data: '))
    .map((part) => {
      const fields = new Map(part.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
      const data = JSON.parse(fields.get('data') ?? '') as SentEvent['data'];
      return { id: fields.get('id') ?? '', event: fields.get('event') ?? '', data };
    });
}
