import type { FileHandle } from 'node:fs/promises';

import { isDamage, LeadFileFault } from './csv.ts';
import { JsonElements, wrapperLength } from './json-elements.ts';
import type { LeadSource, OnBadRow, SourceOptions, SourceProgress } from './lead-source.ts';
import type { Cells, OnRow } from './row.ts';
import { decimalText } from './sheet-cells.ts';
import { guessEncoding } from './text-lines.ts';

const PIECE_BYTES = 64 * 1024;
/** Names that a table may have. */
const MAX_COLUMNS = 2_000;

type Flat = ReadonlyMap<string, string | null>;

/**
 * JSON: an array of objects, or objects one after the other, as in JSON lines. The columns are all names that they have; those
 * of an object within an object are `outer.inner`.
 *
 * @param handle closed with the source
 * @throws {LeadFileFault} it has no object
 */
export async function openJsonSource(
  handle: FileHandle,
  name: string,
  { signal }: SourceOptions,
): Promise<LeadSource> {
  const { encoding, notices } = await guessEncoding(handle, signal);
  const columns = new Map<string, number>();
  const onFlat = (flat: Flat) => {
    for (const key of flat.keys()) if (!columns.has(key)) columns.set(key, columns.size);
    if (columns.size > MAX_COLUMNS)
      throw new LeadFileFault(`${name} has more than ${MAX_COLUMNS} different names`);
  };
  const read = (onObject: (flat: Flat, line: number) => void, onBadRow: OnBadRow) =>
    readObjects(handle, name, encoding, onObject, onBadRow);
  const first = read(onFlat, () => undefined);
  try {
    while ((await first.next()).done !== true) signal?.throwIfAborted();
  } catch (cause) {
    // Of a file that is damaged: said again when the rows are read, after those that are whole.
    if (!isDamage(cause)) throw cause;
  }
  if (columns.size === 0) throw new LeadFileFault(`${name} has no JSON object with names and values`);
  return {
    name,
    kind: 'json',
    size: (await handle.stat()).size,
    header: [...columns.keys()],
    headerLine: 0,
    delimiter: ',',
    notices,
    rows: (onRow: OnRow, onBadRow: OnBadRow) =>
      read((flat, line) => {
        const cells: Cells = [...columns.keys()].map((key) => flat.get(key) ?? null);
        if (cells.some((cell) => cell !== null && cell !== '')) onRow(cells, line);
      }, onBadRow),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

async function* readObjects(
  file: FileHandle,
  name: string,
  encoding: string,
  onObject: (flat: Flat, line: number) => void,
  onBadRow: OnBadRow,
): AsyncGenerator<SourceProgress> {
  const elements = new JsonElements((text, line) => {
    const value = parse(text);
    if (value === undefined) onBadRow(text, line, 'is no whole JSON object');
    else if (Array.isArray(value) || typeof value !== 'object' || value === null) {
      onBadRow(text, line, 'is no JSON object');
    } else {
      const flat = flatten(value);
      if (flat === undefined)
        onBadRow(text, line, `is nested too deeply, or has more than ${MAX_COLUMNS} names`);
      else onObject(flat, line);
    }
  }, onBadRow);
  const decoder = new TextDecoder(encoding);
  const piece = Buffer.alloc(PIECE_BYTES);
  for (let bytes = 0; ;) {
    const { bytesRead } = await file.read(piece, 0, piece.length, bytes);
    const text = decoder.decode(piece.subarray(0, bytesRead), { stream: bytesRead > 0 });
    const wrapper = bytes === 0 ? wrapperLength(text) : 0;
    elements.addWrapper(text.slice(0, wrapper));
    elements.add(text.slice(wrapper));
    bytes += bytesRead;
    if (bytesRead === 0) elements.finish();
    if (elements.fault !== undefined)
      throw new LeadFileFault(`${name} ${elements.fault}`, { isDamage: true });
    yield { bytes, line: elements.line };
    if (bytesRead === 0) return;
  }
}

/** Objects within objects; deeper ones are no list of leads. */
const DEEPEST = 32;

/** A number is its text: a long one would lose digits. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text, (_, value: unknown, context?: { readonly source?: string }) =>
      typeof value === 'number' ? decimalText(context?.source ?? String(value)) : value,
    );
  } catch {
    return undefined;
  }
}

/** @returns undefined: there are objects in it that are too deep, or more names than a table may have */
function flatten(object: object): Flat | undefined {
  const flat = new Map<string, string | null>();
  const put = (key: string, value: unknown, depth: number): boolean => {
    if (flat.size > MAX_COLUMNS || depth > DEEPEST) return false;
    if (value === null || value === undefined) flat.set(key, null);
    else if (Array.isArray(value)) return putArray(key, value, depth);
    else if (typeof value === 'object') {
      return Object.entries(value).every(([inner, each]) => put(`${key}.${inner}`, each, depth + 1));
    } else if (typeof value === 'boolean') flat.set(key, value ? '1' : '0');
    else if (typeof value === 'string') flat.set(key, value);
    return true;
  };
  /** Simple values go to one cell, as Google's contacts have several numbers; objects to columns of their own. */
  const putArray = (key: string, values: readonly unknown[], depth: number): boolean => {
    if (values.some((value) => typeof value === 'object' && value !== null)) {
      return values.every((value, at) => put(`${key}.${at + 1}`, value, depth + 1));
    }
    flat.set(key, values.length === 0 ? null : values.map(String).join(' ::: '));
    return true;
  };
  return Object.entries(object).every(([key, value]) => put(key, value, 0)) ? flat : undefined;
}
