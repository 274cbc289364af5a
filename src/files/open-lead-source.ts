import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { stdin } from 'node:process';

import { LeadFileFault } from './csv.ts';
import { openCsvSource } from './csv-source.ts';
import { readByteOrderMark } from './encoding.ts';
import type { LeadSource, SourceOptions } from './lead-source.ts';
import { inflate, spool } from './spool.ts';

/** In place of a file's name: what comes on standard input. */
export const STANDARD_INPUT = '-';

const HEAD_BYTES = 64 * 1024;

/**
 * Opens a file of leads. Its content says of which kind it is, not its name.
 *
 * @param path `-` is standard input
 * @throws {LeadFileFault} there is no such file, or none that can be read as rows below a header
 */
export async function openLeadSource(path: string, options: SourceOptions = {}): Promise<LeadSource> {
  const isInput = path === STANDARD_INPUT;
  const name = options.name ?? (isInput ? 'standard input' : path);
  let handle = isInput ? await spool(stdin, name, options.signal) : await openFile(path);
  try {
    if (isGzip(await readHead(handle))) {
      const inflated = await inflate(name, handle, options.signal);
      await handle.close();
      handle = inflated;
    }
    return await openByContent(handle, name, options);
  } catch (cause) {
    await handle.close();
    throw cause;
  }
}

async function openByContent(handle: FileHandle, name: string, options: SourceOptions): Promise<LeadSource> {
  const head = await readHead(handle);
  const signature = head.toString('latin1', 0, 4);
  // What reads the rarer kinds is loaded with the first file of the kind.
  if (signature === 'PK\x03\x04') {
    const { openXlsxSource } = await import('./xlsx-source.ts');
    return openXlsxSource(handle, name, options);
  }
  if (signature === '\xd0\xcf\x11\xe0') throw oldWorkbook(head, name);
  if (isGzip(head)) throw new LeadFileFault(`${name} is compressed twice; unpack it and import that file`);
  const text = textOf(head).trimStart();
  if (/^BEGIN:VCARD\s/i.test(text)) {
    const { openVcfSource } = await import('./vcf-source.ts');
    return openVcfSource(handle, name, options);
  }
  if (/^\[\s*[{[]|^\[\s*\]|^\{\s*["}]/.test(text)) {
    const { openJsonSource } = await import('./json-source.ts');
    return openJsonSource(handle, name, options);
  }
  return openCsvSource(handle, name, options);
}

function textOf(head: Buffer): string {
  const mark = readByteOrderMark(head);
  return new TextDecoder(mark?.encoding ?? 'utf-8').decode(head);
}

function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** Both the workbooks before 2007 and those with a password are compound files (MS-CFB), with names in UTF-16. */
function oldWorkbook(head: Buffer, name: string): LeadFileFault {
  const isEncrypted = head.includes(Buffer.from('EncryptedPackage', 'utf16le'));
  return new LeadFileFault(
    isEncrypted
      ? `${name} is protected by a password; save it without one and import that file`
      : `${name} is an old workbook (.xls) or protected by a password; save it as .xlsx without a password and import that file`,
  );
}

async function readHead(handle: FileHandle): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}

async function openFile(path: string): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    // Opening a pipe would wait for somebody who writes into it, and could not be stopped.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    // The command of an installed service runs in its folder, by its user.
    const folder = isAbsolute(path) ? '' : ` in ${process.cwd()}`;
    if (code === 'ENOENT') throw new LeadFileFault(`there is no file ${path}${folder}`, { cause });
    if (code === 'EACCES')
      throw new LeadFileFault(
        `${path}${folder} may not be read by this user; give it by standard input: import - < FILE`,
        { cause },
      );
    throw new LeadFileFault(`${path} cannot be read (${code ?? 'unknown error'})`, { cause });
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new LeadFileFault(
    `${path} is not a regular file; an import reads its file twice, so save the data to one, or give it on standard input (-)`,
  );
}
