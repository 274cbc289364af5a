import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { createCallHub } from '../../src/events/call-hub.ts';
import { aboutKept, publishReport } from '../../src/events/publish-report.ts';
import { createFakeClock } from '../service/test-services.ts';

const ANA = { domain: 'acme', user: 'ana', account: '7' };

describe('a report of a call that no store keeps', () => {
  it('is of the same call in every process, by the id of its sender', () => {
    const hubs = [createCallHub(createFakeClock()), createCallHub(createFakeClock())];
    const said = { source: 'dialer', callId: 'V1', phone: '5512345678', state: 'ringing' } as const;
    const [one, other] = hubs.map((hub) => publishReport(hub, ANA, said, undefined));
    assert.match(one ?? '', /^[\w-]{12}$/);
    assert.equal(one, other);
    const [hub = createCallHub(createFakeClock())] = hubs;
    for (const target of [
      { ...ANA, account: '8' },
      { ...ANA, domain: 'beta' },
    ])
      assert.notEqual(publishReport(hub, target, said, undefined), one);
    assert.notEqual(publishReport(hub, ANA, { ...said, source: 'api' }, undefined), one);
    const nameless = { ...said, callId: undefined };
    const ids = [1, 2].map(() => publishReport(hub, ANA, nameless, undefined));
    assert.notEqual(ids[0], ids[1]);
  });

  it('goes forward with what was known, and shows nothing of a call without number and lead', () => {
    const hub = createCallHub(createFakeClock());
    const heard: unknown[] = [];
    hub.subscribe(ANA, undefined, ({ state, phone, line }, _isLate, isUpdate) => {
      heard.push([isUpdate, state, phone, line]);
    });
    const report = (callId: string, state: 'ringing' | 'answered' | 'ended', phone?: string, line?: string) =>
      publishReport(hub, ANA, { source: 'dialer', callId, state, phone, line }, undefined);
    report('V1', 'ended');
    report('V2', 'ringing', '5512345678', 'Sales');
    report('V2', 'answered');
    report('V2', 'ringing', '5512345678');
    assert.deepEqual(heard, [
      [false, 'ringing', '5512345678', 'Sales'],
      [true, 'answered', '5512345678', 'Sales'],
    ]);
  });

  it('is shown with the lead that was named, also by a process that has not heard of the call', () => {
    const hub = createCallHub(createFakeClock());
    const heard: unknown[] = [];
    hub.subscribe(ANA, undefined, ({ phone, leadId, state }) => {
      heard.push([phone, leadId, state]);
    });
    const kept = { source: 'api', account: '7', user: 'ana', startedAt: 0, state: 'answered' } as const;
    hub.publish(ANA, aboutKept({ ...kept, callId: 'named-a-lead', leadId: 10 }));
    hub.publish(ANA, aboutKept({ ...kept, callId: 'by-a-number1', leadId: 10, phone: '5512345678' }));
    assert.deepEqual(heard, [
      [undefined, 10, 'answered'],
      ['5512345678', undefined, 'answered'],
    ]);
  });

  it('is passed on to nobody for a user that there is not', () => {
    const hub = createCallHub(createFakeClock());
    const said = { source: 'api', phone: '5512345678' } as const;
    assert.match(publishReport(hub, undefined, said, undefined), /^[\w-]{12}$/);
    assert.deepEqual(hub.counts().notified, new Map());
  });
});
