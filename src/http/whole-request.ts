/** Documented requests have a few hundred bytes; what is longer is left to the parser. */
const MAX_BYTES = 4_096;

const REQUEST_LINE = /^(GET|POST) (\/[!-~]*) HTTP\/1\.1\r\n/;
/** Headers that say where a request ends, or what becomes of its connection. */
const FRAMING =
  /\n(?:content-length|transfer-encoding|connection|expect|upgrade|trailer|proxy-connection)[ \t]*:[ \t]*([^\r\n]*)/gi;
/** A request line, then headers whose names are RFC 9110's tokens: other names are spelt so that one reader overlooks them. */
const PLAIN_HEADERS = /^[^\r]*(?:\r\n[-\w!#$%&'*+.^`|~]+:[^\r]*)*$/;
/** Line ends and continued lines over which parsers have disagreed. */
const DOUBTFUL = /\r(?!\n)|(?<!\r)\n|\n[ \t]|\0/;

/**
 * Whether bytes are one whole HTTP request and nothing else. Only what is beyond doubt: a GET or POST in HTTP/1.1 whose
 * end is where the bytes end, after which its connection stays. Everything else is for a real parser.
 *
 * @param bytes from the beginning of a request on
 * @returns the request's target; undefined for everything else
 */
export function readWholeRequest(bytes: Buffer): string | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [, method, target] = REQUEST_LINE.exec(text) ?? [];
  if (target === undefined) return undefined;
  const head = text.slice(0, end);
  if (DOUBTFUL.test(head) || !PLAIN_HEADERS.test(head)) return undefined;
  const bodyBytes = readBodyBytes(head);
  const isExpected = method === 'GET' ? bodyBytes === 'none' : typeof bodyBytes === 'number';
  if (!isExpected) return undefined;
  return end + 4 + (bodyBytes === 'none' ? 0 : Number(bodyBytes)) === bytes.length ? target : undefined;
}

/** @returns undefined for everything but one length, or none, on a connection that stays */
function readBodyBytes(head: string): number | 'none' | undefined {
  let length: number | 'none' = 'none';
  for (const [header, value = ''] of head.matchAll(FRAMING)) {
    if (/^\nconnection:/i.test(header)) {
      if (value.trim().toLowerCase() !== 'keep-alive') return undefined;
    } else {
      const isLength = /^\ncontent-length:/i.test(header) && /^\d{1,4}$/.test(value);
      if (!isLength || length !== 'none') return undefined;
      length = Number(value);
    }
  }
  return length;
}
