/** Proxies in front of callercard, started with the configurations of the documentation. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { plainEnvironment } from './command.ts';
import { readPage } from './markdown.ts';
import { findProgram } from './programs.ts';
import { hasEnded } from './process-tree.ts';
import { until } from './until.ts';

/**
 * The configuration that a page has for a proxy, with addresses and paths of the test's own.
 *
 * @param changes each text must be there: a page that says something else is not what is tested
 */
export function documentedConfig(
  page: string,
  language: 'nginx' | 'caddy',
  changes: Readonly<Record<string, string>>,
): string {
  const block = readPage(page).blocks.find((each) => each.language === language);
  assert.ok(block !== undefined, `${page} has no configuration of ${language}`);
  return Object.entries(changes).reduce((moved, [from, to]) => {
    assert.ok(moved.includes(from), `${page} does not say ${from}`);
    return moved.replaceAll(from, to);
  }, `${block.text}\n`);
}

/**
 * Writes the configuration of an nginx whose files are all in one folder.
 *
 * @param servers the blocks within `http`
 * @returns the arguments that start it
 */
export function writeNginxConfig(folder: string, servers: string): readonly string[] {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const isRoot = process.getuid?.() === 0;
  const frame = `${isRoot ? 'user root;' : ''} daemon off; worker_processes 1; pid ${folder}/pid;
    error_log ${folder}/start.log; events {} http { ${paths.join(' ')} access_log off;\n${servers}\n}`;
  writeFileSync(join(folder, 'nginx.conf'), frame);
  return ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'start.log')];
}

export interface FrontProxy {
  /** What it wrote to both of its streams, once it has ended. */
  readonly said: Promise<string>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a proxy and waits until it answers.
 *
 * @param folder its home
 * @throws {AssertionError} it ended; the message is what it said
 */
export async function startFrontProxy(
  program: 'nginx' | 'caddy',
  args: readonly string[],
  folder: string,
  isAnswering: () => Promise<boolean>,
): Promise<FrontProxy> {
  const env = plainEnvironment({ HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder });
  const child = spawn(findProgram(program) ?? program, args, { env });
  const said = Promise.all([text(child.stdout), text(child.stderr)]).then((parts) => parts.join('\n'));
  const closed = once(child, 'close');
  const stop = async () => {
    child.kill('SIGTERM');
    await closed;
  };
  try {
    await until(`${program} answers`, async () => {
      if (hasEnded(child)) assert.fail(await said);
      return isAnswering();
    });
  } catch (cause) {
    await stop();
    throw cause;
  }
  return { said, stop };
}
