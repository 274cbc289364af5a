import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Problem } from '../../src/core/problem.ts';
import { createCustomerService, MOST_AT_ONCE } from '../../src/service/customers.ts';
import { createFakeClock } from './test-services.ts';

const CONTEXT = { endpoint: 'console', right: 'edit' } as never;

/** Changes leads 1 to 3, each with the next of these answers; `asked` are those that were. */
async function changeThree(...answers: readonly (Problem | undefined)[]) {
  const asked: number[] = [];
  const options = {
    clock: createFakeClock(),
    changeLead({ leadId }: { readonly leadId: number }) {
      const problem = answers[asked.push(leadId) - 1];
      return Promise.resolve(problem === undefined ? { result: {} } : { problem });
    },
  };
  const { changeLeads } = createCustomerService({} as never, options as never);
  const leads = [1, 2, 3].map((leadId) => ({ leadId }));
  const changed = await changeLeads({ ...(CONTEXT as object), leads, patch: {} } as never);
  return { changed, asked };
}

describe('a change of several customers', () => {
  it('goes on after one that was refused, and says which', async () => {
    const problem: Problem = { code: 'lead_not_found', asked: '2' };
    const { changed } = await changeThree(undefined, problem);
    assert.deepEqual(changed, {
      outcomes: [
        { leadId: 1, problem: undefined },
        { leadId: 2, problem },
        { leadId: 3, problem: undefined },
      ],
    });
  });

  it('ends where the store or the audit fails, and says it of all that are left', async () => {
    const problem: Problem = { code: 'audit_unavailable', retryAfterSeconds: 1, cause: undefined };
    const { changed, asked } = await changeThree(undefined, problem);
    assert.deepEqual(asked, [1, 2]);
    assert.ok('outcomes' in changed);
    assert.deepEqual(
      changed.outcomes.map(({ problem: one }) => one?.code),
      [undefined, problem.code, problem.code],
    );
    assert.deepEqual((await changeThree(problem)).changed, { problem });
  });

  it('waits for its turn under the rate limit, and not for a day', async () => {
    const soon: Problem = { code: 'rate_limited', retryAfterSeconds: 0.001 };
    assert.deepEqual((await changeThree(undefined, soon, soon)).asked, [1, 2, 2, 2, 3]);
    const late: Problem = { code: 'rate_limited', retryAfterSeconds: 60, dailyLeads: 100 };
    assert.deepEqual((await changeThree(undefined, late)).asked, [1, 2, 3]);
  });

  it('is refused beyond its bound', async () => {
    const { changeLeads } = createCustomerService({} as never, { clock: createFakeClock() } as never);
    const leads = Array.from({ length: MOST_AT_ONCE + 1 }, (_, at) => ({ leadId: at + 1 }));
    const changed = await changeLeads({ ...(CONTEXT as object), leads, patch: {} } as never);
    assert.ok('problem' in changed);
    assert.equal(changed.problem.code, 'parameter_malformed');
  });
});
