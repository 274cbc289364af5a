import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';

import { temporaryFolder } from './test-app.ts';

export interface PackedPackage {
  readonly name: string;
  readonly version: string;
  readonly tarball: Buffer;
  /** As in a lock file. */
  readonly integrity: string;
}

/**
 * A package as `npm pack` makes it.
 *
 * @param programs by their path, such as `bin/node`: the text of a script, or a file to copy
 */
export function packPackage(
  name: string,
  version: string,
  programs: Readonly<Record<string, string | { readonly copyOf: string }>>,
): PackedPackage {
  const folder = temporaryFolder();
  const file = (path: string) => join(folder, 'package', path);
  for (const path of Object.keys(programs)) mkdirSync(dirname(file(path)), { recursive: true });
  writeFileSync(file('package.json'), JSON.stringify({ name, version }));
  for (const [path, content] of Object.entries(programs)) {
    if (typeof content === 'string') writeFileSync(file(path), content, { mode: 0o755 });
    else cpSync(content.copyOf, file(path));
  }
  execFileSync('tar', ['-c', '-f', 'packed.tar', 'package'], { cwd: folder });
  // Compressing a Node.js takes longer than anything that npm does with it.
  const tarball = gzipSync(readFileSync(join(folder, 'packed.tar')), { level: 0 });
  return { name, version, tarball, integrity: integrityOf(tarball) };
}

function integrityOf(bytes: Buffer): string {
  return `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
}

/**
 * A registry on this machine with one package. It answers whatever it likes about the hash: `claims` is what stands in its
 * description of the package, by default the right one.
 *
 * @returns the environment in which npm uses it, with a cache of its own
 */
export async function startNpmRegistry(
  t: TestContext,
  { name, version, tarball, integrity }: PackedPackage,
  claims = integrity,
): Promise<{ readonly env: Readonly<Record<string, string>> }> {
  const server = createServer((request, response) => {
    const url = `http://${request.headers.host ?? ''}`;
    const path = decodeURIComponent(request.url ?? '');
    if (path === `/${name}`) {
      const dist = { tarball: `${url}/packed.tgz`, integrity: claims };
      const versions = { [version]: { name, version, dist } };
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions }));
    } else if (path === '/packed.tgz') response.end(tarball);
    else response.writeHead(404).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const registry = `http://127.0.0.1:${port}/`;
  const env = {
    npm_config_registry: registry,
    npm_config_cache: temporaryFolder(),
    // npm asks again for what does not fit its hash, by default after 10 s and more.
    npm_config_fetch_retry_mintimeout: '10',
    npm_config_fetch_retry_maxtimeout: '10',
    no_proxy: '127.0.0.1',
  };
  return { env };
}
