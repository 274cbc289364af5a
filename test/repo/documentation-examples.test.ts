/**
 * Runs the pages. What a fenced block means:
 *
 * - `sh`: run by bash in a folder of the page's own that looks like a checkout; must succeed, and what curl gets in
 *   JSON must be a success, unless the next block says otherwise. A server keeps running until the next one or the end.
 *   `sh fails`: must not succeed. Where a page makes tokens and imports nothing, a store is there.
 * - `text` after it: what it prints, on both streams. `json` or `xml` after it: its answer, by value, in the same order.
 *   With a word after the language, such as `xml shown`, it is neither.
 * - `csv file=NAME`: written there. `json config`: the config file `config.json`, which must be understood.
 * - `sql`: run by an administrator of the dialer's database. A page that has one gets a MariaDB of its own, with the
 *   contract's data in the tables of a dialer; `127.0.0.1:3306` on the page leads there.
 * - `console`: shown only; needs a reason that is not a lack of time.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';

import { SETTINGS } from '../../src/config/settings.ts';
import { copyFixture } from '../compatibility/fixture-0.1.ts';
import { findFreePort } from '../support/free-port.ts';
import {
  plainEnvironment,
  ROOT,
  runCallercard,
  stopServer,
  watchServer,
  type RunningServer,
} from '../support/command.ts';
import { createFilledFolder } from '../support/filled-folder.ts';
import { loadDatasetIntoDialer } from '../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../support/mariadb-server.ts';
import { readPage, readPages, type Block, type Page } from '../support/markdown.ts';
import { findProgram, skipWithout } from '../support/programs.ts';
import { temporaryFolder } from '../support/test-app.ts';

const RESULTS = new Set(['text', 'json', 'xml']);
const SERVER = /^(?:npm start|\.\/bin\/callercard (?:serve|demo))\b/m;
const TOKEN = /^\.\/bin\/callercard token\b/m;
const IMPORT = /^\.\/bin\/callercard import\b/m;
const DOCUMENTED_ADDRESS = `${SETTINGS.host.byDefault}:${SETTINGS.port.byDefault}`;

const missing = ['bash', 'curl', 'npm'].find((program) => findProgram(program) === undefined);
const skip = missing !== undefined && skipWithout(missing, false, missing);

const DOCUMENTED_DATABASE = '127.0.0.1:3306';
const isAboutDialer = ({ blocks }: Page) => blocks.some(({ language }) => language === 'sql');

/** Its reader has a store and an audit of version 0.1, where that had them. */
const UPGRADE = 'docs/upgrade.md';

function layOutVersion01(folder: string): void {
  const left = copyFixture();
  cpSync(join(left, 'store.db'), join(folder, 'data', 'callercard.db'));
  cpSync(join(left, 'audit'), join(folder, 'data', 'callercard-audit'), { recursive: true });
}

/** One reader who follows a page from top to bottom. */
class Reader {
  #folder = '';
  #port = 0;
  #server: RunningServer | undefined;
  #dialer: MariadbServer | undefined;
  #printed = '';

  async arrive(page: Page): Promise<void> {
    if (isAboutDialer(page)) {
      this.#dialer = await startMariadb();
      await loadDatasetIntoDialer(this.#dialer);
    }
    const scripts = page.blocks.filter(({ language }) => language === 'sh').map(({ text: script }) => script);
    const says = (words: RegExp) => scripts.some((script) => words.test(script));
    this.#folder = says(TOKEN) && !says(IMPORT) ? await createFilledFolder() : temporaryFolder();
    for (const name of [
      'bin',
      'src',
      'scripts',
      'test',
      'node_modules',
      'package.json',
      'package-lock.json',
    ]) {
      symlinkSync(join(ROOT, name), join(this.#folder, name));
    }
    if (page.path === UPGRADE) layOutVersion01(this.#folder);
    this.#port = await findFreePort();
    if (says(/curl /) && !says(SERVER)) await this.#serve('./bin/callercard demo');
  }

  async leave(): Promise<void> {
    await stopServer(this.#server);
    await this.#dialer?.stop();
  }

  async follow(block: Block, next: Block | undefined): Promise<void> {
    const [kind] = [block.language];
    if (kind === 'sql') await this.#dialer?.runRootSql(block.text);
    else if (kind === 'sh') await this.#run(block, next !== undefined && RESULTS.has(next.language));
    else if (kind === 'csv')
      writeFileSync(join(this.#folder, /^file=(\S+)$/.exec(block.note)?.[1] ?? ''), `${block.text}\n`);
    else if (kind === 'json' && block.note === 'config') await this.#tryConfig(block);
    else this.#compare(block);
  }

  async #run({ text: script, note }: Block, isCompared: boolean): Promise<void> {
    if (SERVER.test(script)) {
      await this.#serve(script);
      return;
    }
    const { code, printed } = await this.#bash(script);
    if (note === 'fails') assert.notEqual(code, 0, printed);
    else assert.equal(code, 0, printed);
    if (script.includes('curl ') && !isCompared) {
      const { result, type } = JSON.parse(printed) as { result?: string; type?: string };
      // `/v1` says what went wrong with a `type` (RFC 9457), and of a success no more than what it is.
      assert.ok(result === 'success' || (result === undefined && type === undefined), printed);
    }
    this.#printed = printed;
  }

  async #serve(script: string): Promise<void> {
    await stopServer(this.#server);
    this.#server = undefined;
    this.#server = await watchServer(this.#spawn(script), { group: true, isSearched: false });
    assert.equal(this.#server.url, `http://127.0.0.1:${this.#port}`);
  }

  #spawn(script: string) {
    const PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`;
    const env = plainEnvironment({ PORT: String(this.#port), PATH, no_proxy: '127.0.0.1' });
    // A process group of its own, so that a signal reaches what npm starts.
    const options = { cwd: this.#folder, env, detached: true };
    const quiet = this.#move(script).replace(/\bcurl /g, 'curl --silent --show-error ');
    return spawn('bash', ['-eo', 'pipefail', '-c', `exec 2>&1\n${quiet}`], {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  async #bash(script: string): Promise<{ code: number | null; printed: string }> {
    const child = this.#spawn(script);
    const closed = once(child, 'close') as Promise<[number | null]>;
    const [printed, [code]] = await Promise.all([text(child.stdout), closed]);
    const shown = printed
      .replaceAll(`127.0.0.1:${this.#port}`, DOCUMENTED_ADDRESS)
      .replaceAll(this.#databaseAddress(), DOCUMENTED_DATABASE);
    return { code, printed: shown.trim() };
  }

  /** The addresses of the page become those of this run. */
  #move(shown: string): string {
    return shown
      .replaceAll(DOCUMENTED_ADDRESS, `127.0.0.1:${this.#port}`)
      .replaceAll(DOCUMENTED_DATABASE, this.#databaseAddress());
  }

  #databaseAddress(): string {
    return this.#dialer === undefined ? DOCUMENTED_DATABASE : `${this.#dialer.host}:${this.#dialer.port}`;
  }

  #compare({ language, text: expected }: Block): void {
    const shown = (output: string) =>
      language === 'json'
        ? JSON.stringify(JSON.parse(output))
        : output
            .replaceAll('\r', '')
            .replace(/\b\d+\.\d s$/m, 'N s')
            .replace(/\bMariaDB [\d.]+/g, 'MariaDB N')
            .trim();
    assert.equal(shown(this.#printed), shown(expected));
  }

  async #tryConfig({ text: config }: Block): Promise<void> {
    writeFileSync(join(this.#folder, 'config.json'), this.#move(config));
    const { code, stdout, stderr } = await runCallercard(['settings', '--config', 'config.json', '--json'], {
      cwd: this.#folder,
    });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    const settings = JSON.parse(stdout) as readonly { name: string; source: string }[];
    // What a domain says is shown as `domains.acme.database`.
    const names = settings
      .filter(({ source }) => source === 'file config.json')
      .map(({ name }) => name.replace(/\..*$/, ''));
    assert.deepEqual([...new Set(names)].sort(), Object.keys(JSON.parse(config) as object).sort());
  }
}

const isFollowed = ({ language, note }: Block) =>
  language === 'sh' || language === 'sql' || language === 'csv' || note === 'config';

for (const page of readPages().filter(({ blocks }) => blocks.some(isFollowed))) {
  const without = skip === false && isAboutDialer(page) ? mariadbSkip : skip;
  describe(`what ${page.path} shows`, { skip: without }, () => {
    const reader = new Reader();
    before(() => reader.arrive(page));
    after(() => reader.leave());

    for (const [at, block] of page.blocks.entries()) {
      const isResult =
        RESULTS.has(block.language) && block.note === '' && page.blocks[at - 1]?.language === 'sh';
      if (!isFollowed(block) && !isResult) continue;
      const [firstLine = ''] = block.text.split('\n');
      const title = firstLine.length > 60 ? `${firstLine.slice(0, 60)}…` : firstLine;
      it(`line ${block.line}: ${isResult ? 'prints ' : ''}${title}`, () =>
        reader.follow(block, page.blocks[at + 1]));
    }
  });
}

describe('the README', () => {
  const { blocks } = readPage('README.md');

  it('shows the first lookup and its answer within 15 lines', () => {
    const at = blocks.findIndex(({ text: script }) => script.startsWith('curl '));
    const [lookup, answer] = [blocks[at], blocks[at + 1]];
    assert.ok(lookup !== undefined && answer !== undefined);
    assert.deepEqual([lookup.language, answer.language], ['sh', 'text']);
    assert.match(answer.text, /^\{"result":"success","lead_info":\{"lead_id":14246,/);
    assert.ok(answer.lastLine <= 15, `the answer ends in line ${answer.lastLine}`);
    assert.ok(blocks.findIndex(({ text: script }) => script.startsWith('npm start')) < at);
  });

  it('shows both documented examples, an import, a new user and the server', () => {
    const scripts = blocks.filter(({ language }) => language === 'sh').map(({ text: script }) => script);
    for (const shown of [
      'curl -X GET ',
      'curl -X POST ',
      'callercard import ',
      'callercard user add ',
      'callercard serve',
    ]) {
      assert.ok(
        scripts.some((script) => script.includes(shown)),
        shown,
      );
    }
  });
});
