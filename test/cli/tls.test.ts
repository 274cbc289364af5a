import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, type ConnectionOptions } from 'node:tls';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { before, describe, it, type TestContext } from 'node:test';

import { runCallercard, startCallercard, type RunningServer } from '../support/command.ts';
import { createFilledFolder } from '../support/filled-folder.ts';
import { makeSelfSigned, type SelfSigned } from '../support/self-signed.ts';
import { isAnswering, temporaryFolder } from '../support/test-app.ts';
import { untilSaid } from '../support/until.ts';
import { assertRefused } from './customers.ts';

let cwd: string;
before(async () => {
  cwd = await createFilledFolder();
});

function flagsOf({ tlsCert, tlsKey }: SelfSigned): readonly string[] {
  return ['--tls-cert', tlsCert, '--tls-key', tlsKey];
}

/** Until when the certificate is valid that a server shows. */
async function shownBy(url: string, options: ConnectionOptions): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), ...options });
  await once(socket, 'secureConnect');
  const shown = new Date(socket.getPeerCertificate().valid_to).toISOString().slice(0, 10);
  socket.destroy();
  return shown;
}

async function start(t: TestContext, args: readonly string[]): Promise<RunningServer> {
  const server = await startCallercard(['serve', ...args], { cwd });
  t.after(async () => {
    server.kill('SIGTERM');
    await server.ended();
  });
  return server;
}

describe('serve with a certificate', { timeout: 240_000 }, () => {
  for (const workers of ['1', '2']) {
    it(`says its https URL, and takes another certificate on SIGHUP, by ${workers}`, async (t) => {
      const folder = temporaryFolder();
      const signed = await makeSelfSigned(60, folder);
      const server = await start(t, ['--workers', workers, ...flagsOf(signed)]);
      assert.match(server.said(), /^callercard answers at https:\/\/127\.0\.0\.1:\d+ /m);
      assert.doesNotMatch(server.said(), /expire|"level":30.+listening/);
      const first = await shownBy(server.url, { ca: signed.pem });

      const other = await makeSelfSigned(90, folder);
      server.kill('SIGHUP');
      await untilSaid(server, /SIGHUP: another certificate: .+cert\.pem expires on \d{4}-\d\d-\d\d$/m);
      for (let turn = 0; turn < 4; turn += 1) {
        const shown = await shownBy(server.url, { ca: other.pem });
        assert.notEqual(shown, first);
        assert.match(server.said(), new RegExp(`expires on ${shown}$`, 'm'));
      }

      // A key that belongs to another certificate: as when only one of the two was replaced.
      copyFileSync((await makeSelfSigned()).tlsKey, other.tlsKey);
      server.kill('SIGHUP');
      await untilSaid(server, /the key .+key\.pem does not belong to the certificate .+cert\.pem$/m);
      await untilSaid(server, /SIGHUP: the settings cannot be used, so those from before go on$/m);
      for (let turn = 0; turn < 4; turn += 1) await shownBy(server.url, { ca: other.pem });
      assert.doesNotMatch(server.said(), /PRIVATE|BEGIN|another one starts/);
    });
  }

  it('starts with an expired one, and says so', async (t) => {
    const expired = await makeSelfSigned(-3);
    const server = await start(t, flagsOf(expired));
    assert.match(server.said(), /^callercard: the certificate .+ expired on \d{4}-\d\d-\d\d: get a new one/m);
    await shownBy(server.url, { rejectUnauthorized: false });
  });

  it('neither starts nor ends TLS on SIGHUP, and says so', async (t) => {
    const [config, signed] = [join(cwd, 'tls.json'), await makeSelfSigned()];
    const { tlsCert, tlsKey } = signed;
    writeFileSync(config, '{}');
    const plain = await start(t, ['--config', config]);
    writeFileSync(config, JSON.stringify({ tlsCert, tlsKey }));
    plain.kill('SIGHUP');
    await untilSaid(plain, /SIGHUP: tlsCert, tlsKey will count at the next start$/m);
    assert.ok(await isAnswering(plain.url, '/healthz'));

    const secure = await start(t, ['--config', config]);
    writeFileSync(config, '{}');
    secure.kill('SIGHUP');
    await untilSaid(secure, /SIGHUP: tlsCert, tlsKey will count at the next start$/m);
    await shownBy(secure.url, { ca: signed.pem });
  });
});

describe('a certificate that cannot be used', () => {
  it('is reported in one line, and nothing is served', async () => {
    const good = await makeSelfSigned();
    const folder = join(temporaryFolder(), 'a-folder');
    const [text, gone] = [join(cwd, 'text.pem'), join(cwd, 'gone.pem')];
    mkdirSync(folder);
    writeFileSync(text, 'planted-secret');
    const faults: readonly (readonly [Partial<SelfSigned>, RegExp])[] = [
      [{ tlsCert: gone }, /the file .+gone\.pem of tlsCert is not there$/m],
      [{ tlsKey: gone }, /the file .+gone\.pem of tlsKey is not there$/m],
      [{ tlsCert: folder }, /the file .+a-folder of tlsCert is a folder$/m],
      [{ tlsCert: text }, /the file .+text\.pem of tlsCert holds no certificate in PEM$/m],
      [{ tlsKey: text }, /the file .+text\.pem of tlsKey holds no private key in PEM$/m],
      [{ tlsKey: (await makeSelfSigned()).tlsKey }, /the key .+ does not belong to the certificate .+$/m],
    ];
    for (const [change, says] of faults) {
      const ran = await runCallercard(['serve', ...flagsOf({ ...good, ...change })], { cwd });
      assertRefused(ran, 1, says);
      assert.doesNotMatch(ran.stderr, /planted-secret|PRIVATE|ENOENT|EISDIR/);
    }
  });

  it('is a wrong setting when its key is not named, or it is not named for its key', async () => {
    const { tlsCert, tlsKey } = await makeSelfSigned();
    assertRefused(
      await runCallercard(['serve', '--tls-cert', tlsCert], { cwd }),
      2,
      /^callercard: tlsCert \(flag --tls-cert\) needs tlsKey beside it; set both or neither$/m,
    );
    assertRefused(
      await runCallercard(['serve'], { cwd, env: { CALLERCARD_TLS_KEY: tlsKey } }),
      2,
      /^callercard: tlsKey \(environment CALLERCARD_TLS_KEY\) needs tlsCert beside it; set both or neither$/m,
    );
  });
});

describe('callercard check', () => {
  async function check(signed: SelfSigned): Promise<{ code: number | null; line: string }> {
    const ran = await runCallercard(['check', '--host', '0.0.0.0', ...flagsOf(signed)], { cwd });
    assert.doesNotMatch(ran.stdout, /passwords travel as they are/);
    const [, line = ''] = /^((?:ok|advice|PROBLEM) +certificate: .+(?:\n +-> .+)?)$/m.exec(ran.stdout) ?? [];
    return { code: ran.code, line };
  }

  it('says when the certificate expires, and from 30 days before what to do', async () => {
    const [long, soon] = [await makeSelfSigned(31), await makeSelfSigned(12)];
    const until = new Date(new X509Certificate(long.pem).validTo).toISOString().slice(0, 10);
    const good = await check(long);
    assert.match(good.line, new RegExp(`^ok +certificate: .+ expires on ${until}$`));
    const near = await check(soon);
    assert.match(near.line, /^advice +certificate: .+ in 12 days\n +-> get a new one.+SIGHUP/);
    assert.deepEqual([good.code, near.code], [good.code, good.code], 'advice is no problem');
  });

  it('finds a problem in one that has expired, and in a key of another one', async () => {
    const expired = await check(await makeSelfSigned(-1));
    assert.match(expired.line, /^PROBLEM certificate: .+ expired on .+\n +-> get a new one/);
    const mixed = await check({ ...(await makeSelfSigned()), tlsKey: (await makeSelfSigned()).tlsKey });
    assert.match(mixed.line, /^PROBLEM certificate: the key .+ does not belong/);
    assert.deepEqual([expired.code, mixed.code], [3, 3]);
  });
});
