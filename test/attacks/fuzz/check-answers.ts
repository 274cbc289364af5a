import { RESPONSETYPE_UNKNOWN } from '../../../src/endpoints/goapi/answers.ts';
import { readXml } from '../../endpoints/goapi/read-xml.ts';
import { assertNothingLeaks } from '../../support/leaks.ts';
import type { FuzzCase } from './fuzz-case.ts';
import { fuzzName } from './good-request.ts';
import type { Talk } from './talk.ts';
import type { WireAnswer, WireAnswers } from './wire-answer.ts';

/** What our server may say to anything, as docs/security.md and the contract have it. The caller checks 503. */
const STATUSES: ReadonlySet<number> = new Set([
  200, 204, 303, 400, 401, 403, 404, 405, 408, 413, 414, 415, 417, 431, 429, 503,
]);

const ALWAYS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** The lead that an answer tells of, if it does. */
export function leadOf({ status, text }: WireAnswer): number | undefined {
  const found = /"lead_info":\{"lead_id":(\d+)|<lead_info>\n {4}<lead_id>(\d+)</.exec(text);
  return status === 200 && found !== null ? Number(found[1] ?? found[2]) : undefined;
}

/** What is wrong with answers, whatever was asked; undefined: nothing. */
export function faultOfAnswers({ answers, fault }: WireAnswers): string | undefined {
  return answers.map(faultOfAnswer).find((one) => one !== undefined) ?? fault;
}

function faultOfAnswer(answer: WireAnswer): string | undefined {
  const { status, headers, text } = answer;
  if (!STATUSES.has(status)) return `status ${status}: ${text.slice(0, 200)}`;
  for (const [name, value] of Object.entries(ALWAYS)) {
    if (headers[name] !== value) return `status ${status} without ${name}: ${value}`;
  }
  if ((status === 503 || status === 429) && !(Number(headers['retry-after']) >= 1))
    return `status ${status} without Retry-After`;
  try {
    assertNothingLeaks(answer);
    assertWellFormed(answer);
  } catch (cause) {
    return `status ${status}: ${messageOf(cause)}: ${text.slice(0, 200)}`;
  }
  const lead = leadOf(answer);
  return lead === undefined || text.includes(fuzzName(lead)) ? undefined : `lead ${lead} under another name`;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
}

/**
 * What a function of the dialer's API says: its words, or rows. A row of a lead has 32 columns at least, of numbers three; in
 * whatever format, none has a control character, so that no value makes a row.
 */
function isPlainAnswer(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  if (!text.endsWith('\n') || /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]/.test(text)) return false;
  const lines = text.slice(0, -1).split('\n');
  return lines.every((line) => /^(?:SUCCESS|NOTICE|ERROR): /.test(line)) || isRows(lines);
}

function isRows(lines: readonly string[]): boolean {
  const [first = ''] = lines;
  // A value in each line: of whole leads.
  if (!/[|,\t]/.test(first)) return lines.length >= 32;
  const separators = first.split(/[|\t]/).length;
  return separators === 1 || lines.every((line) => line.split(/[|\t]/).length === separators);
}

/** What answers in JSON begin with: the documented ones, health, our own document. */
const JSON_MEMBERS = ['result', 'status', 'openapi'] as const;

/** What /metrics says to this machine without a token. */
function isClosed(text: string): boolean {
  return /^The metrics are closed: [^\n]+\n$/.test(text);
}

/** @throws {Error} it is not what its type says */
function assertWellFormed({ status, headers, text }: WireAnswer): void {
  const type = headers['content-type'];
  if (status === 204 || text === '') return;
  if (type === 'application/json; charset=utf-8') {
    const json: unknown = JSON.parse(text);
    if (typeof json !== 'object' || json === null || !JSON_MEMBERS.some((member) => member in json))
      throw new Error('JSON without a result');
  } else if (type === 'application/problem+json; charset=utf-8') {
    const problem: unknown = JSON.parse(text);
    if (typeof problem !== 'object' || problem === null || !('type' in problem && 'status' in problem))
      throw new Error('a problem without its type');
  } else if (type === 'text/html; charset=utf-8') {
    if (!text.endsWith('</html>\n')) throw new Error('half a page');
  } else if (type === 'application/xml; charset=utf-8') {
    // The reader knows the documented answers; the template for 3CX is read elsewhere (test/endpoints).
    if (!/^<\?xml [^>]*>\s*<Crm [^]*<\/Crm>\n$/.test(text)) readXml(text);
  } else if (
    type !== 'text/plain; charset=utf-8' ||
    !(text === RESPONSETYPE_UNKNOWN || isClosed(text) || isPlainAnswer(text))
  ) {
    throw new Error(`the type ${String(type)}`);
  }
}

/** What is wrong with the answers to a case; undefined: nothing. */
export function faultOfCase(
  { found, mayFind, isWhole, isTooMuch }: FuzzCase,
  came: Talk,
): string | undefined {
  // A reset may take the end of an answer with it.
  const isCut = isTooMuch === true && came.wasReset;
  const fault = faultOfAnswers(isCut ? { answers: came.answers } : came);
  if (fault !== undefined) return fault;
  const { answers } = came;
  for (const [at, lead] of found.entries()) {
    const answer = answers[at];
    if (isTooMuch === true && isEnd(came, at)) return undefined;
    if (answer === undefined) return `no answer to the good request ${at + 1} of ${found.length}`;
    if (answer.status !== 503 && leadOf(answer) !== lead) {
      return `the good request ${at + 1} for lead ${lead} got ${answer.status} ${answer.text.slice(0, 200)}`;
    }
  }
  if (isWhole && answers.length !== 1) return `${answers.length} answers to one request`;
  const others = answers.slice(found.length).flatMap((answer) => leadOf(answer) ?? []);
  return !mayFind && others.length > 0 ? `lead ${others.join(', ')} without the right password` : undefined;
}

/** Too much on one connection ends with a 400, or with a reset, because the server does not read the rest. */
function isEnd({ answers, wasReset }: Talk, at: number): boolean {
  const answer = answers[at];
  return answer === undefined ? wasReset : answer.status === 400 && at === answers.length - 1;
}

/** Whether the server was too busy for some of it: that says nothing about the case. */
export function wasBusy({ isTooMuch }: FuzzCase, { answers }: WireAnswers): boolean {
  return isTooMuch !== true && answers.some(({ status }) => status === 503);
}
