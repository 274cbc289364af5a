import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';

import { CHEAP_VERIFIER, PASSWORD } from '../service/lookup-fixture.ts';
import { fillEmbedded } from '../stores/described-store.ts';
import { assertNothingLeaks } from '../support/leaks.ts';
import { startTestApp, temporaryFolder, type TestApp } from '../support/test-app.ts';

export const PATH = '/goAPIv2/goAgent/goAPI.php';

/** A good question in JSON, as a query. */
export function queryFor(parameters: Readonly<Record<string, string>>): string {
  return new URLSearchParams({
    goUser: 'crm',
    goPass: PASSWORD,
    goAction: 'goGetCustomerInfo',
    responsetype: 'json',
    ...parameters,
  }).toString();
}

export const LEADS = 250;

/** An app over leads 1 to LEADS, for the user `crm`. */
export function startFilledApp(
  overrides: Parameters<typeof startTestApp>[2] = {},
  folder = temporaryFolder(),
): Promise<TestApp> {
  return startTestApp(
    folder,
    (store) =>
      fillEmbedded(store, {
        lists: [{ list_id: 1, name: 'one' }],
        leads: Array.from({ length: LEADS }, (_, at) => ({
          lead_id: at + 1,
          list_id: 1,
          first_name: `Ñandú ${at + 1}`,
          phone_number: String(5_500_000_000 + at + 1),
        })),
        users: [{ name: 'crm', password: { verifier: CHEAP_VERIFIER } }],
      }),
    overrides,
  );
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** @param options whether the socket keeps its side open once the server has closed its own */
export async function openSocket(
  url: string,
  options?: Pick<TcpNetConnectOpts, 'localAddress' | 'allowHalfOpen'>,
): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), ...options });
  await once(socket, 'connect');
  return socket;
}

/** Sends bytes as they are, and reads what comes until the server closes the connection. */
export async function exchange(
  url: string,
  bytes: string | Buffer,
  options?: Parameters<typeof openSocket>[1],
): Promise<readonly RawAnswer[]> {
  const socket = await openSocket(url, options);
  try {
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    return splitAnswers(await readToEnd(socket));
  } finally {
    socket.destroy();
  }
}

export async function readToEnd(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** One answer to bytes after which the server closes. */
export async function exchangeOne(url: string, bytes: string | Buffer): Promise<RawAnswer> {
  const answers = await exchange(url, bytes);
  assert.equal(answers.length, 1, `${answers.length} answers`);
  return answers[0] ?? assert.fail();
}

/** Takes answers apart by their lengths: all our answers have one. Nothing of them may leak. */
export function splitAnswers(bytes: Buffer, toHead = false): readonly RawAnswer[] {
  const answers: RawAnswer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf('\r\n\r\n', at);
    assert.ok(end !== -1, `no end of headers: ${bytes.subarray(at, at + 200).toString('latin1')}`);
    const [statusLine = '', ...lines] = bytes.subarray(at, end).toString('latin1').split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    );
    const hasBody = status >= 200 && status !== 204 && !toHead;
    assert.ok(!hasBody || headers['content-length'] !== undefined, `no length: ${lines.join(' | ')}`);
    const length = hasBody ? Number(headers['content-length']) : 0;
    const text = bytes.subarray(end + 4, end + 4 + length).toString('utf8');
    at = end + 4 + length;
    assertNothingLeaks({ headers, text });
    answers.push({ status, headers, text });
  }
  return answers;
}

/** What every answer has, whatever happened. */
export function assertAnswerHeaders({ headers, status }: RawAnswer): void {
  assert.equal(headers['cache-control'], 'no-store', `status ${status}`);
  assert.equal(headers['x-content-type-options'], 'nosniff', `status ${status}`);
  assert.equal(headers['referrer-policy'], 'no-referrer', `status ${status}`);
  assert.ok(!('server' in headers) && !('x-powered-by' in headers), `status ${status}`);
}

/** A request as a client writes it; the connection closes after its answer. */
export function requestText(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): string {
  const length = body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(body, 'latin1')) };
  const all = { Host: 'localhost', Connection: 'close', ...length, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}
