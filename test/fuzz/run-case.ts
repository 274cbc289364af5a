import assert from 'node:assert/strict';
import type { Socket } from 'node:net';

import { readXml } from '../goapi/read-xml.ts';
import { assertAnswerHeaders, openSocket, splitAnswers, type RawAnswer } from '../http/raw-socket.ts';
import type { FuzzCase } from './make-case.ts';

/** What a server may say to whatever was sent; anything else is a fault of ours. */
const STATUSES: ReadonlySet<number> = new Set([
  100, 200, 204, 400, 404, 405, 408, 413, 414, 415, 417, 429, 431,
]);

/** After all that is sent, so that the server closes the connection where it understood what came before. */
const LAST = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
/** A server that has said nothing for so long waits for more; it gets no more. */
const SILENT_MS = 300;

/** After this long without an end a connection hangs. */
const HANGS_MS = 20_000;

/**
 * Sends a case over a connection of its own, and reads all that comes.
 *
 * @returns how many answers came
 * @throws {AssertionError} an answer is not as it may be, or none came to its end
 */
export async function runCase(url: string, { bytes, cuts, expected }: FuzzCase): Promise<number> {
  const socket = await openSocket(url);
  try {
    let from = 0;
    for (const cut of [...cuts, bytes.length]) {
      socket.write(bytes.subarray(from, cut));
      from = Math.min(cut, bytes.length);
      if (cuts.length > 0) await new Promise(setImmediate);
    }
    socket.write(LAST);
    const answers = splitAnswers(await readAll(socket, expected !== undefined));
    for (const answer of answers) checkAnswer(answer);
    if (expected !== undefined) checkOrder(answers.slice(0, -1), expected);
    return answers.length;
  } finally {
    socket.destroy();
  }
}

/** @param isWhole whether every request ends, so that the server will close of itself */
function readAll(socket: Socket, isWhole: boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const late = setTimeout(() => {
      socket.destroy();
      reject(new assert.AssertionError({ message: `no end after ${HANGS_MS} ms` }));
    }, HANGS_MS);
    const silent = setTimeout(() => isWhole || socket.end(), SILENT_MS);
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      silent.refresh();
    });
    // A server that closes with something unread resets the connection; what it said before counts.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(late);
      clearTimeout(silent);
      resolve(Buffer.concat(chunks));
    });
  });
}

function checkAnswer(answer: RawAnswer): void {
  const { status, headers, text } = answer;
  assert.ok(STATUSES.has(status), `status ${status}: ${text}`);
  if (status < 200) return;
  assertAnswerHeaders(answer);
  const type = headers['content-type'] ?? '';
  if (text === '') return;
  if (type.startsWith('application/json')) JSON.parse(text);
  else if (type.startsWith('application/xml')) readXml(text);
  else assert.match(text, /^result=error;message=/, `${type}: ${text}`);
}

function checkOrder(answers: readonly RawAnswer[], expected: readonly number[]): void {
  const found = answers.map(({ text }) =>
    Number(/"lead_id":(\d+)|<lead_id>(\d+)</.exec(text)?.slice(1).join('')),
  );
  assert.deepEqual(found, expected);
}
