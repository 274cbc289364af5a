import { open, type FileHandle } from 'node:fs/promises';

import { LeadFileFault } from './csv.ts';
import { openCsvSource } from './csv-source.ts';
import type { LeadSource, SourceOptions } from './lead-source.ts';

/**
 * Opens a file of leads, whatever its kind.
 *
 * @throws {LeadFileFault} there is no such file, or none that can be read as rows below a header
 */
export async function openLeadSource(path: string, options: SourceOptions = {}): Promise<LeadSource> {
  const handle = await openFile(path);
  try {
    return await openCsvSource(handle, path, options);
  } catch (cause) {
    await handle.close();
    throw cause;
  }
}

async function openFile(path: string): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw new LeadFileFault(`there is no file ${path}`, { cause });
    throw new LeadFileFault(`${path} cannot be read (${code ?? 'unknown error'})`, { cause });
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new LeadFileFault(
    `${path} is not a regular file; an import reads its file twice, so save the data to one`,
  );
}
