import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  createManagerReader,
  READ_LIMITS,
  type ManagerMessage,
} from '../../../src/connectors/asterisk/read-events.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import { eventsOf, readMessages, RECORDED } from './scenes.ts';

const BANNER = 'Asterisk Call Manager/11.0.0\r\n';

function read(text: string | Buffer) {
  const messages: ManagerMessage[] = [];
  const banners: string[] = [];
  const reader = createManagerReader({
    banner: (version) => banners.push(version),
    message: (message) => messages.push(message),
  });
  const isManager = reader.read(Buffer.from(text));
  return { messages: messages.map((message) => Object.fromEntries(message)), banners, isManager };
}

describe('the reader of the manager interface', () => {
  it('reads a banner, and messages that an empty line ends, with CRLF or LF', () => {
    for (const end of ['\r\n', '\n']) {
      const text = [
        'Asterisk Call Manager/11.0.0',
        'Response: Success',
        'Ping: Pong',
        '',
        'Event: Hangup',
        '',
      ];
      const { messages, banners, isManager } = read([...text, 'Event: cut'].join(end));
      assert.deepEqual(messages, [{ Response: 'Success', Ping: 'Pong' }, { Event: 'Hangup' }]);
      assert.deepEqual([banners, isManager], [['11.0.0'], true]);
    }
  });

  it('reads values with colons, empty ones, and those that Asterisk does not know', () => {
    const lines = [
      'Device: Local/1@a:b',
      'Exten:',
      'CallerIDNum: <unknown>',
      'Name: José <x>',
      ' Odd :y',
      '',
      '',
    ];
    assert.deepEqual(read(BANNER + lines.join('\r\n')).messages, [
      { Device: 'Local/1@a:b', Exten: '', CallerIDNum: '', Name: 'José <x>', ' Odd ': 'y' },
    ]);
  });

  it('takes the first of several values of a name: what is added to an event changes none of it', () => {
    const text = `${BANNER}Event: Hangup\nUniqueid: 1.1\nChanVariable: a\nUniqueid: 2.2\n\n`;
    assert.deepEqual(read(text).messages, [{ Event: 'Hangup', Uniqueid: '1.1', ChanVariable: 'a' }]);
  });

  it('reads the same wherever the stream is cut', () => {
    const random = new SeededRandom('cut events');
    for (const [name, text] of RECORDED) {
      const bytes = Buffer.from(text.replaceAll('Agent 1001', 'Añá 1001'));
      const whole = eventsOf(bytes.toString());
      const single = Array.from(bytes, (byte) => Buffer.of(byte));
      assert.deepEqual(readMessages(single), whole, name);
      for (let round = 0; round < 5; round += 1)
        assert.deepEqual(readMessages(random.cut(bytes, 200)), whole, name);
    }
  });

  it('skips what is too long, and reads on behind it', () => {
    const long = 'x'.repeat(READ_LIMITS.line);
    const many = Array.from({ length: 2 * READ_LIMITS.headers }, (_, at) => `Variable${at}: y`).join('\n');
    const { messages, isManager } = read(
      `${BANNER}Event: A\nName: ${long}\nExten: 1\n\nEvent: B\n${many}\n\nEvent: C\n\n`,
    );
    assert.equal(isManager, true);
    assert.deepEqual(messages[0], { Event: 'A', Exten: '1' });
    assert.equal(Object.keys(messages[1] ?? {}).length, READ_LIMITS.headers);
    assert.deepEqual(messages[2], { Event: 'C' });
  });

  it('keeps no more of a message than is waited with', () => {
    const many = Array.from(
      { length: READ_LIMITS.headers },
      (_, at) => `Variable${at}: ${'x'.repeat(2_000)}`,
    );
    const { messages } = read(`${BANNER}Event: A\n${many.join('\n')}\nExten: 1\n\nEvent: B\n\n`);
    const characters = Object.entries(messages[0] ?? {}).reduce((sum, pair) => sum + pair.join('').length, 0);
    assert.ok(characters <= READ_LIMITS.message, `${characters} characters`);
    assert.deepEqual([messages[0]?.Event, messages[1]], ['A', { Event: 'B' }]);
  });

  it('finds out that it is another server', () => {
    const random = new SeededRandom('garbage');
    for (const text of [
      'SSH-2.0-OpenSSH_9.6\r\n',
      'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n',
      '\r\n',
      'x'.repeat(READ_LIMITS.line + 1),
      Buffer.concat([random.bytes(9), Buffer.from('\n')]),
      `${BANNER}${'garbage\n'.repeat(READ_LIMITS.foreignLines)}`,
    ])
      assert.equal(read(text).isManager, false, text.toString().slice(0, 20));
  });
});
