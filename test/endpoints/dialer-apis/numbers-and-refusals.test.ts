import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { Problem } from '../../../src/core/problem.ts';
import type { FunctionRequest } from '../../../src/endpoints/non-agent/function-request.ts';
import { problemLine } from '../../../src/endpoints/non-agent/plain-text.ts';
import { updateLead } from '../../../src/endpoints/non-agent/update-lead.ts';
import { PASSWORD } from '../../service/lookup-fixture.ts';
import { send } from '../../support/test-app.ts';
import {
  AGENT,
  ask,
  type DialerApis,
  NON_AGENT,
  type Sent,
  serialized,
  startEmbedded,
} from './dialer-apis-fixture.ts';

const AUTHORIZATION = { authorization: `Basic ${Buffer.from(`editor:${PASSWORD}`).toString('base64')}` };

describe('leads that the dialer’s other APIs write, or refuse', () => {
  let running: DialerApis;
  before(async () => {
    running = await startEmbedded();
  });
  after(() => running.close());

  const call = async (name: string, params: Sent): Promise<string> =>
    (
      await ask(running.url, {
        method: 'POST',
        path: NON_AGENT,
        as: 'editor',
        params: { function: name, ...params },
      })
    ).text;
  const update = async (params: Sent): Promise<string> => {
    const form = { goAction: 'goUpdateCustomer', responsetype: 'json', ...params };
    return (await ask(running.url, { method: 'POST', path: AGENT, as: 'editor', params: form })).text;
  };
  async function get(path: string): Promise<{ status: number; content: Readonly<Record<string, unknown>> }> {
    const { status, text } = await send(running.url, path, { headers: AUTHORIZATION });
    return { status, content: JSON.parse(text) as Readonly<Record<string, unknown>> };
  }
  async function add(params: Sent): Promise<string> {
    const text = await call('add_lead', params);
    const [, leadId] = /LEAD HAS BEEN ADDED - .*\|(\d+)\|\n/.exec(text) ?? [];
    assert.ok(leadId, text);
    return leadId;
  }

  it('take the same words for yes in each of them', async () => {
    for (const yes of ['Y', 'yes', '1', 'true', 'on']) {
      const text = await call('update_lead', { lead_id: '14246', no_update: yes });
      assert.match(text, /^NOTICE: update_lead LEADS FOUND/, yes);
    }
    for (const no of ['N', '0', 'maybe']) {
      const text = await call('lead_search', { phone_number: '8004321000', archived_lead: no });
      assert.match(text, /^8004321000\|/, no);
    }
  });

  it('keep the plus of a number, which arrives as a space', async () => {
    const leadId = await add({
      phone_number: ' 4930901820001',
      alt_phone: ' 4930901820002',
      multi_alt_phones: ' 4930901820003_49_Büro! 4930901820004',
    });
    const { content } = await get(`/v1/leads/${leadId}`);
    const numbers = content.numbers as readonly { label: string | null; number: string }[];
    assert.deepEqual(
      numbers.map(({ label, number }) => [label, number]),
      [
        [null, '+4930901820001'],
        [null, '+4930901820002'],
        ['Büro', '+4930901820003'],
        [null, '+4930901820004'],
      ],
    );
    const own = { lead_id: leadId, phone_number: ' 4930901820005', update_phone_number: 'Y' };
    await call('update_lead', { ...own, alt_phone: ' 4930901820006' });
    const changed = await get(`/v1/leads/${leadId}`);
    assert.deepEqual(
      [changed.content.phone_number, changed.content.alt_phone],
      ['+4930901820005', '+4930901820006'],
    );
  });

  it('leave no list behind where the lead is refused', async () => {
    await add({ phone_number: '7275552001', list_id: '4801' });
    const refused: readonly (readonly [Sent, RegExp])[] = [
      [{ phone_number: '7275552001', duplicate_check: 'DUPSYS' }, /DUPLICATE PHONE NUMBER IN SYSTEM/],
      [{ phone_number: '7275552002', first_name: 'x'.repeat(1_001) }, /first_name has 1001 characters/],
      [{ phone_number: '7275552002', date_of_birth: '1990-02-30' }, /date_of_birth must be a date/],
      [{ phone_number: '7275552002', multi_alt_phones: '12x' }, /numbers in place 1/],
      [{ phone_number: '7275552002', list_exists_check: 'Y' }, /LIST EXISTS CHECK ENABLED/],
    ];
    for (const [params, expected] of refused) {
      assert.match(await call('add_lead', { ...params, list_id: '4802' }), expected);
      assert.equal((await get('/v1/lists/4802/fields')).status, 404, expected.source);
    }
    await add({ phone_number: '7275552002', list_id: '4802' });
    assert.equal((await get('/v1/lists/4802/fields')).status, 200);
  });

  it('an unknown name of a form is repeated in part, and 20 of them at most', async () => {
    const names = Array.from({ length: 60 }, (_, at) => [`${at}-${'n'.repeat(900)}`, 'x'] as const);
    const text = await update(serialized('goLeadInfo', '', [['lead_id', '14246'], ...names]));
    const { fields } = JSON.parse(text) as { fields: readonly string[] };
    assert.equal(fields.length, 20);
    assert.ok(fields.every((field) => field.length === 50));
    assert.ok(!text.includes('n'.repeat(51)));
  });

  it('where leads are not changed a lead id is read before it is repeated', async () => {
    const dialer = await startEmbedded({}, true);
    try {
      const sent = async (leadId: string) => {
        const form = serialized('goLeadInfo', '', [['lead_id', leadId]]);
        const params = { goAction: 'goUpdateCustomer', responsetype: 'json', ...form };
        return (await ask(dialer.url, { method: 'POST', path: AGENT, as: 'editor', params })).text;
      };
      const malformed = await sent(`<b>${'x'.repeat(5_000)}`);
      assert.match(malformed, /lead_id must be a whole number/);
      assert.ok(!malformed.includes('<b>'));
      assert.match(
        await sent('14246'),
        /"lead_id":"14246","message":"Failed to updated lead file '14246': leads/,
      );
    } finally {
      await dialer.close();
    }
  });

  it('a label with null in it stays as it is', () => {
    const reason = 'must be one of null, annulled';
    const problem = {
      code: 'parameter_malformed',
      faults: [{ field: 'custom_info.nullified', reason }],
    } as const;
    const asked = { name: 'update_lead', user: 'editor' };
    assert.equal(
      problemLine(problem, asked),
      'ERROR: update_lead INVALID DATA - editor|nullified must be one of null, annulled',
    );
  });
});

describe('update_lead of several leads', () => {
  const NUMBER = '7275553001';

  /** Five leads with one number, of which one has a problem. */
  async function answered(problem: Problem, failing: number) {
    const tried: number[] = [];
    const matches = [1, 2, 3, 4, 5].map((leadId) => ({ leadId, foundBy: { column: 'phone_number' } }));
    const domain = {
      identify: () => Promise.resolve({}),
      isReadOnly: () => false,
      search: () => Promise.resolve({ page: { matches } }),
      changeLead({ leadId }: { leadId: number }) {
        tried.push(leadId);
        return Promise.resolve(leadId === failing ? { problem } : { result: { lead: {} } });
      },
    };
    const params = { search_method: 'PHONE_NUMBER', phone_number: NUMBER, records: '5', city: 'X' };
    const request = {
      domain,
      context: {},
      asked: { name: 'update_lead', user: 'editor' },
      params: new Map(Object.entries(params)),
    };
    return { answer: await updateLead(request as unknown as FunctionRequest), tried };
  }

  it('goes on after a problem of one lead', async () => {
    const { answer, tried } = await answered({ code: 'lead_not_found', asked: '3' }, 3);
    assert.deepEqual(tried, [5, 4, 3, 2, 1]);
    assert.equal((answer as readonly string[]).length, 5);
  });

  it('stops at a problem that the others would have, and names those that are left', async () => {
    const problems: readonly Problem[] = [
      { code: 'credentials_invalid' },
      { code: 'locked_out' },
      { code: 'rate_limited', retryAfterSeconds: 1 },
      { code: 'store_unavailable', retryAfterSeconds: 1, cause: undefined },
      { code: 'audit_unavailable', retryAfterSeconds: 1, cause: undefined },
      { code: 'internal', cause: undefined },
    ];
    for (const problem of problems) {
      const { answer, tried } = await answered(problem, 3);
      assert.deepEqual(tried, [5, 4, 3], problem.code);
      const lines = answer as readonly string[];
      assert.equal(lines.length, 4);
      assert.match(lines[2] ?? '', /^ERROR: /);
      assert.equal(lines[3], 'NOTICE: update_lead LEADS NOT CHANGED - editor|3,2,1');
      // With the status of the problem, where nothing is done yet.
      assert.deepEqual(await answered(problem, 5), { answer: { problem }, tried: [5] });
    }
  });
});
