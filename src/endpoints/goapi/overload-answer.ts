import type { PrecomputedAnswer } from '../../http/problem-answer.ts';
import { answerFor } from './answers.ts';
import { formatOfTarget } from './request.ts';
import { JSON_TYPE, writeEnvelopeJson, writeEnvelopeXml, XML_TYPE } from './render.ts';

const { envelope } = answerFor({ code: 'overloaded', retryAfterSeconds: 1 });
const READY = {
  json: { type: JSON_TYPE, body: writeEnvelopeJson(envelope) },
  xml: { type: XML_TYPE, body: writeEnvelopeXml(envelope, undefined) },
} as const satisfies Readonly<Record<string, PrecomputedAnswer>>;

/** What this door says to whom nobody has time for, in the format that the query asks for. */
export function overloadAnswerOf(target: string): PrecomputedAnswer {
  return READY[formatOfTarget(target)];
}
