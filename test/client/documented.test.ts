import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';

import { createClient, type Client, type LeadInfo } from '../../src/client/client.ts';
import { LEAD_FIELDS, type Lead } from '../../src/core/lead.ts';
import { CONTENT_TYPES, renderEnvelope } from '../../src/endpoints/goapi/render.ts';
import { answerFor } from '../../src/endpoints/goapi/answers.ts';
import type { Problem } from '../../src/core/problem.ts';
import { loadDataset } from '../support/dataset.ts';
import { OF_CHANGES, PROBLEMS } from '../support/problems.ts';
import { startTestApp, temporaryFolder } from '../support/test-app.ts';
import { failureOf } from './failure-of.ts';

/** One of each, with what a careless reading of words would stumble over. */
const ALL = {
  ...PROBLEMS,
  api_not_allowed: { code: 'api_not_allowed', user: "Ana O'Hara", right: 'read' },
  parameter_malformed: {
    code: 'parameter_malformed',
    faults: [{ field: 'phone_number', reason: 'is none' }],
  },
  phone_not_found: { code: 'phone_not_found', asked: "5'\n5" },
  rate_limited: { code: 'rate_limited', retryAfterSeconds: 7 },
  overloaded: { code: 'overloaded', retryAfterSeconds: 7 },
  store_unavailable: { code: 'store_unavailable', retryAfterSeconds: 7, cause: undefined },
  audit_unavailable: { code: 'audit_unavailable', retryAfterSeconds: 7, cause: undefined },
  request_unparsable: { code: 'request_unparsable', reason: 'it is broken' },
  request_too_large: { code: 'request_too_large', reason: 'it is large' },
} as const satisfies typeof PROBLEMS;

const SAID = Object.values<Problem>(ALL).filter(({ code }) => !OF_CHANGES.has(code));

describe('the lead of the client', () => {
  it('has the documented fields and no others', () => {
    // The compiler refuses one of these where the other type has a field more.
    const toLead = (info: LeadInfo): Lead => info;
    const toInfo = (lead: Lead): LeadInfo => lead;
    assert.notEqual(toLead, toInfo);
    assert.equal(new Set(LEAD_FIELDS).size, 22);
  });
});

describe('the words of the documented protocol', () => {
  let answered: Problem = ALL.internal;
  let client: Client;
  const server = createServer((_request, response) => {
    const { status, envelope, retryAfterSeconds: seconds } = answerFor(answered);
    response.setHeader('content-type', CONTENT_TYPES.json);
    if (seconds !== undefined) response.setHeader('retry-after', seconds);
    response.writeHead(status).end(renderEnvelope(envelope, 'json', undefined));
  });
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = createClient({ url, user: 'u', password: 'p', retries: 0 });
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  for (const problem of SAID) {
    it(`are understood where they say ${problem.code}`, async () => {
      answered = problem;
      const { status, envelope, retryAfterSeconds } = answerFor(problem);
      const failure = await failureOf(client.getCustomerInfo({ leadId: 1 }));
      assert.deepEqual(
        [failure.code, failure.status, failure.retryAfterSeconds, failure.message],
        [problem.code, status, retryAfterSeconds, envelope.message],
      );
    });
  }

  it('are understood from a callercard that was sent too much', async () => {
    const target = await startTestApp(temporaryFolder(), loadDataset);
    try {
      const asking = createClient({ url: target.url, user: 'MyUser', password: 'MyPass' });
      const failure = await failureOf(asking.getCustomerInfo({ phone: '1'.repeat(1_100) }));
      assert.deepEqual(
        [failure.code, failure.status, failure.message],
        ['request_unparsable', 400, 'Bad request: the request has a parameter value of more than 1024 bytes'],
      );
    } finally {
      await target.close();
    }
  });
});
