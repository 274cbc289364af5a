import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';

import { inflate, spool, type FindRoom } from '../../src/files/spool.ts';

const MIB = 1024 * 1024;
const NO_ROOM = /^clientes\.csv does not fit into .*; make room there, or set TMPDIR to a folder with more$/;

/** Pieces of a mebibyte, counted as they are taken. */
function endless(): { readonly stream: Readable; readonly taken: () => number } {
  let taken = 0;
  const pieces = function* () {
    for (; ; taken++) yield Buffer.alloc(MIB);
  };
  return { stream: Readable.from(pieces(), { highWaterMark: 1 }), taken: () => taken };
}

async function compressed(t: TestContext, bytes: Buffer) {
  const folder = mkdtempSync(join(tmpdir(), 'callercard-spool-'));
  const path = join(folder, 'clientes.csv.gz');
  writeFileSync(path, bytes);
  const file = await open(path);
  t.after(async () => {
    await file.close();
    rmSync(folder, { recursive: true });
  });
  return file;
}

describe('what is put into the folder of temporary files', () => {
  it('stops where others need the room', async () => {
    const { stream, taken } = endless();
    const rooms = [1_000 * MIB, 20 * MIB, 0];
    const roomIn: FindRoom = () => Promise.resolve(rooms.shift() ?? 0);
    await assert.rejects(spool(stream, 'clientes.csv', undefined, roomIn), {
      name: 'LeadFileFault',
      message: NO_ROOM,
    });
    assert.ok(taken() < 70, `${taken()} MiB`);
    assert.ok(stream.destroyed);
  });

  it('is not begun where the end of a .gz file says that it is too much', async (t) => {
    const file = await compressed(t, gzipSync(Buffer.alloc(3 * MIB)));
    const message = NO_ROOM;
    await assert.rejects(
      inflate('clientes.csv', file, undefined, () => Promise.resolve(3 * MIB - 1)),
      { message },
    );
    const inflated = await inflate('clientes.csv', file, undefined, () => Promise.resolve(3 * MIB));
    assert.equal((await inflated.stat()).size, 3 * MIB);
    await inflated.close();
  });

  it('is said to be damaged also where that is known before it is read', async () => {
    const stream = new Readable({ read: () => undefined });
    stream.destroy(Object.assign(new Error('cut'), { code: 'Z_BUF_ERROR' }));
    await assert.rejects(spool(stream, 'clientes.csv', undefined), {
      message: 'clientes.csv is a damaged .gz file',
    });
  });

  it('is said to be damaged, however it was cut', async (t) => {
    const whole = gzipSync(Buffer.from('name,phone\n'.repeat(10_000)));
    for (const end of [3, 10, 20, whole.length - 8, whole.length - 1]) {
      const file = await compressed(t, whole.subarray(0, end));
      await assert.rejects(
        inflate('clientes.csv', file, undefined, () => Promise.resolve(Infinity)),
        {
          message: 'clientes.csv is a damaged .gz file',
        },
      );
    }
  });
});
