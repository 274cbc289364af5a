import type { FastifyReply, FastifyRequest } from 'fastify';

import { LOCK_MS } from '../../auth/lockout.ts';
import { type EarlyAnswers, HTTP_STATUS } from '../../http/problem-answer.ts';
import { publicMessage, type Problem } from '../../core/problem.ts';

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** Answers with a problem as RFC 9457 has it; `code` and `fields` are for programs. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const status = HTTP_STATUS[problem.code];
  if (status === 401) {
    void reply.header('www-authenticate', [
      'Basic realm="callercard", charset="UTF-8"',
      'Bearer realm="callercard"',
    ]);
  }
  const seconds = retryAfterOf(problem);
  if (seconds !== undefined) void reply.header('retry-after', String(seconds));
  if (problem.code === 'rate_limited') {
    const limit = problem.dailyLeads === undefined ? 'lookups' : 'daily-leads';
    void reply.header('ratelimit', `"${limit}";r=0;t=${seconds ?? 1}`);
  }
  const title =
    problem.code === 'credentials_invalid' ? titleOfRefusal(reply.request) : publicMessage(problem);
  return reply.code(status).type(PROBLEM_TYPE).send(problemBody(problem, title));
}

/** Says what to send, or what of it is wrong; never whether there is such a user or token. */
function titleOfRefusal({ headers: { authorization } }: FastifyRequest): string {
  const scheme = /^\w+/.exec(authorization ?? '')?.[0].toLowerCase();
  if (scheme === 'basic') return 'The user name or the password is wrong.';
  if (scheme === 'bearer') return 'The token is unknown or revoked, or of another scope.';
  return 'Send a user name and a password (HTTP Basic), or a token (Bearer).';
}

/** A problem as JSON. What is undefined is left out. */
export function problemBody(problem: Problem, title = publicMessage(problem)): string {
  const { code } = problem;
  const fields = fieldsOf(problem);
  const lead = code === 'number_taken' ? problem.leadId : undefined;
  const right = code === 'api_not_allowed' ? problem.right : undefined;
  const status = HTTP_STATUS[code];
  return JSON.stringify({
    type: `/docs/problems/${code}`,
    title,
    status,
    code,
    fields,
    lead_id: lead,
    lead_ids: code === 'several_people' ? problem.people.map(({ leadId }) => leadId) : undefined,
    right,
  });
}

/** The parameters that are wrong, or the fields that stand in the way. */
function fieldsOf(problem: Problem): readonly string[] | undefined {
  if (problem.code === 'undo_conflict') return problem.fields;
  return problem.code === 'parameter_malformed' ? problem.faults.map(({ field }) => field) : undefined;
}

function retryAfterOf(problem: Problem): number | undefined {
  if ('retryAfterSeconds' in problem) return problem.retryAfterSeconds;
  // At most: it counts from the last wrong password, and when that was is nobody's business.
  return problem.code === 'locked_out' ? LOCK_MS / 1000 : undefined;
}

export const V1_EARLY: EarlyAnswers = {
  targets: /^\/(?:v1|docs|openapi\.json)(?:[/?]|$)/,
  overload: { type: PROBLEM_TYPE, body: problemBody({ code: 'overloaded', retryAfterSeconds: 1 }) },
  undecodable: {
    status: 400,
    type: PROBLEM_TYPE,
    body: problemBody({ code: 'request_unparsable', reason: 'the request has a broken percent-encoding' }),
  },
};
