import { type Country, type NumberSettings, type PhoneNumber, readPhone } from './phone.ts';
import type { ProblemOf } from './problem.ts';
import type { ParameterValue } from './query.ts';
import { searchWords } from './search-words.ts';

export const MAX_QUERY_LENGTH = 200;
/** Each costs a look into the index. */
export const MAX_QUERY_WORDS = 8;

/** Whom somebody searches for by words: a lead must have all of them, each as the beginning of one of its own. */
export interface TextQuery {
  readonly by: 'text';
  /** As `searchWords` gives them, each once. Those of a number are among them: it may be an id as well. */
  readonly words: readonly string[];
  /** A telephone number among the words, and the words beside it. */
  readonly number?: { readonly phone: PhoneNumber; readonly otherWords: readonly string[] };
}

/** Digits with what people write between them. */
const NUMBER = /(?<![\p{L}\p{N}])[+(]{0,2}[0-9][0-9 ().+-]{4,30}[0-9](?![\p{L}\p{N}])/u;

/**
 * Parses what somebody typed into a field of search.
 *
 * @param field the name of the parameter, for faults
 */
export function parseTextQuery(
  sent: ParameterValue,
  field: string,
  country: Country,
  options?: NumberSettings,
): TextQuery | ProblemOf<'parameter_malformed'> {
  const read = typeof sent === 'string' ? readWords(sent) : sent;
  if ('fault' in read) return { code: 'parameter_malformed', faults: [{ field, reason: read.fault }] };
  const number = numberIn(sent as string, country, options);
  return { by: 'text', ...read, ...(number && { number }) };
}

function readWords(text: string): { readonly words: readonly string[] } | { readonly fault: string } {
  if (text.length > MAX_QUERY_LENGTH) return { fault: `has more than ${MAX_QUERY_LENGTH} characters` };
  const words = [...new Set(searchWords(text))];
  if (words.length === 0) return { fault: 'must have a word or a number' };
  if (words.length > MAX_QUERY_WORDS) return { fault: `has more than ${MAX_QUERY_WORDS} words` };
  return { words };
}

function numberIn(text: string, country: Country, options?: NumberSettings): TextQuery['number'] {
  const [written] = NUMBER.exec(text) ?? [];
  if (written === undefined) return undefined;
  const read = readPhone(written, country, options);
  if ('fault' in read) return undefined;
  return { phone: read.value, otherWords: [...new Set(searchWords(text.replace(written, ' ')))] };
}
