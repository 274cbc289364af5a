import type { FileHandle } from 'node:fs/promises';

import { LeadFileFault } from './csv.ts';
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
    readObjects(handle, encoding, onObject, onBadRow);
  const first = read(onFlat, () => undefined);
  while ((await first.next()).done !== true) signal?.throwIfAborted();
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
  encoding: string,
  onObject: (flat: Flat, line: number) => void,
  onBadRow: OnBadRow,
): AsyncGenerator<SourceProgress> {
  const elements = new JsonElements((text, line) => {
    const value = parse(text);
    if (value === undefined) onBadRow(text, line, 'is no whole JSON object');
    else if (Array.isArray(value) || typeof value !== 'object' || value === null) {
      onBadRow(text, line, 'is no JSON object');
    } else onObject(flatten(value), line);
  }, onBadRow);
  const decoder = new TextDecoder(encoding);
  const piece = Buffer.alloc(PIECE_BYTES);
  for (let bytes = 0; ;) {
    const { bytesRead } = await file.read(piece, 0, piece.length, bytes);
    const text = decoder.decode(piece.subarray(0, bytesRead), { stream: bytesRead > 0 });
    elements.add(bytes === 0 ? text.slice(wrapperLength(text)) : text);
    bytes += bytesRead;
    if (bytesRead === 0) elements.finish();
    yield { bytes, line: elements.line };
    if (bytesRead === 0) return;
  }
}

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

function flatten(object: object): Flat {
  const flat = new Map<string, string | null>();
  const put = (key: string, value: unknown): void => {
    if (value === null || value === undefined) flat.set(key, null);
    else if (Array.isArray(value)) putArray(key, value);
    else if (typeof value === 'object') {
      for (const [inner, each] of Object.entries(value)) put(`${key}.${inner}`, each);
    } else if (typeof value === 'boolean') flat.set(key, value ? '1' : '0');
    else if (typeof value === 'string') flat.set(key, value);
  };
  /** Simple values go to one cell, as Google's contacts have several numbers; objects to columns of their own. */
  const putArray = (key: string, values: readonly unknown[]): void => {
    if (values.some((value) => typeof value === 'object' && value !== null)) {
      for (const [at, value] of values.entries()) put(`${key}.${at + 1}`, value);
    } else flat.set(key, values.length === 0 ? null : values.map(String).join(' ::: '));
  };
  for (const [key, value] of Object.entries(object)) put(key, value);
  return flat;
}
