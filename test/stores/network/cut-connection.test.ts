import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';

import { ROOT } from '../../support/command.ts';

const CONNECTION = join(ROOT, 'src', 'stores', 'network', 'connection.ts');

/** A process that connects to itself, perhaps begins the end of the connection, cuts it, and ends. */
const program = (isEnding: boolean) => `
  import { connect, createServer } from 'node:net';
  import { cut } from ${JSON.stringify(CONNECTION)};
  const server = createServer({ allowHalfOpen: true }, (peer) => peer.on('error', () => {}).pause().unref());
  server.listen(0, '127.0.0.1', () => {
    const socket = connect(server.address().port, '127.0.0.1', () => {
      socket.write('x'.repeat(64), () => {
        ${isEnding ? 'socket.end();' : ''}
        cut(socket);
        cut(socket);
        server.close();
      });
    });
    socket.on('error', () => {}).on('close', () => console.log('closed'));
    server.on('connection', (peer) => setTimeout(() => peer.destroy(), 50));
  });`;

describe('a connection to a database that is cut', () => {
  for (const isEnding of [false, true]) {
    it(`lets its process end, ${isEnding ? 'also when its end was begun' : 'where it was in use'}`, async () => {
      const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program(isEnding)];
      // A process that does not end is killed, and that is an error.
      const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
      assert.equal(stdout, 'closed\n');
    });
  }
});
