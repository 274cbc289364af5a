import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ROOT } from '../../test/support/command.ts';

/** Another commit with its packages, in a folder of its own. */
export interface OtherTree {
  readonly commit: string;
  readonly folder: string;
  remove(): void;
}

/**
 * Checks a commit out into a temporary folder: with the packages of this one as hard links where the lock file is the same, else
 * with its own.
 *
 * @throws {Error} there is no such commit
 */
export function checkOut(revision: string): OtherTree {
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', ROOT, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  const commit = git('rev-parse', '--verify', `${revision}^{commit}`);
  const parent = mkdtempSync(join(tmpdir(), 'callercard-compare-'));
  const folder = join(parent, 'tree');
  const remove = () => {
    rmSync(parent, { recursive: true, force: true });
    git('worktree', 'prune');
  };
  try {
    git('worktree', 'add', '--detach', folder, commit);
    installPackages(folder);
  } catch (cause) {
    remove();
    throw cause;
  }
  return { commit: commit.slice(0, 7), folder, remove };
}

function installPackages(folder: string): void {
  const lockOf = (tree: string) => readFileSync(join(tree, 'package-lock.json'), 'utf8');
  if (lockOf(folder) === lockOf(ROOT)) {
    execFileSync('cp', ['-al', join(ROOT, 'node_modules'), folder]);
    return;
  }
  process.stderr.write('installing the packages of the other commit\n');
  execFileSync('npm', ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
