/**
 * `npm run --silent sbom` prints the packages of run time as CycloneDX, made by `npm sbom` from the lock file. What only
 * development needs is removed from a copy first: `npm sbom --omit dev` also drops packages that both need
 * (https://github.com/npm/cli/issues/7909).
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
}

const root = join(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'callercard-sbom-'));
// npm takes the folder's name for that of the product.
const folder = join(scratch, 'callercard');

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(root, file), 'utf8'));
}

try {
  mkdirSync(folder);
  const manifest = { ...(read('package.json') as object), devDependencies: {} };
  const lock = read('package-lock.json') as Lock;
  const needed = Object.entries(lock.packages).filter(([, { dev }]) => dev !== true);
  const packages = { ...Object.fromEntries(needed), '': manifest };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ ...lock, packages }));
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
  process.exitCode = spawnSync('npm', args, { cwd: folder, stdio: 'inherit' }).status ?? 1;
} finally {
  rmSync(scratch, { recursive: true });
}
