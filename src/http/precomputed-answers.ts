import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { ANSWER_HEADERS } from './answer-headers.ts';

/** An answer that was made beforehand. */
export interface ReadyAnswer {
  /** 503 if not given. */
  readonly status?: number;
  readonly type: string;
  readonly body: string;
}

const STATUS = 503;
const RETRY_AFTER_SECONDS = '1';

interface Refusal {
  readonly status: number;
  /** Names and values in turn, as Node takes them. */
  readonly headers: string[];
  readonly body: string;
  /** Status line, headers and body. */
  readonly bytes: string;
}

/** Refusals whose headers and bodies are put together once. */
export function createReadyRefusals(answerOf: (target: string) => ReadyAnswer) {
  const made = new Map<ReadyAnswer, Refusal>();

  function refusalOf(target: string): Refusal {
    const answer = answerOf(target);
    let refusal = made.get(answer);
    if (refusal === undefined) made.set(answer, (refusal = makeRefusal(answer)));
    return refusal;
  }

  return {
    /** As any answer of the server. */
    answer(target: string, response: ServerResponse): void {
      const { status, headers, body } = refusalOf(target);
      response.writeHead(status, headers);
      response.end(body);
    },
    /** Past the server: less than half of the work. */
    writeTo(socket: Socket, target: string): void {
      socket.write(refusalOf(target).bytes, 'latin1');
    },
  };
}

function makeRefusal({ status = STATUS, type, body }: ReadyAnswer): Refusal {
  const headers = Object.entries({
    ...ANSWER_HEADERS,
    'retry-after': RETRY_AFTER_SECONDS,
    'content-type': type,
    'content-length': String(Buffer.byteLength(body)),
  });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const bytes = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines}\r\n${body}`;
  return { status, headers: headers.flat(), body, bytes };
}
