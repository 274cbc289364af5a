import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import type { FastifyReply } from 'fastify';

import { ANSWER_HEADERS } from './answer-headers.ts';
import { httpStatus, noteProblem } from './http-problem.ts';
import type { ReadyAnswer } from './precomputed-answers.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** The status' own name and no word about the cause. */
function bodyOf(status: number): string {
  return JSON.stringify({ result: 'error', message: STATUS_CODES[status] });
}

/**
 * An answer for what no door has answered; the cause goes to the log.
 *
 * @param words those of the door that it was for
 */
export function answerLastResort(error: unknown, reply: FastifyReply, words?: ReadyAnswer): void {
  const status = httpStatus(noteProblem(error, reply.request).code);
  const { type, body, status: said = status } = words ?? { type: JSON_TYPE, body: bodyOf(status) };
  void reply.code(said).headers(ANSWER_HEADERS).type(type).send(body);
}

/** `Expect` with anything but `100-continue`. */
export function answerExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const body = bodyOf(417);
  response.writeHead(417, lastHeaders(body));
  response.end(body);
}

/** What never became a request: answered on the bare connection, which then ends. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  // Where there is no TLS yet there is nothing to answer on, and whoever let the handshake time out would not hang up.
  const isHandshake =
    error.code?.startsWith('ERR_SSL_') === true || error.code?.startsWith('ERR_TLS_') === true;
  if (error.code === 'ECONNRESET' || isHandshake || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = brokenStatus(error.code);
  const body = bodyOf(status);
  const lines = Object.entries(lastHeaders(body)).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
}

function brokenStatus(code: string | undefined): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}

function lastHeaders(body: string): Record<string, string> {
  const length = String(Buffer.byteLength(body));
  return { ...ANSWER_HEADERS, 'content-type': JSON_TYPE, 'content-length': length, connection: 'close' };
}
