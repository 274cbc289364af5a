import type { FileHandle } from 'node:fs/promises';
import type { Entry } from 'yauzl';

import { LONGEST_VALUE } from './cells.ts';
import { LeadFileFault } from './csv.ts';
import { PLAIN_NUMBER, type NumberFormat, numberFormat } from './sheet-cells.ts';
import { StringTable } from './string-table.ts';
import { readWholeXml, type XmlHandler } from './xml-events.ts';
import { encryptedFault, openZip, type ZipArchive } from './zip-file.ts';

/** Bytes: of a part that is kept in memory, and of a sheet, which is not. */
const LONGEST_PART = 256 * 1024 * 1024;
export const LONGEST_SHEET = 4 * 1024 * 1024 * 1024;
/** More than Excel writes: sheets, styles of cells and formats of numbers, and characters of a format. */
const MOST_SHEETS = 1_000;
const MOST_STYLES = 70_000;
const LONGEST_FORMAT = 1_000;

export interface Sheet {
  readonly name: string;
  readonly entry: Entry;
  readonly isHidden: boolean;
}

/** What the sheets of a workbook have in common. */
export interface Workbook {
  readonly zip: ZipArchive;
  readonly sheets: readonly Sheet[];
  readonly strings: StringTable;
  /** By a cell's style. */
  readonly formats: readonly NumberFormat[];
  /** Its days begin in 1904. */
  readonly is1904: boolean;
}

/**
 * Opens an Excel workbook (Office Open XML, ECMA-376).
 *
 * @throws {LeadFileFault} it is none that can be read
 */
export async function openWorkbook(handle: FileHandle, name: string): Promise<Workbook> {
  const zip = await openZip(handle, name);
  if (zip.entries.has('EncryptedPackage')) throw encryptedFault(name);
  if (zip.entries.has('content.xml')) {
    throw new LeadFileFault(
      `${name} is an OpenDocument file; save it as .xlsx or as "CSV UTF-8" and import that file`,
    );
  }
  const workbookPath = [...zip.entries.keys()].find((path) => /^xl\/workbook\d*\.xml$/i.test(path));
  if (workbookPath === undefined) {
    const isBinary = [...zip.entries.keys()].some((path) => path.endsWith('workbook.bin'));
    throw new LeadFileFault(
      `${name} is ${isBinary ? 'a binary workbook (.xlsb)' : 'a zip file and no workbook'}; save it as .xlsx or as "CSV UTF-8" and import that file`,
    );
  }
  try {
    const { found, is1904 } = await readSheets(zip, workbookPath);
    return {
      zip,
      sheets: found,
      is1904,
      strings: await readStrings(zip),
      formats: await readFormats(zip),
    };
  } catch (cause) {
    if (cause instanceof LeadFileFault) throw cause;
    throw new LeadFileFault(`${name} is a damaged workbook (${(cause as Error).message})`, { cause });
  }
}

async function readPart(zip: ZipArchive, path: string, handler: Partial<XmlHandler>): Promise<void> {
  const entry = [...zip.entries].find(([name]) => name.toLowerCase() === path.toLowerCase())?.[1];
  if (entry === undefined) return;
  const nothing = () => undefined;
  const whole = { open: nothing, text: nothing, close: nothing, ...handler };
  await readWholeXml(await zip.read(entry, LONGEST_PART), whole);
}

async function readSheets(
  zip: ZipArchive,
  path: string,
): Promise<{ readonly found: readonly Sheet[]; readonly is1904: boolean }> {
  const targets = new Map<string, string>();
  await readPart(zip, path.replace(/^xl\//i, 'xl/_rels/') + '.rels', {
    open: (name, { Id, Target }) => {
      if (name === 'Relationship' && Id !== undefined && Target !== undefined) targets.set(Id, Target);
      if (targets.size > MOST_SHEETS * 2) throw new Error('it has too many relationships');
    },
  });
  const found: Sheet[] = [];
  let is1904 = false;
  await readPart(zip, path, {
    open: (name, attributes) => {
      if (name === 'workbookPr') is1904 = ['1', 'true'].includes(attributes.date1904 ?? '');
      if (name !== 'sheet') return;
      const entry = sheetEntry(zip, targets, attributes);
      if (entry === undefined) return;
      if (found.some((sheet) => sheet.entry === entry)) throw new Error('two of its sheets are one');
      if (found.length >= MOST_SHEETS) throw new Error(`it has more than ${MOST_SHEETS} sheets`);
      found.push({
        name: attributes.name ?? '',
        entry,
        isHidden: (attributes.state ?? 'visible') !== 'visible',
      });
    },
  });
  return { found, is1904 };
}

/** Undefined: it is none of cells, such as a chart. */
function sheetEntry(
  zip: ZipArchive,
  targets: ReadonlyMap<string, string>,
  attributes: Readonly<Record<string, string>>,
): Entry | undefined {
  const id = Object.entries(attributes).find(([key]) => /(?:^|:)id$/.test(key))?.[1] ?? '';
  const target = targets.get(id) ?? '';
  if (!/sheet/i.test(target) || /chartsheet/i.test(target)) return undefined;
  return zip.entries.get(target.startsWith('/') ? target.slice(1) : `xl/${target}`);
}

/** The texts that cells refer to. A text of several fonts is in several pieces; how it is pronounced is left out. */
async function readStrings(zip: ZipArchive): Promise<StringTable> {
  const strings = new StringTable();
  let text = '';
  let isText = false;
  let isPhonetic = false;
  await readPart(zip, 'xl/sharedStrings.xml', {
    open: (name) => {
      if (name === 'si') text = '';
      else if (name === 'rPh') isPhonetic = true;
      else if (name === 't') isText = !isPhonetic;
    },
    text: (piece) => {
      if (isText) text += piece.slice(0, LONGEST_VALUE + 1 - text.length);
    },
    close: (name) => {
      if (name === 'si') strings.add(text);
      else if (name === 'rPh') isPhonetic = false;
      else if (name === 't') isText = false;
    },
  });
  return strings;
}

async function readFormats(zip: ZipArchive): Promise<readonly NumberFormat[]> {
  const codes = new Map<number, string>();
  const formats: NumberFormat[] = [];
  let isCellStyle = false;
  await readPart(zip, 'xl/styles.xml', {
    open: (name, { numFmtId, formatCode }) => {
      if (codes.size + formats.length > MOST_STYLES)
        throw new Error(`it has more than ${MOST_STYLES} styles`);
      if (name === 'numFmt' && formatCode !== undefined && formatCode.length <= LONGEST_FORMAT)
        codes.set(Number(numFmtId), formatCode);
      else if (name === 'cellXfs') isCellStyle = true;
      else if (name === 'xf' && isCellStyle) {
        const id = Number(numFmtId ?? 0);
        formats.push(id === 0 ? PLAIN_NUMBER : numberFormat(id, codes.get(id)));
      }
    },
    close: (name) => {
      if (name === 'cellXfs') isCellStyle = false;
    },
  });
  return formats;
}
