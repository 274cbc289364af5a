import { randomBytes } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

import {
  IMPORT_LIMITS,
  type ImportAsked,
  type ImportJob,
  type ImportPreview,
  type ImportResult,
  type ImportState,
  type ImportWork,
  type JobFiles,
} from '../core/import-job.ts';

/** What is written once, when an import begins. */
interface Begun {
  readonly domain: string;
  readonly fileName: string;
  readonly size: number;
  readonly by: string;
  readonly begunAt: number;
  readonly options: ImportAsked;
}

/** What becomes of it; each writer replaces all of it. */
export interface JobState {
  readonly state: ImportState;
  readonly work: ImportWork;
  /** Of the process that works on it. */
  readonly pid?: number | undefined;
  readonly options?: ImportAsked | undefined;
  readonly progress?: ImportJob['progress'];
  readonly preview?: ImportPreview | undefined;
  readonly trial?: ImportResult | undefined;
  readonly result?: ImportResult | undefined;
  readonly fault?: string | undefined;
  readonly importId?: number | undefined;
}

const ID = /^[\w-]{12}$/;

/** Where a store's imports are: `data/callercard-imports` beside `data/callercard.db`. */
export function importsFolder(store: string): string {
  return `${store.replace(/\.db$/, '')}-imports`;
}

export type ImportFolder = ReturnType<typeof createImportFolder>;

/**
 * Files that are imported over HTTP, each with what is known of it in a folder of its own, which only this user may read. Any
 * process of the machine sees them.
 *
 * @param domain only its own are found
 * @param freeBytes of the disk, for tests
 */
export function createImportFolder(root: string, domain: string, freeBytes = freeBytesOf) {
  const found = createReader(root, domain);
  const { filesOf } = found;
  return {
    ...found,
    /** @throws what the file system says */
    begin(about: Omit<Begun, 'domain'>): string {
      const id = randomBytes(9).toString('base64url');
      const { folder, file } = filesOf(id);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (about.size > 0) writeFileSync(file, '', { mode: 0o600, flag: 'wx' });
      writeWhole(join(folder, 'begun.json'), { ...about, domain });
      return id;
    },

    /**
     * Writes bytes where they belong. Two that write the same part at the same time write the same.
     *
     * @throws what the file system says
     */
    write(id: string, offset: number, bytes: Uint8Array): void {
      const file = openSync(filesOf(id).file, 'r+');
      try {
        for (let done = 0; done < bytes.length;)
          done += writeSync(file, bytes, done, bytes.length - done, offset + done);
      } finally {
        closeSync(file);
      }
    },

    /** Whether a further file of this size finds room, with what its import makes of it, and the rest of those that come. */
    hasRoom(size: number): boolean {
      const coming = found.list().reduce((sum, job) => sum + job.size - job.received, 0);
      mkdirSync(root, { recursive: true, mode: 0o700 });
      const { room, spareBytes } = IMPORT_LIMITS;
      return freeBytes(root) >= size * room + coming + spareBytes;
    },

    setState: (id: string, state: JobState) => writeState(filesOf(id), state),
    /** Before it is worked on: an earlier wish to stop it is done. */
    forgetStop: (id: string) => rmSync(filesOf(id).stop, { force: true }),
    askToStop: (id: string) => writeFileSync(filesOf(id).stop, '', { mode: 0o600 }),
    remove: (id: string) => rmSync(filesOf(id).folder, { recursive: true, force: true }),
  };
}

/** What is known of the imports in a folder. */
function createReader(root: string, domain: string) {
  const filesOf = (id: string): JobFiles => {
    const folder = join(root, id);
    const at = (name: string) => join(folder, name);
    const fileName = readBegun(folder)?.fileName ?? '';
    const names = { file: at('file'), lock: at('lock'), stop: at('stop'), rejects: at('rejects.csv') };
    return { folder, fileName, ...names };
  };
  const ids = () => {
    try {
      return readdirSync(root).filter((name) => ID.test(name));
    } catch {
      // Nothing was ever sent.
      return [];
    }
  };

  function read(id: string): ImportJob | undefined {
    if (!ID.test(id)) return undefined;
    const files = filesOf(id);
    const begun = readBegun(files.folder);
    if (begun?.domain !== domain) return undefined;
    const { fileName, size, by, begunAt } = begun;
    const received = sizeOf(files.file);
    const { state, work, options = begun.options, ...known } = readState(files.folder) ?? UNTOUCHED;
    const { progress, preview, trial, result, fault, importId } = known;
    const rejected = result?.rejected;
    return {
      ...{ id, fileName, size, by, begunAt, state, work, options },
      ...{ progress, preview, trial, result, fault, importId },
      received: received ?? size,
      hasFile: size > 0 && received === size,
      hasRejects: typeof rejected === 'number' && rejected > 0 && existsSync(files.rejects),
    };
  }

  return {
    filesOf,
    read,
    /** The newest first. */
    list: (): readonly ImportJob[] =>
      ids()
        .flatMap((id) => read(id) ?? [])
        .sort((one, other) => other.begunAt - one.begunAt),
    state: (id: string) => readState(filesOf(id).folder),
    /** The process that works on it, and when its state was written last (wall clock). */
    startOf(id: string): { readonly pid: number | undefined; readonly at: number } {
      const { folder } = filesOf(id);
      return { pid: readState(folder)?.pid, at: timeOf(join(folder, 'state.json')) };
    },
    readRejects: (id: string): AsyncIterable<Uint8Array> => createReadStream(filesOf(id).rejects),
    /** Those that nobody has touched since `before` (wall clock), of whatever domain. */
    untouched: (before: number): readonly string[] =>
      ids().filter((id) => {
        const { folder, file } = filesOf(id);
        const touched = [folder, file, join(folder, 'state.json')].map(timeOf);
        return Math.max(...touched) < before;
      }),
  };
}

/** Of one that nothing was done with yet. */
const UNTOUCHED: JobState = { state: 'receiving', work: 'preview' };

/** As a whole: whoever reads it meanwhile finds the former one. */
export function writeState({ folder }: Pick<JobFiles, 'folder'>, state: JobState): void {
  writeWhole(join(folder, 'state.json'), state);
}

export function readState(folder: string): JobState | undefined {
  return readJson(join(folder, 'state.json')) as JobState | undefined;
}

function readBegun(folder: string): Begun | undefined {
  return readJson(join(folder, 'begun.json')) as Begun | undefined;
}

/** Undefined: it is not there, any longer. */
function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function writeWhole(path: string, value: object): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(value), { mode: 0o600 });
  renameSync(draft, path);
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
