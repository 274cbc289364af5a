import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where servers live; an ordinary user's PATH leaves these folders out. */
const SERVER_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin'];

/** The path of a program; undefined where it is not installed. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SERVER_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(mayRun);
}

function mayRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * What `skip` of a test gets when a program is missing: the reason, with the line that gets it. With `CI=true` nothing
 * is skipped: there the test has to fail.
 */
export function skipWithout(what: string, isThere: boolean, debianPackages: string): string | false {
  if (isThere || process.env.CI === 'true') return false;
  return `${what} is not there: apt-get install ${debianPackages}`;
}
