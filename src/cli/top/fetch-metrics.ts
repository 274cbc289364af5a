import { get as getPlain, type IncomingMessage } from 'node:http';
import { get as getSecured } from 'node:https';
import { text } from 'node:stream/consumers';

import { readExposition, type Sample } from '../../observe/exposition.ts';
import { CommandFailure } from '../../process/exit-code.ts';
import { isLoopback } from '../../config/addresses.ts';

const WAIT_MS = 5_000;
/** Far more than the metrics of any installation. */
const MAX_BYTES = 32 * 1024 * 1024;

/** The metrics of a server at one moment. */
export interface Scrape {
  /** Monotonic, milliseconds. */
  readonly at: number;
  readonly samples: readonly Sample[];
}

export interface ScrapeTarget {
  /** Without the path. */
  readonly url: string;
  /** What the setting metricsToken of the server says; empty: none is sent. */
  readonly token: string;
}

/**
 * Reads the metrics of a server.
 *
 * @throws {CommandFailure} it cannot be reached, or does not serve them to this machine
 */
export async function fetchMetrics({ url, token }: ScrapeTarget): Promise<Scrape> {
  let answer: { readonly status: number; readonly body: string };
  try {
    answer = await ask(new URL('/metrics', url), token);
  } catch (cause) {
    const { code, name } = cause as NodeJS.ErrnoException;
    throw new CommandFailure(
      `nobody answers at ${url} (${code ?? name}); is the server running?`,
      undefined,
      { cause },
    );
  }
  if (answer.status === 404) {
    throw new CommandFailure(
      `${url} does not serve its metrics to this machine; see the settings "metrics" and "metricsToken" of that server ("callercard settings")`,
    );
  }
  if (answer.status === 401) {
    throw new CommandFailure(
      `${url} serves its metrics only with its token; run this with the same metricsToken as that server`,
    );
  }
  if (answer.status !== 200) throw new CommandFailure(`${url} answers with status ${answer.status}`);
  return { at: performance.now(), samples: readExposition(answer.body) };
}

function ask(url: URL, token: string): Promise<{ status: number; body: string }> {
  // On the loopback interface the certificate has another name, and nobody is in between.
  const options = {
    timeout: WAIT_MS,
    agent: false,
    headers: token === '' ? {} : { authorization: `Bearer ${token}` },
    rejectUnauthorized: !isLoopback(url.hostname.replace(/^\[|\]$/g, '')),
  };
  const get = url.protocol === 'https:' ? getSecured : getPlain;
  return new Promise((resolve, reject) => {
    const request = get(url, options, (incoming) => {
      readAll(incoming).then((body) => resolve({ status: incoming.statusCode ?? 0, body }), reject);
    });
    request.on('timeout', () =>
      request.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
    );
    request.on('error', reject);
  });
}

function readAll(incoming: IncomingMessage): Promise<string> {
  let bytes = 0;
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) incoming.destroy(Object.assign(new Error('too long'), { code: 'EMSGSIZE' }));
  });
  return text(incoming);
}
