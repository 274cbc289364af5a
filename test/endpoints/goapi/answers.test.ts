import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { LOOKUP_ACTIONS } from '../../../src/endpoints/goapi/handler.ts';
import {
  ACTION_MISSING,
  ACTION_UNKNOWN,
  answerFor,
  RESPONSETYPE_UNKNOWN,
} from '../../../src/endpoints/goapi/answers.ts';
import { publicMessage, type Problem } from '../../../src/core/problem.ts';

const CAUSE = new Error('planted-secret: SELECT * FROM users');

/** Every problem with the status and the body that the protocol has for it: contract, *Answers*. */
const CATALOGUE: readonly (readonly [problem: Problem, status: number, body: object])[] = [
  [{ code: 'credentials_invalid' }, 200, { result: 'error', message: 'Invalid Username/Password' }],
  [
    { code: 'locked_out' },
    200,
    { result: 'error', message: 'Too many login attempts, try again in 15 minutes' },
  ],
  [
    { code: 'api_not_allowed', user: 'x', right: 'read' },
    200,
    { result: 'error', message: "User 'x' is NOT allowed to access GOagent API" },
  ],
  [
    { code: 'parameters_missing' },
    200,
    {
      result: 'validation_failed',
      code: '40001',
      message: 'Error: Missing required parameters',
      fields: ['phone_number', 'lead_id'],
    },
  ],
  [
    {
      code: 'parameter_malformed',
      faults: [
        { field: 'lead_id', reason: 'has more than 10 digits' },
        { field: 'phone_number', reason: 'has no digits' },
      ],
    },
    200,
    {
      result: 'validation_failed',
      code: '41002',
      message: 'Error: lead_id has more than 10 digits; phone_number has no digits',
      fields: ['lead_id', 'phone_number'],
    },
  ],
  [
    { code: 'lead_not_found', asked: '99' },
    200,
    { result: 'error', message: "Lead ID '99' does NOT exist on the database" },
  ],
  [
    { code: 'phone_not_found', asked: '5512345678' },
    200,
    { result: 'error', message: "Phone number '5512345678' does NOT exist on the database" },
  ],
  [{ code: 'rate_limited', retryAfterSeconds: 3 }, 429, { result: 'error', message: 'Too many requests' }],
  [{ code: 'overloaded', retryAfterSeconds: 2 }, 503, { result: 'error', message: 'The server is busy' }],
  [
    { code: 'store_unavailable', retryAfterSeconds: 1, cause: CAUSE },
    503,
    { result: 'error', message: 'The database is not available' },
  ],
  [
    { code: 'audit_unavailable', retryAfterSeconds: 1, cause: CAUSE },
    503,
    { result: 'error', message: 'The service is not available' },
  ],
  [{ code: 'route_unknown' }, 404, { result: 'error', message: 'Not Found' }],
  [{ code: 'method_not_allowed' }, 405, { result: 'error', message: 'Only GET and POST are allowed' }],
  [
    { code: 'request_unparsable', reason: 'the body is no JSON' },
    400,
    { result: 'error', message: 'Bad request: the body is no JSON' },
  ],
  [
    { code: 'request_too_large', reason: 'the body is larger than 64 KiB' },
    413,
    { result: 'error', message: 'Request too large: the body is larger than 64 KiB' },
  ],
  [{ code: 'url_too_long' }, 414, { result: 'error', message: 'The URL is longer than 8 KiB' }],
  [
    { code: 'body_type_unknown' },
    415,
    {
      result: 'error',
      message:
        'Only application/x-www-form-urlencoded, multipart/form-data and application/json bodies are understood',
    },
  ],
  [{ code: 'internal', cause: CAUSE }, 500, { result: 'error', message: 'Internal error' }],
];

describe('the catalogue of answers', () => {
  for (const [problem, status, body] of CATALOGUE) {
    it(`has ${problem.code} as status ${status}, its keys in order, without its cause`, () => {
      const answer = answerFor(problem);
      assert.equal(answer.status, status);
      assert.equal(JSON.stringify(answer.envelope), JSON.stringify(body));
      const retryAfter = 'retryAfterSeconds' in problem ? problem.retryAfterSeconds : undefined;
      assert.equal(answer.retryAfterSeconds, retryAfter);
      assert.doesNotMatch(JSON.stringify(answer), /planted|SELECT/);
    });
  }

  it('has Retry-After with every 429 and 503, and with nothing else', () => {
    for (const [problem, status] of CATALOGUE) {
      assert.equal(
        answerFor(problem).retryAfterSeconds !== undefined,
        status === 429 || status === 503,
        problem.code,
      );
    }
  });

  it('has words of our own for people, too, without a cause', () => {
    for (const [problem] of CATALOGUE) {
      const words = publicMessage(problem);
      assert.match(words, /^[A-Za-z].+\.$/s, problem.code);
      assert.doesNotMatch(words, /planted|SELECT|undefined/, problem.code);
    }
  });

  it('has the words of goAPIv2 where no lookup happens', () => {
    assert.deepEqual(ACTION_MISSING.envelope, { result: 'error', message: 'goAction should NOT be empty' });
    assert.deepEqual(ACTION_UNKNOWN.envelope, { result: 'error', message: 'Command NOT Found' });
    assert.equal(
      RESPONSETYPE_UNKNOWN,
      'result=error;message=This API function only accepts XML or JSON value on responsetype;',
    );
  });
});

describe('the actions of the protocol', () => {
  it('are the two documented ones, letter for letter', () => {
    for (const action of ['goGetCustomerInfo', 'agent_summary_stats'])
      assert.ok(LOOKUP_ACTIONS.has(action), action);
    for (const action of [
      '',
      'gogetcustomerinfo',
      'goGetCustomerInfo ',
      ' goGetCustomerInfo',
      'goGetCustomerInfo\u0000',
      'goGetCustomerInfo.php',
      '../goGetCustomerInfo',
      '__proto__',
      'constructor',
      'toString',
      'has',
    ]) {
      assert.ok(!LOOKUP_ACTIONS.has(action), action);
    }
  });
});
