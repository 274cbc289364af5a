/** One answer as it stands on the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Bytes of a connection as answers, and what is wrong with them as HTTP. */
export interface WireAnswers {
  readonly answers: readonly WireAnswer[];
  /** Undefined: they are whole answers to the last byte. */
  readonly fault?: string;
}

const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) [ -~]*$/;
const HEADER = /^([\w-]+): ?([\t -~]*)$/;

/**
 * Takes answers apart by their lengths: all of ours have one. Answers to HEAD have a length and no body, so that another
 * answer, or the end, may follow their headers.
 */
export function readAnswers(bytes: Buffer): WireAnswers {
  const answers: WireAnswer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf('\r\n\r\n', at);
    if (end === -1) return { answers, fault: `no end of headers: ${excerpt(bytes, at)}` };
    const [statusLine = '', ...lines] = bytes.subarray(at, end).toString('latin1').split('\r\n');
    const status = Number(STATUS_LINE.exec(statusLine)?.[1]);
    if (!(status >= 100)) return { answers, fault: `no status line: ${excerpt(bytes, at)}` };
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const [, name, value] = HEADER.exec(line) ?? [];
      if (name === undefined || value === undefined)
        return { answers, fault: `no header: ${line.slice(0, 80)}` };
      headers[name.toLowerCase()] = value;
    }
    at = end + 4;
    if (status < 200 || status === 204) {
      if (status !== 100) answers.push({ status, headers, text: '' });
      continue;
    }
    const length = Number(headers['content-length']);
    if (!Number.isSafeInteger(length)) return { answers, fault: `no length: ${lines.join(' | ')}` };
    const toHead =
      length > 0 && (at === bytes.length || bytes.subarray(at, at + 9).toString('latin1') === 'HTTP/1.1 ');
    const body = toHead ? Buffer.alloc(0) : bytes.subarray(at, at + length);
    if (body.length < length && !toHead)
      return { answers, fault: `a body of ${body.length} bytes instead of ${length}` };
    const text = body.toString('utf8');
    if (!Buffer.from(text).equals(body))
      return { answers, fault: `a body that is no UTF-8: ${excerpt(body, 0)}` };
    answers.push({ status, headers, text });
    at += body.length;
  }
  return { answers };
}

function excerpt(bytes: Buffer, at: number): string {
  return JSON.stringify(bytes.subarray(at, at + 80).toString('latin1'));
}
