import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { before, describe, it } from 'node:test';

import fc from 'fast-check';

import { runCommand } from '../../src/cli/run-command.ts';
import { escapeControls, printable, printableLines } from '../../src/process/terminal.ts';
import { readPage } from '../support/markdown.ts';
import { createNastyStore, NASTY, NASTY_NAME, NASTY_USER, type NastyStore } from './nasty-store.ts';

/** Line breaks between lines and values are ours. */
const ACTED_ON = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in this process. @param isTTY whether it takes its output for a terminal's */
async function run(args: readonly string[], input = '', isTTY = false): Promise<Ran> {
  const written = { stdout: '', stderr: '' };
  const sink = (name: keyof typeof written) =>
    Object.assign(
      new Writable({
        write(chunk, _encoding, done) {
          written[name] += String(chunk);
          done();
        },
      }),
      { isTTY },
    );
  const code = await runCommand(args, Readable.from([input]), sink('stdout'), sink('stderr'));
  return { code, ...written };
}

function namesIn(entries: unknown): readonly string[] {
  return (entries as readonly { name: string }[]).map(({ name }) => name);
}

describe('what a terminal would act on', { timeout: 240_000 }, () => {
  let store: NastyStore;
  before(async () => {
    store = await createNastyStore();
  });

  /** Each command, with arguments that bring such text into its output. */
  const cases = (): readonly (readonly string[])[] => {
    const own = ['--database', store.database];
    const flags = [...own, '--audit', store.audit];
    return [
      [NASTY],
      ['serve', `--${NASTY}`],
      ['demo', '--host', NASTY],
      ['serve', '--database', `sqlite:${join(store.folder, 'none', NASTY_NAME)}`, '--port', '0'],
      ['serve', '--port', NASTY, '--audit-durability', NASTY],
      ['settings', ...flags, '--state-file', `${NASTY}\n${NASTY}`],
      ['settings', '--json', ...flags, '--state-file', `${NASTY}\n${NASTY}`],
      ['settings', '--config', join(store.folder, NASTY_NAME)],
      ['completion', NASTY],
      ['completion', 'bash'],
      ['import', store.leads, '--list', '1', ...own],
      ['import', store.leads, '--list', '1', ...own, '--json'],
      ['imports', ...own],
      ['imports', ...own, '--json'],
      ['import', '--undo', '1', ...own],
      ['import', '--undo', NASTY, ...own],
      ['import', store.leads, '--list', '1', '--replace', '--replace-most', '--dry-run', ...own],
      ['import', store.leads, '--list', '1', '--key', NASTY, ...own],
      ['import', store.leads, '--rejects', store.leads, ...own],
      ['import', store.leads, '--map', `${NASTY}=${NASTY}`, ...own],
      ['import', join(store.folder, `none ${NASTY_NAME}`), ...own],
      ['export', join(store.folder, `${NASTY_NAME}.export.csv`), ...own],
      ['export', join(store.folder, `${NASTY_NAME}.vcf.csv`), '--format', 'vcf', ...own],
      ['export', join(store.folder, `${NASTY_NAME}.xlsx`), '--format', 'xlsx', ...own],
      ['export', '--format', NASTY, ...own],
      ['export', store.folder, ...own],
      ['import', store.leads, store.leads, '--list', '1', '--dry-run', ...own],
      ['lookup', '--lead', '1', ...flags],
      ['lookup', '--lead', '1', '--json', ...flags],
      ['lookup', '--lead', NASTY, ...flags],
      ['lookup', '--phone', NASTY, ...flags],
      ['lead', 'show', '1', ...flags],
      ['lead', 'show', '1', '--json', ...flags],
      ['lead', 'show', NASTY, ...own],
      ['person', 'find', '--phone', NASTY, ...flags],
      ['person', 'find', '--phone', '5512345678', ...flags],
      ['person', 'find', '--phone', '5512345678', '--json', ...flags],
      ['person', 'export', '--lead', '1', '--out', '-', ...flags],
      ['person', 'export', '--lead', '1', '--out', join(store.folder, NASTY_NAME), ...flags],
      ['person', 'erase', '--lead', '1', ...flags],
      ['backup', join(store.folder, `${NASTY_NAME}.backup`), ...flags],
      ['backup', join(store.folder, `${NASTY_NAME}.backup`), ...flags],
      ['restore', join(store.folder, `${NASTY_NAME}.backup`), ...flags],
      ['restore', join(store.folder, `${NASTY_NAME}.backup`), '--replace', ...flags],
      ['restore', store.leads, '--replace', ...flags],
      ['list', 'list', ...flags],
      ['list', 'list', '--json', ...flags],
      ['list', 'rename', '1', NASTY, ...flags],
      ['list', 'rename', NASTY, 'one', ...flags],
      ['list', 'delete', '1', ...flags],
      ['list', 'delete', '1', '--move-to', NASTY, ...flags],
      ['copy', '--from', store.database, '--to', `sqlite:${join(store.folder, NASTY_NAME)}.copy`],
      ['copy', '--from', NASTY, '--to', `sqlite:${NASTY}`],
      ['retention', '--dry-run', '--retention', NASTY, ...flags],
      ['retention', '--yes', '--retention', '*=30000', ...flags],
      ['user', 'list', ...own],
      ['user', 'list', '--json', ...own],
      ['user', 'add', NASTY_USER, ...own],
      ['user', 'password', NASTY_USER, '--password-stdin', ...own],
      ['user', 'password', NASTY, '--password-stdin', ...own],
      ['user', 'disable', NASTY_USER, ...own],
      ['user', 'enable', NASTY_USER, ...own],
      ['user', 'disable', NASTY, ...own],
      ['user', 'set', NASTY_USER, '--rights', NASTY, ...own],
      ['user', 'set', NASTY_USER, '--lists', NASTY, ...own],
      ['user', 'set', NASTY_USER, '--extension', NASTY, ...own],
      ['user', 'set', NASTY, '--rights', 'card', ...own],
      ['user', 'unlock', NASTY_USER, ...own],
      ['user', 'unlock', NASTY, ...own],
      ['user', 'remove', NASTY, ...own],
      ['token', 'list', ...own],
      ['token', 'list', '--json', ...own],
      ['token', 'create', NASTY, ...own],
      ['token', 'create', 'a', '--scope', NASTY, '--expires', NASTY, ...own],
      ['token', 'revoke', NASTY, ...own],
      ['token', 'revoke', `no ${NASTY}`, ...own],
      ['audit', 'search', store.audit],
      ['audit', 'search', store.audit, '--json'],
      ['audit', 'search', store.meddledAudit],
      ['audit', 'search', store.meddledAudit, '--json'],
      ['audit', 'search', store.audit, '--since', NASTY],
      ['audit', 'search', `${store.audit}${NASTY}`],
      ['audit', 'verify', store.audit],
      ['audit', 'verify', store.audit, '--json'],
      ['audit', 'verify', store.meddledAudit],
      ['audit', 'verify', store.meddledAudit, '--json'],
      ['audit', 'verify', store.audit, '--earlier', store.leads],
      ['lead', 'delete', '5', ...flags],
      ['lead', 'show', '5', ...flags],
      ['person', 'erase', '--lead', '5', '--yes', ...flags],
      ['check', ...flags],
      ['check', '--json', ...flags],
      ['check', '--domain', NASTY, ...flags],
    ];
  };

  it('63: reaches nobody by any command, on either stream', async () => {
    let seen = 0;
    for (const args of cases()) {
      const { code, stdout, stderr } = await run(args, 'planted-secret of a user\n');
      const name = args.slice(0, 2).join(' ');
      for (const text of [stdout, stderr]) assert.doesNotMatch(text, ACTED_ON, JSON.stringify([name, text]));
      assert.doesNotMatch(stderr, /unexpected failure/, name);
      assert.ok(stdout + stderr !== '', `${name} (${code})`);
      if ((stdout + stderr).includes('Ñandú')) seen += 1;
    }
    assert.ok(seen > 25, `${seen} of them show such text`);
  });

  it('63: is looked for in every command that there is', () => {
    const headings = readPage('docs/commands.md').text.matchAll(/^## callercard (.+)$/gm);
    const names = [...headings].map(([, name = '']) => name);
    const commands = names.filter((name) => !names.some((other) => other.startsWith(`${name} `)));
    assert.ok(commands.length >= 17, commands.join(', '));
    for (const name of commands)
      assert.ok(
        cases().some((args) => `${args.join(' ')} `.startsWith(`${name} `)),
        name,
      );
  });

  it('63: stands in JSON as an escape, and the value is the same', async () => {
    const own = ['--database', store.database];
    const json = async (...args: readonly string[]): Promise<unknown> =>
      JSON.parse((await run([...args, '--json', ...own])).stdout);
    const found = (await json('lookup', '--lead', '1', '--audit', 'off')) as {
      lead_info: Readonly<Record<string, unknown>>;
      custom_info: unknown;
    };
    assert.deepEqual([found.lead_info.first_name, found.lead_info.comments], [NASTY, NASTY]);
    assert.ok(JSON.stringify(found.custom_info).includes(JSON.stringify(`${NASTY}\r\n${NASTY}`)));
    assert.deepEqual(namesIn(await json('user', 'list')), [NASTY_USER]);
    assert.deepEqual(namesIn(await json('token', 'list')), [NASTY]);
    const settings = (await json('settings')) as readonly { name: string; value: string }[];
    assert.equal(settings.find(({ name }) => name === 'database')?.value, store.database);
    const { stdout } = await run(['audit', 'search', store.audit, '--json']);
    const users = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { user: unknown }).user);
    // Records of the lookups by commands follow.
    assert.deepEqual(users.slice(0, 2), [NASTY, NASTY]);
  });

  it('63: is in an export as it is, but not where that goes to a terminal', async () => {
    const args = ['export', '--database', store.database];
    const { stdout } = await run(args);
    assert.ok(stdout.includes(NASTY.replaceAll('"', '""')));
    const shown = await run(args, '', true);
    assert.doesNotMatch(shown.stdout, ACTED_ON);
    assert.match(shown.stdout, /Ñandú/);
  });
});

describe('text for a terminal', () => {
  const texts = fc.string({ unit: 'binary', maxLength: 200 });

  it('63: holds no control in any case, and keeps all else', () => {
    fc.assert(
      fc.property(texts, (text) => {
        assert.doesNotMatch(printableLines(text), ACTED_ON);
        assert.doesNotMatch(printable(text), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        const isPlain = !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text);
        if (isPlain) assert.equal(printable(text), text);
      }),
    );
  });

  it('63: as JSON has the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const escaped = escapeControls(text);
        assert.doesNotMatch(escaped, ACTED_ON);
        assert.deepEqual(JSON.parse(escaped), JSON.parse(text));
      }),
    );
  });
});
