import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { ManagerMessage } from '../../../src/connectors/asterisk/read-events.ts';
import { event, linesOf, reportsOf } from './scenes.ts';

const CALLER = '+525512345678';

/** A channel by its name and its own id. */
interface Channel {
  readonly name: string;
  readonly id: string;
}

/** The events of one call, as Asterisk writes them: what comes from its own behaviour, and not from a recording. */
function createCall(root: Channel, number: string, exten = '5005') {
  const linked = { Linkedid: root.id, DestLinkedid: root.id };
  const dial = (
    name: string,
    from: Channel | undefined,
    to: Channel,
    fields: Readonly<Record<string, string>>,
  ) =>
    event(name, {
      ...(from === undefined ? {} : { Channel: from.name, Uniqueid: from.id, CallerIDNum: number }),
      ...{ DestChannel: to.name, DestUniqueid: to.id },
      ...linked,
      ...fields,
    });
  return {
    begins: () =>
      event('Newchannel', {
        Channel: root.name,
        Uniqueid: root.id,
        CallerIDNum: number,
        Exten: exten,
        ...linked,
      }),
    dials: (from: Channel | undefined, to: Channel, fields = {}) => dial('DialBegin', from, to, fields),
    rings: (from: Channel | undefined, to: Channel, fields = {}) =>
      dial('DialState', from, to, { DialStatus: 'RINGING', ...fields }),
    ends: (from: Channel | undefined, to: Channel, status: string, fields = {}) =>
      dial('DialEnd', from, to, { DialStatus: status, ...fields }),
    hangsUp: (channel: Channel) =>
      event('Hangup', { Channel: channel.name, Uniqueid: channel.id, Linkedid: root.id, Cause: '16' }),
  };
}

let ids = 0;
function channel(name: string): Channel {
  ids += 1;
  return { name, id: `1795900000.${ids}` };
}

describe('a queue of FreePBX, which rings its members through Local channels', () => {
  const trunk = channel('PJSIP/trunk-00000001');
  const call = createCall(trunk, CALLER, '5000');
  const member = (extension: string, at: number) => ({
    first: channel(`Local/${extension}@from-queue-0000000${at};1`),
    second: channel(`Local/${extension}@from-queue-0000000${at};2`),
    phone: channel(`PJSIP/${extension}-0000000${at}`),
  });
  const [ana, luis] = [member('1001', 2), member('1002', 3)];

  it('rings at each member once; the others hear who answered', () => {
    const ring = ({ first, second, phone }: typeof ana) => [
      call.dials(trunk, first, { DialString: `Local/${phone.name.slice(6, 10)}@from-queue/n` }),
      call.dials(second, phone, { DestConnectedLineNum: CALLER }),
      call.rings(second, phone, { DestConnectedLineNum: CALLER }),
      call.rings(trunk, first),
    ];
    const events = [
      ...[call.begins(), ...ring(ana), ...ring(luis)],
      call.ends(luis.second, luis.phone, 'ANSWER'),
      call.ends(trunk, ana.first, 'CANCEL', { ConnectedLineNum: '1002' }),
      call.ends(trunk, luis.first, 'ANSWER'),
      call.ends(ana.second, ana.phone, 'CANCEL'),
      ...[ana.phone, ana.second, ana.first, luis.phone, luis.second, luis.first, trunk].map(call.hangsUp),
    ];
    assert.deepEqual(linesOf(events), [
      `ana ringing inbound ${CALLER} 5000`,
      `luis ringing inbound ${CALLER} 5000`,
      `luis answered inbound ${CALLER} 5000`,
      'ana ended CANCEL by luis',
      'luis ended ANSWER',
    ]);
  });

  it('is no call of the agent where follow-me calls a mobile telephone', () => {
    const [first, second] = [
      channel('Local/FMGL-3398765432#@from-internal-4;1'),
      channel('Local/FMGL-3398765432#@from-internal-4;2'),
    ];
    const mobile = channel('PJSIP/trunk-00000009');
    const events = [
      call.begins(),
      call.dials(ana.second, first),
      call.dials(second, mobile, { DialString: '3398765432@trunk' }),
      call.rings(second, mobile, { DialString: '3398765432@trunk' }),
      call.dials(ana.second, ana.phone, {}),
      call.rings(ana.second, ana.phone, {}),
    ];
    assert.deepEqual(linesOf(events), [`ana ringing inbound ${CALLER} 5000`]);
  });

  it('brings nothing where an agent calls it, or somebody without a number', () => {
    for (const number of ['1002', 'anonymous', 'Restricted', '', '<unknown>']) {
      const inner = createCall(trunk, number, '5000');
      const events = [
        inner.begins(),
        inner.rings(ana.second, ana.phone, { DestConnectedLineNum: number }),
        inner.ends(ana.second, ana.phone, 'ANSWER', { DestConnectedLineNum: number }),
        inner.hangsUp(ana.phone),
      ];
      assert.deepEqual(linesOf(events), [], number);
    }
  });
});

describe('a call that began before anybody listened', () => {
  it('ends where it was: at the agent by whose channel it is known', () => {
    const [trunk, phone] = [channel('PJSIP/trunk-1'), channel('PJSIP/1001-1')];
    const call = createCall(trunk, CALLER);
    const hangUps = [call.hangsUp(phone), call.hangsUp(phone), call.hangsUp(trunk)];
    assert.deepEqual(reportsOf(hangUps), [
      { callId: trunk.id, agent: 'ana', state: 'ended', direction: 'inbound' },
    ]);
  });

  it('is answered where that is heard', () => {
    const [trunk, phone] = [channel('PJSIP/trunk-1'), channel('PJSIP/1001-1')];
    const call = createCall(trunk, CALLER);
    assert.deepEqual(linesOf([call.ends(trunk, phone, 'ANSWER')]), [`ana answered inbound ${CALLER}`]);
  });
});

describe('a queue', () => {
  it('rings again at an agent who did not answer: another call at that agent', () => {
    const trunk = channel('SIP/trunk-00000011');
    const call = createCall(trunk, CALLER, '5000');
    const round = (status: string) => {
      const phone = channel('SIP/1001-00000012');
      return [
        call.rings(trunk, phone),
        call.ends(trunk, phone, status),
        ...(status === 'ANSWER' ? [] : [call.ends(trunk, phone, 'CANCEL'), call.hangsUp(phone)]),
      ];
    };
    const events = [call.begins(), ...round('NOANSWER'), ...round('NOANSWER'), ...round('ANSWER')];
    assert.deepEqual(linesOf(events), [
      ...[`ana ringing inbound ${CALLER} 5000`, 'ana ended NOANSWER'],
      ...[`ana ringing inbound ${CALLER} 5000`, 'ana ended NOANSWER'],
      ...[`ana ringing inbound ${CALLER} 5000`, `ana answered inbound ${CALLER} 5000`],
    ]);
  });
});

describe('an agent', () => {
  it('is known by any kind of telephone, and by a name with dashes', () => {
    for (const [name, agent] of [
      ['PJSIP/1001-0000005a', 'ana'],
      ['SIP/1001-0000005a', 'ana'],
      ['IAX2/1001-4711', 'ana'],
      ['PJSIP/sales-eva-0000005a', 'eva'],
    ] as const) {
      const [trunk, phone] = [channel('DAHDI/i1/3311110001-1'), channel(name)];
      const call = createCall(trunk, CALLER);
      assert.deepEqual(linesOf([call.rings(trunk, phone)]), [`${agent} ringing inbound ${CALLER}`], name);
    }
    const others = [
      'PJSIP/10010-0000005a',
      'PJSIP/sales-0000005a',
      'Local/1001@from-queue-1;1',
      'Message/ast_msg_queue',
      '1001',
      '',
    ];
    for (const name of others) {
      const [trunk, phone] = [channel('PJSIP/trunk-1'), channel(name)];
      assert.deepEqual(linesOf([createCall(trunk, CALLER).rings(trunk, phone)]), [], name);
    }
  });

  it('with two telephones has one call, which ends with the last of them', () => {
    const [trunk, table, mobile] = [
      channel('PJSIP/trunk-1'),
      channel('PJSIP/1001-1'),
      channel('PJSIP/1001-2'),
    ];
    const call = createCall(trunk, CALLER);
    const events = [
      ...[call.rings(trunk, table), call.rings(trunk, mobile)],
      ...[call.ends(trunk, table, 'CANCEL'), call.ends(trunk, mobile, 'ANSWER')],
      ...[call.hangsUp(table), call.hangsUp(mobile)],
    ];
    assert.deepEqual(linesOf(events), [
      `ana ringing inbound ${CALLER}`,
      `ana answered inbound ${CALLER}`,
      'ana ended ANSWER',
    ]);
  });

  it('picks up what rings at another one', () => {
    const [trunk, phone] = [channel('PJSIP/trunk-1'), channel('PJSIP/1001-1')];
    const call = createCall(trunk, CALLER);
    const taken = { ...phone, name: 'PJSIP/1002-2' };
    const events = [call.rings(trunk, phone), call.ends(trunk, taken, 'ANSWER'), call.hangsUp(taken)];
    assert.deepEqual(linesOf(events), [
      `ana ringing inbound ${CALLER}`,
      'ana ended CANCEL by luis',
      `luis answered inbound ${CALLER}`,
      'luis ended ANSWER',
    ]);
  });

  it('gets a call by an attended transfer that ends before the agent answers', () => {
    const [trunk, ana, luis] = [channel('PJSIP/1001-8'), channel('PJSIP/1001-9'), channel('PJSIP/1002-9')];
    const consult = createCall(ana, '1001');
    const merged = createCall(trunk, CALLER);
    const caller = { name: 'PJSIP/trunk-1', id: ana.id };
    assert.deepEqual(linesOf([consult.rings(ana, luis), merged.ends(caller, luis, 'ANSWER')]), [
      `luis answered inbound ${CALLER}`,
    ]);
  });
});

describe('a call out', () => {
  const phone = () => channel('PJSIP/1001-00000021');
  const trunk = () => channel('PJSIP/trunk-00000022');

  it('has the number that is dialled, in every form of a dial string', () => {
    for (const dialString of [
      '3311110001@trunk',
      'trunk/3311110001',
      'trunk/sip:3311110001@sip.example.com:5060',
      'g0/3311110001',
      'PJSIP/3311110001@trunk',
      'trunk/3311110001,30,T',
    ]) {
      const [from, to] = [phone(), trunk()];
      const call = createCall(from, '1001');
      assert.deepEqual(
        linesOf([call.dials(from, to, { DialString: dialString })]),
        ['ana ringing outbound 3311110001 trunk'],
        dialString,
      );
    }
  });

  it('is one where a second trunk is tried, and ends with the channel of the agent', () => {
    const [from, first, second] = [phone(), trunk(), trunk()];
    const call = createCall(from, '1001');
    const events = [
      ...[call.dials(from, first, { DialString: '3311110001@trunk' }), call.ends(from, first, 'CHANUNAVAIL')],
      ...[call.hangsUp(first), call.dials(from, second, { DialString: '0013311110001@trunk' })],
      ...[call.ends(from, second, 'BUSY'), call.hangsUp(second), call.hangsUp(from)],
    ];
    assert.deepEqual(linesOf(events), ['ana ringing outbound 3311110001 trunk', 'ana ended BUSY']);
  });

  it('brings nothing where it goes to an agent, a short number or a feature', () => {
    for (const [dialString, to] of [
      ['1002', channel('PJSIP/1002-1')],
      ['1002@other', trunk()],
      ['*97@trunk', trunk()],
      ['911@trunk', trunk()],
    ] as const) {
      const from = phone();
      const call = createCall(from, '1001');
      const events = [
        ...[
          call.dials(from, to, { DialString: dialString }),
          call.rings(from, to, { DialString: dialString }),
        ],
        ...[call.ends(from, to, 'ANSWER', { DialString: dialString }), call.hangsUp(from)],
      ];
      assert.deepEqual(linesOf(events), [], dialString);
    }
  });

  it('that is passed on to another agent has no line: what was dialled is the number of the customer', () => {
    for (const number of ['3311110001', '013311110001', '+523311110001']) {
      const [from, to, other] = [phone(), trunk(), channel('PJSIP/1002-00000023')];
      const call = createCall(from, '1001', number);
      const dialled = { DialString: `${number}@trunk` };
      const passed = { CallerIDNum: number };
      const events = [
        ...[call.begins(), call.dials(from, to, dialled), call.ends(from, to, 'ANSWER', dialled)],
        ...[call.hangsUp(from), call.dials(to, other, passed), call.rings(to, other, passed)],
      ];
      assert.deepEqual(linesOf(events).slice(2), ['ana ended ANSWER', `luis ringing inbound ${number}`]);
    }
  });

  it('that a click asks for is at the agent from the first ring on, and answered when the other side does', () => {
    const [from, to] = [phone(), trunk()];
    const call = createCall(from, '1001');
    const asked = { DestConnectedLineNum: '3311110001' };
    const dialled = { DialString: '3311110001@trunk' };
    const events = [
      ...[call.dials(undefined, from, asked), call.rings(undefined, from, asked)],
      call.ends(undefined, from, 'ANSWER', asked),
      ...[call.dials(from, to, dialled), call.ends(from, to, 'ANSWER', dialled)],
      ...[call.hangsUp(to), call.hangsUp(from)],
    ];
    assert.deepEqual(linesOf(events), [
      'ana ringing outbound 3311110001',
      'ana answered outbound 3311110001',
      'ana ended ANSWER',
    ]);
  });

  it('that a click asks for without a number begins when it is dialled', () => {
    const [from, to] = [phone(), trunk()];
    const call = createCall(from, '1001');
    const events: readonly ManagerMessage[] = [
      ...[call.rings(undefined, from), call.ends(undefined, from, 'ANSWER')],
      call.dials(from, to, { DialString: '3311110001@trunk' }),
    ];
    assert.deepEqual(linesOf(events), ['ana ringing outbound 3311110001 trunk']);
  });

  it('that a click asks for through a Local channel is one, too', () => {
    const first = channel('Local/1001@from-internal-00000031;1');
    const second = channel('Local/1001@from-internal-00000031;2');
    const [from, to] = [phone(), trunk()];
    const call = createCall(first, '3311110001', '3311110001');
    const dialled = { DialString: '3311110001@trunk' };
    const events = [
      ...[
        call.begins(),
        call.dials(second, from),
        call.rings(second, from),
        call.ends(second, from, 'ANSWER'),
      ],
      ...[call.dials(first, to, dialled), call.ends(first, to, 'ANSWER', dialled)],
      ...[call.hangsUp(second), call.hangsUp(first), call.hangsUp(from)],
    ];
    assert.deepEqual(linesOf(events), [
      'ana ringing outbound 3311110001',
      'ana answered outbound 3311110001',
      'ana ended ANSWER',
    ]);
  });
});

describe('an attended transfer', () => {
  const transfer = (fields: Readonly<Record<string, string>>) =>
    event('AttendedTransfer', { Result: 'Success', ...fields });

  it('of a call that the agent made brings the number as it was dialled', () => {
    const [ana, trunk, luis] = [channel('PJSIP/1001-1'), channel('PJSIP/trunk-1'), channel('PJSIP/1002-1')];
    const call = createCall(ana, '1001');
    const dialled = { DialString: '3311110001@trunk' };
    const events = [
      ...[call.dials(ana, trunk, dialled), call.ends(ana, trunk, 'ANSWER', dialled)],
      transfer({
        ...{ OrigTransfererChannel: ana.name, OrigTransfererUniqueid: ana.id },
        ...{
          TransfereeChannel: trunk.name,
          TransfereeUniqueid: trunk.id,
          TransfereeCallerIDNum: '93311110001',
        },
        ...{ TransferTargetChannel: luis.name, TransferTargetUniqueid: luis.id, TransfereeLinkedid: ana.id },
      }),
      ...[call.hangsUp(ana), call.hangsUp(luis)],
    ];
    assert.deepEqual(linesOf(events).slice(2), [
      'luis answered outbound 3311110001 trunk',
      'ana ended ANSWER',
      'luis ended ANSWER',
    ]);
  });

  it('brings an agent who waited to whoever was asked outside', () => {
    const fields = {
      ...{ TransfereeChannel: 'PJSIP/1002-5', TransfereeUniqueid: '5.1', TransfereeLinkedid: '5.1' },
      ...{
        TransferTargetChannel: 'PJSIP/trunk-5',
        TransferTargetCallerIDNum: CALLER,
        TransferTargetLinkedid: '5.2',
      },
    };
    assert.deepEqual(linesOf([transfer(fields)]), [`luis answered inbound ${CALLER}`]);
  });

  it('brings nothing where it fails, where agents are connected, and where there is no number', () => {
    const target = {
      TransferTargetChannel: 'PJSIP/1002-6',
      TransferTargetUniqueid: '6.2',
      TransferTargetCallerIDNum: '1002',
    };
    const from = (name: string, number: string) => ({
      TransfereeChannel: name,
      TransfereeCallerIDNum: number,
    });
    for (const fields of [
      { ...target, ...from('PJSIP/trunk-6', CALLER), Result: 'Fail' },
      { ...target, ...from('PJSIP/1001-6', '1001') },
      { ...target, ...from('PJSIP/trunk-6', 'anonymous') },
      { ...from('PJSIP/trunk-6', CALLER) },
    ])
      assert.deepEqual(linesOf([transfer(fields)]), [], JSON.stringify(fields));
  });
});
