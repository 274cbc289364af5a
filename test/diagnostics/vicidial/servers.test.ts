import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import type { DialerConfig } from '../../../src/stores/vicidial/address.ts';
import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { fillDialer } from '../../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { findProgram, skipWithout } from '../../support/programs.ts';
import { temporaryFolder } from '../../support/test-app.ts';
import { inspectionsOf, nothingOf, only, READER, SOUND, messagesAt } from './inspections.ts';

/** The way to this machine by an address that does not say so. */
const FAR = '0.0.0.0';
/** Nobody listens there. */
const NOBODY = { host: '127.0.0.1', port: 1 };

describe('a check of a dialer’s servers', { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  before(async () => {
    server = await startMariadb({ args: ['--version=10.1.48-MariaDB'] });
    await fillDialer(server, SOUND, { altPhoneIndex: true });
    await createReadOnlyUser(server, READER.user, READER.password);
    await server.runRootSql("CREATE USER stranger@'%' IDENTIFIED BY 'planted-reader'");
  });
  after(() => server.stop());

  const inDatabase = (database: string, account: { user: string; password: string }): DialerConfig => {
    const config = dialerConfig(server, account);
    return { ...config, database: { ...config.database, database } };
  };

  it('of which one does not answer are reported, and the rest is inspected on the other', async () => {
    const found = await inspectionsOf(dialerConfig([NOBODY, server], READER));
    only(found, 'problem', 'server', /^127\.0\.0\.1:1: nothing listens/);
    only(found, 'ok', 'tables', /every table and column/);
    only(found, 'ok', 'not looked at', /tables, rights and users on one server, whichever answered$/);
  });

  const failures: readonly (readonly [string, () => DialerConfig, RegExp, RegExp])[] = [
    ['nothing listens', () => dialerConfig(NOBODY, READER), /nothing listens/, /bind-address/],
    [
      'the host is unknown',
      () => dialerConfig({ host: 'no-such-host.invalid', port: 1 }, READER),
      /the host is not known/,
      /correct the host/,
    ],
    [
      'the password is another',
      () => dialerConfig(server, { ...READER, password: 'planted-reader2' }),
      /the account callercard was refused/,
      /WHERE user = 'callercard'/,
    ],
    [
      'there is no such database',
      () => inDatabase('asterisco', { user: 'root', password: '' }),
      /no database asterisco/,
      /usually is asterisk/,
    ],
    [
      'the account has no right there',
      () => inDatabase('asterisk', { user: 'stranger', password: READER.password }),
      /the account stranger has no right in the database asterisk/,
      /GRANT SELECT ON `asterisk`/,
    ],
    [
      'TLS is wanted of a server that has none',
      () => dialerConfig(server, READER, { databaseTls: 'on' }),
      /asks for TLS and the server has none/,
      /ssl_cert/,
    ],
  ];
  for (const [what, config, why, advice] of failures) {
    it(`says in plain words that ${what}`, async () => {
      const found = await inspectionsOf(config());
      assert.equal(found.length, 1);
      const problem = only(found, 'problem', 'server', why);
      assert.match(problem.advice ?? '', advice);
      assert.doesNotMatch(`${problem.message}${problem.advice ?? ''}`, /ER_|ECONN|ENOT/);
    });
  }

  it('says that a server which stands still does not answer', async () => {
    server.freeze();
    try {
      const found = await inspectionsOf(dialerConfig(server, READER));
      assert.equal(found.length, 1);
      only(found, 'problem', 'server', /no connection within half a second/);
    } finally {
      server.thaw();
    }
  });

  it('advises a newer version', async () => {
    const found = await inspectionsOf(dialerConfig(server, READER));
    only(found, 'advice', 'server', /answers: MariaDB 10\.1\.48, which gets no corrections/);
  });

  it('advises TLS where leads leave this machine as they are', async () => {
    const found = await inspectionsOf(dialerConfig({ host: FAR, port: server.port }, READER));
    const { advice } = only(found, 'advice', 'tls', /travel from the database as they are/);
    assert.match(advice ?? '', /set databaseTls to on/);
  });
});

const openssl = findProgram('openssl');

describe(
  'a check of a server with TLS',
  {
    skip: mariadbSkip || skipWithout('openssl', openssl !== undefined, 'openssl'),
  },
  () => {
    let server: MariadbServer;
    const folder = mariadbSkip === false ? temporaryFolder() : '';
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    before(async () => {
      const subject = ['-subj', '/CN=dialer', '-addext', 'subjectAltName=IP:127.0.0.1'];
      const output = ['-keyout', key, '-out', certificate];
      execFileSync(
        openssl ?? '',
        ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, ...output],
        { stdio: 'ignore' },
      );
      chmodSync(folder, 0o755);
      chmodSync(key, 0o644);
      server = await startMariadb({ args: [`--ssl-cert=${certificate}`, `--ssl-key=${key}`] });
      await fillDialer(server, SOUND, { altPhoneIndex: true });
      await createReadOnlyUser(server, READER.user, READER.password);
    });
    after(() => server.stop());

    it('is content with an encrypted way and a checked certificate', async () => {
      const found = await inspectionsOf(
        dialerConfig(server, READER, { databaseTls: 'on', databaseCa: certificate }),
      );
      only(found, 'ok', 'tls', /: encrypted \(\w+\), certificate checked$/);
    });

    it('advises to check the certificate', async () => {
      const found = await inspectionsOf(dialerConfig(server, READER, { databaseTls: 'unchecked' }));
      only(found, 'advice', 'tls', /nobody checks whose certificate/);
    });

    it('says that a certificate is not trusted', async () => {
      const found = await inspectionsOf(dialerConfig(server, READER, { databaseTls: 'on' }));
      assert.equal(found.length, 1);
      const { advice } = only(found, 'problem', 'server', /certificate is not trusted/);
      assert.match(advice ?? '', /set databaseCa/);
    });

    it('says that an account must use TLS', async () => {
      await server.runRootSql("ALTER USER callercard@'%' REQUIRE SSL");
      const found = await inspectionsOf(dialerConfig(server, READER));
      only(found, 'problem', 'server', /or it must use TLS$/);
      const over = await inspectionsOf(dialerConfig(server, READER, { databaseTls: 'unchecked' }));
      nothingOf(over, 'server');
      assert.ok(messagesAt(over, 'problem').length === 0);
    });
  },
);
