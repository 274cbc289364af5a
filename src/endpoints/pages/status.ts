import type { FastifyReply } from 'fastify';

import type { Problem } from '../../core/problem.ts';
import { HTTP_STATUS } from '../../http/problem-answer.ts';

/** Statuses that pages give another meaning: 401 would open the browser's own window. */
const STATUS = { ...HTTP_STATUS, credentials_invalid: 403 } as const;

/** Sets a problem's status on the answer. */
export function setStatus(reply: FastifyReply, problem: Problem): void {
  void reply.code(STATUS[problem.code]);
  if ('retryAfterSeconds' in problem) void reply.header('retry-after', String(problem.retryAfterSeconds));
}
