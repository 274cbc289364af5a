import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const ROOT = join(import.meta.dirname, '..', '..');

interface LockedPackage {
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
}

function readJson(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(ROOT, name), 'utf8')) as Record<string, unknown>;
}

const locked = Object.entries(readJson('package-lock.json').packages as Record<string, LockedPackage>).filter(
  ([folder]) => folder !== '',
);

describe('what comes from the registry', () => {
  it('runs no script when it is installed, as far as it is needed at run time', () => {
    const runtime = locked.filter(([, { dev }]) => dev !== true);
    assert.ok(runtime.length > 10, 'the lock file lists what run time needs');
    assert.deepEqual(
      runtime.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([folder]) => folder),
      [],
    );
  });

  it('is known by its hash', () => {
    assert.deepEqual(
      locked.filter(([, { integrity }]) => integrity === undefined).map(([folder]) => folder),
      [],
    );
  });

  it('is at most 14 packages that we ask for at run time', () => {
    const direct = Object.keys(readJson('package.json').dependencies as object);
    assert.ok(direct.length <= 14, direct.join(', '));
  });
});
