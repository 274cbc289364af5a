import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  type Stats,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import type { Inspection } from '../core/store.ts';
import { isDenied, RUN_AS_SERVICE } from '../core/problem.ts';
import { advise, ok, problem } from './inspection.ts';

/** A file, or a folder with all that is in it. Nobody else may change it. */
export interface GuardedFile {
  readonly path: string;
  /** `secret`, `private` (nobody else should read it, but no secret is in it), or `public`, such as a certificate. */
  readonly content: 'secret' | 'private' | 'public';
  /** Files come and go beside it, such as a store's log: nobody else may put one there. */
  readonly hasSiblings?: boolean;
}

/** Users to whom one digit of a mode applies. */
interface UserClass {
  readonly letter: 'g' | 'o';
  readonly name: string;
  readonly digit: number;
}

const READ = 4;
const CHANGE = 2;
const ENTER = 1;
const STICKY = 0o1000;

/**
 * Looks at who besides this user may read or change files, by their modes: like ssh with its keys, without a look at who may
 * enter the folders above, because a copy or a changed folder keeps a file's mode. And at the folders above, because who may
 * write to one may put another file in the place of ours.
 *
 * @param trusted groups whose members count as this user (`trustedGroups`)
 */
export function inspectFileRights(
  files: readonly GuardedFile[],
  trusted: ReadonlySet<number>,
): readonly Inspection[] {
  // Windows has no modes.
  if (process.getuid === undefined) return [];
  const hidden = files.filter(({ path }) => isHidden(path));
  const there = files.filter(({ path }) => existsSync(path));
  const folders = new Map<string, Inspection>();
  for (const file of there) {
    for (const folder of foldersAbove(file.path)) {
      const found = folders.has(folder) ? undefined : inspectFolder(folder, file, trusted);
      if (found !== undefined) folders.set(folder, found);
    }
  }
  const open = [
    ...hiddenFound(hidden.map(({ path }) => path)),
    ...there.flatMap((file) => inspectWithContent(file, trusted)),
    ...folders.values(),
  ];
  if (open.length > 0 || there.length === 0) return open;
  const names = there.map(({ path }) => path).join(', ');
  return [ok('file rights', `closed to other users of this machine: ${names}`)];
}

/** Whether this user may not even see if it is there, because of a folder above it. */
function isHidden(path: string): boolean {
  try {
    statSync(path);
    return false;
  } catch (cause) {
    return isDenied(cause);
  }
}

function hiddenFound(paths: readonly string[]): readonly Inspection[] {
  if (paths.length === 0) return [];
  return [
    problem(
      'file rights',
      `${paths.join(', ')}: this user may not look there, so nothing is known of the rights`,
      RUN_AS_SERVICE,
    ),
  ];
}

/** The file; of a folder also what is in it, of which the first one is named. */
function inspectWithContent(
  { path, content }: GuardedFile,
  trusted: ReadonlySet<number>,
): readonly Inspection[] {
  const inspect = (each: string) => inspectFile(each, content, trusted) ?? [];
  if (!statSync(path).isDirectory()) return [inspect(path)].flat();
  if (!mayLookInto(path)) return [inspect(path), hiddenFound([path])].flat();
  const [first, ...more] = readdirSync(path).flatMap((name) => inspect(join(path, name)));
  if (first === undefined || more.length === 0) return [inspect(path), first ?? []].flat();
  const others = `, and so it is with ${more.length} more there`;
  const all = { ...first, message: first.message + others, advice: `chmod -R go-rwx ${quoted(path)}` };
  return [inspect(path), all].flat();
}

function mayLookInto(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function inspectFile(
  path: string,
  content: GuardedFile['content'],
  trusted: ReadonlySet<number>,
): Inspection | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  // A store's log goes with the last process that has it open.
  if (stats === undefined) return undefined;
  // Who may list a folder has not read what is in it.
  const guarded = content === 'public' || stats.isDirectory() ? CHANGE : READ | CHANGE;
  const open = classesOf(stats, trusted)
    .map((users) => ({ ...users, digit: users.digit & guarded }))
    .filter(({ digit }) => digit !== 0);
  if (open.length === 0) return undefined;
  const isBad = open.some(({ letter, digit }) => digit !== READ || (letter === 'o' && content === 'secret'));
  return (isBad ? problem : advise)(
    'file rights',
    `${path} (mode ${modeOf(stats)}): ${open.map(({ name, digit }) => `${name} may ${verbs(digit)} it`).join(', and ')}`,
    `chmod ${open.map(({ letter, digit }) => `${letter}-${letters(digit)}`).join(',')} ${quoted(path)}`,
  );
}

function inspectFolder(
  folder: string,
  { path, hasSiblings }: GuardedFile,
  trusted: ReadonlySet<number>,
): Inspection | undefined {
  const stats = statSync(folder);
  const mayMake = CHANGE | ENTER;
  const users = classesOf(stats, trusted).find(({ digit }) => (digit & mayMake) === mayMake);
  if (users === undefined) return undefined;
  const about = (what: string, advice: string) =>
    problem('file rights', `${folder} (mode ${modeOf(stats)}): ${users.name} may ${what} ${path}`, advice);
  if ((stats.mode & STICKY) === 0)
    return about('put another file in the place of', `chmod ${users.letter}-w ${quoted(folder)}`);
  // As in /tmp: nobody else may take a file away there, but everybody may put one there.
  if (hasSiblings !== true || folder !== dirname(realpathSync(path))) return undefined;
  return about('put files beside', `move ${path} into a folder of its own, with mode 700`);
}

function classesOf({ mode, gid }: Stats, trusted: ReadonlySet<number>): readonly UserClass[] {
  const others = { letter: 'o', name: 'every user of this machine', digit: mode & 7 } as const;
  if (trusted.has(gid)) return [others];
  const name = `the group ${lineOf('/etc/group', gid)?.[0] ?? String(gid)}`;
  return [others, { letter: 'g', name, digit: (mode >> 3) & 7 }];
}

/** Those of the name, and those of where its links lead. */
function foldersAbove(path: string): ReadonlySet<string> {
  return new Set([...ancestorsOf(resolve(path)), ...ancestorsOf(realpathSync(path))]);
}

function ancestorsOf(path: string): readonly string[] {
  const above = dirname(path);
  return above === path ? [] : [above, ...ancestorsOf(above)];
}

function verbs(digit: number): string {
  if ((digit & READ) === 0) return 'change';
  return (digit & CHANGE) === 0 ? 'read' : 'read and change';
}

function letters(digit: number): string {
  return `${(digit & READ) === 0 ? '' : 'r'}${(digit & CHANGE) === 0 ? '' : 'w'}`;
}

function modeOf({ mode }: Stats): string {
  return (mode & 0o7777).toString(8);
}

/** For a shell. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/**
 * The groups whose members count as this user: root's, and this user's own one, with nobody else in it. For root, who looks
 * after a service, also the service's own one.
 *
 * @param folder where the service's data are: whose it is, is the service
 */
export function trustedGroups(folder: string): ReadonlySet<number> {
  const trusted = new Set([0]);
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  if (isPrivate(uid, gid)) trusted.add(gid);
  if (uid !== 0 || !existsSync(folder)) return trusted;
  const owner = statSync(folder);
  if (isPrivate(owner.uid, owner.gid)) trusted.add(owner.gid);
  return trusted;
}

/** A group of the user's name, as `useradd` makes one with each user, to which nobody was added. */
function isPrivate(uid: number, gid: number): boolean {
  const [user] = lineOf('/etc/passwd', uid) ?? [];
  const [group, , , members = ''] = lineOf('/etc/group', gid) ?? [];
  // Neither has a name, in a container, say.
  if (user === undefined || group === undefined) return uid === gid;
  return group === user && members.split(',').every((member) => member === '' || member === user);
}

/** The fields of a user or group, by its number. */
function lineOf(file: string, id: number): readonly string[] | undefined {
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.map((line) => line.split(':')).find(([, , number]) => number === String(id));
}
