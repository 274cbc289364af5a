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
    await refuseWorkbook(handle, path);
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

async function refuseWorkbook(handle: FileHandle, name: string): Promise<void> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  const signature = buffer.toString('latin1', 0, bytesRead);
  if (signature === 'PK\x03\x04' || signature === '\xd0\xcf\x11\xe0') {
    throw new LeadFileFault(
      `${name} is an Excel workbook; save it as "CSV UTF-8" in Excel and import that file`,
    );
  }
}
