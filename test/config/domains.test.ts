import assert from 'node:assert/strict';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { domainsOf, ONLY_DOMAIN } from '../../src/config/domains.ts';
import { ConfigError, loadConfig, type Given, type LoadedConfig } from '../../src/config/load.ts';
import { showSettings } from '../../src/config/show.ts';
import { temporaryFolder } from '../support/test-app.ts';

const folder = temporaryFolder();
const SECRET = 'planted-secret';

function load(content: unknown, given: Partial<Given> = {}): LoadedConfig {
  const file = join(folder, 'x.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return loadConfig({ flags: {}, environment: {}, file, ...given });
}

/** The problems, with the file's path shortened. */
function problemsOf(content: unknown, given: Partial<Given> = {}): readonly string[] {
  try {
    load(content, given);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map((problem) => problem.replaceAll(join(folder, 'x.json'), 'x.json'));
  }
  return [];
}

describe('domains in the config file', () => {
  it('have their own values, and from flags, environment, file and defaults what they do not say', () => {
    const { domains, config } = load(
      {
        rateLimit: 7,
        corsOrigins: ['https://all.example'],
        domains: {
          acme: {
            hosts: ['acme.example.net', 'Dial.Acme.MX.'],
            database: 'sqlite:acme.db',
            defaultCountry: 'ES',
            corsOrigins: [],
          },
          beta: { hosts: 'beta.example', database: 'sqlite:beta.db', fallback: true, rateLimit: 9 },
        },
      },
      { flags: { listScope: 'all' }, environment: { CALLERCARD_RATE_LIMIT: '8', PORT: '81' } },
    );
    const [acme, beta] = domains;
    assert.ok(acme !== undefined && beta !== undefined);
    assert.deepEqual(
      [acme.name, acme.hosts, acme.isFallback],
      ['acme', ['acme.example.net', 'dial.acme.mx'], false],
    );
    assert.deepEqual(acme.config.database, { engine: 'sqlite', path: 'acme.db' });
    assert.deepEqual([acme.config.defaultCountry, acme.config.chosenCountry], ['ES', 'ES']);
    assert.deepEqual(
      [acme.config.rateLimit, acme.sources.rateLimit],
      [8, 'environment CALLERCARD_RATE_LIMIT'],
    );
    assert.deepEqual([acme.config.listScope, acme.config.port], ['all', 81]);
    assert.deepEqual(acme.config.corsOrigins, []);
    assert.deepEqual([beta.isFallback, beta.config.rateLimit], [true, 9]);
    assert.deepEqual([beta.config.defaultCountry, beta.config.chosenCountry], ['MX', undefined]);
    assert.deepEqual(beta.config.corsOrigins, ['https://all.example']);
    assert.equal(config.domains.length, 2);
  });

  it('keep failed logins in a file of their own where they name none', () => {
    const { domains } = load({
      domains: {
        acme: { fallback: true, database: 'mariadb://a:b@h1/x' },
        beta: { hosts: 'b', database: 'mariadb://a:b@h2/x', stateFile: 'there.db' },
      },
    });
    assert.deepEqual(
      domains.map(({ config }) => config.stateFile),
      ['data/acme-state.db', 'there.db'],
    );
  });

  it('are none where the file names none: then all is one domain of every host', () => {
    const { config } = load({ rateLimit: 3 });
    assert.deepEqual(domainsOf(config), [{ name: ONLY_DOMAIN, hosts: [], isFallback: true, config }]);
  });

  it('need no host where there is one', () => {
    assert.deepEqual(problemsOf({ domains: { acme: { database: 'sqlite:a.db' } } }), []);
  });
});

describe('what is wrong with domains', () => {
  it('is reported all at once, with its source', () => {
    const problems = problemsOf(
      {
        domains: {
          Acme: { database: 'sqlite:1.db', hosts: 'a1' },
          ['a'.repeat(33)]: { database: 'sqlite:2.db', hosts: 'a2' },
          constructor: 'sqlite:3.db',
          a: { hosts: ['same.example'], database: 'sqlite:a.db', port: 80, prot: 1, rateLimit: 'many' },
          b: { hosts: ['b..example', 'SAME.example.'], database: 'sqlite:./a.db', fallback: true },
          c: { hosts: ['same.EXAMPLE'], database: 'sqlite:../a.db', fallback: true },
          d: { hosts: ['d.example:80'], fallback: 'maybe', database: { path: 'd.db' } },
          e: { database: 'sqlite:e.db' },
          f: { hosts: 'f' },
        },
      },
      { flags: { database: 'sqlite:top.db' }, environment: { CALLERCARD_STATE_FILE: 'state.db' } },
    );
    assert.deepEqual(problems, [
      'database (flag --database) belongs into each domain where the config file has domains; move it there',
      'stateFile (environment CALLERCARD_STATE_FILE) belongs into each domain where the config file has domains; move it there',
      'domains."Acme" (file x.json) is no name for a domain: small letters, digits and -, 32 at most',
      `domains."${'a'.repeat(33)}" (file x.json) is no name for a domain: small letters, digits and -, 32 at most`,
      'domains.constructor (file x.json) must be an object of settings',
      'domains.a.port (file x.json) is the same for every domain; write it outside of "domains"',
      'domains.a.prot (file x.json) is no setting; "callercard settings" lists them all',
      'domains.a.rateLimit (file x.json) must be a whole number from 1 to 1000000',
      'domains.b.hosts (file x.json) holds "b..example", which is no host name alone (acme.example.net; no scheme, no port, letters beyond ASCII as xn--)',
      'domains.d.hosts (file x.json) holds "d.example:80", which is no host name alone (acme.example.net; no scheme, no port, letters beyond ASCII as xn--)',
      'domains.d.fallback (file x.json) must be true or false',
      'domains.d.database (file x.json) must be a text, a number, true, false or a list of texts',
      'domains.f.database (file x.json) is missing: each domain has leads and users of its own',
      'domains.b.hosts (file x.json) holds same.example, which is a host of a already',
      'domains.b.database (file x.json) is that of a; domains share no leads and users',
      'domains.c.hosts (file x.json) holds same.example, which is a host of a already',
      'domains.c.fallback (file x.json) is true, as is that of b; only one may be',
      'domains.e.hosts (file x.json) is missing: without a host no request reaches this domain',
    ]);
  });

  it('is a database in the file beside them, too, and domains that are no object or none', () => {
    assert.deepEqual(problemsOf({ database: 'sqlite:x.db', domains: { a: { database: 'sqlite:a.db' } } }), [
      'database (file x.json) belongs into each domain where the config file has domains; move it there',
    ]);
    for (const domains of [[], {}, 'acme', 1, null]) {
      assert.deepEqual(problemsOf({ domains }), [
        'domains (file x.json) must hold one object of settings for each domain, by its name',
      ]);
    }
    assert.deepEqual(problemsOf('{"domains":{"__proto__":{"database":"sqlite:a.db"}}}'), [
      'domains."__proto__" (file x.json) is no name for a domain: small letters, digits and -, 32 at most',
    ]);
  });

  it('16: is one database in two of them, under any spelling', () => {
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    writeFileSync(join(folder, 'real', 'one.db'), '');
    linkSync(join(folder, 'real', 'one.db'), join(folder, 'hard.db'));
    const pairs: readonly (readonly [string, string])[] = [
      [`sqlite:${folder}/real/a.db`, `sqlite:${folder}/link/../link/a.db`],
      [`sqlite:${folder}/real/one.db`, `sqlite:${folder}/hard.db`],
      [`mariadb://one:${SECRET}@127.0.0.1/asterisk`, `mariadb://two:${SECRET}@localhost:3306/asterisk`],
      [`mariadb://one:${SECRET}@DB1:3306/asterisk`, `mariadb://two:${SECRET}@db1/asterisk`],
      [`mariadb://one:${SECRET}@db1,db2/asterisk`, `mysql://one:${SECRET}@db3,db2/asterisk`],
    ];
    for (const [one, other] of pairs) {
      const problems = problemsOf({
        domains: { a: { hosts: 'a', database: one }, b: { hosts: 'b', database: other } },
      });
      assert.deepEqual(problems, [
        'domains.b.database (file x.json) is that of a; domains share no leads and users',
      ]);
    }
    const others = {
      a: { hosts: 'a', database: 'mariadb://x:y@h/one' },
      b: { hosts: 'b', database: 'mariadb://x:y@h/two' },
    };
    assert.deepEqual(problemsOf({ domains: others }), []);
  });

  it('is one state file in two of them', () => {
    const domain = (host: string, stateFile: string) => ({
      hosts: host,
      database: `mariadb://x:y@${host}/asterisk`,
      stateFile,
    });
    assert.deepEqual(problemsOf({ domains: { a: domain('a', 's.db'), b: domain('b', './s.db') } }), [
      'domains.b.stateFile (file x.json) is a file of a; domains share none',
    ]);
  });
});

describe('the shown settings', () => {
  it('have those of each domain with their source, secrets masked, and not what means nothing beside domains', () => {
    const shown = showSettings(
      load({
        rateLimit: 7,
        domains: {
          acme: { hosts: ['a.example'], database: `mariadb://me:${SECRET}@db/asterisk` },
          beta: { fallback: true, database: 'sqlite:b.db', goautodialDatabase: `mariadb://g:${SECRET}@db/g` },
        },
      }),
    );
    assert.ok(!JSON.stringify(shown).includes(SECRET));
    const values = Object.fromEntries(
      shown.map(({ name, value, source }) => [name, `${value} (${source.replace(folder, '')})`]),
    );
    assert.equal(values['domains.acme.hosts'], 'a.example (file /x.json)');
    assert.equal(values['domains.acme.database'], 'mariadb://me:***@db/asterisk (file /x.json)');
    assert.equal(values['domains.acme.stateFile'], 'data/acme-state.db (default)');
    assert.equal(values['domains.beta.rateLimit'], '7 (file /x.json)');
    assert.equal(values['domains.beta.fallback'], 'true (file /x.json)');
    assert.equal(values['domains.beta.listScope'], 'campaigns (default)');
    assert.equal(values.port, '8080 (default)');
    for (const name of ['database', 'stateFile', 'domains.acme.port']) assert.ok(!(name in values), name);
  });
});
