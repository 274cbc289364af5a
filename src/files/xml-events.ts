import type { Readable } from 'node:stream';
import { SaxesParser } from 'saxes';

/** What is read of an XML document: names without their prefix. */
export interface XmlHandler {
  readonly open: (name: string, attributes: Readonly<Record<string, string>>) => void;
  readonly text: (text: string) => void;
  readonly close: (name: string) => void;
}

/**
 * Reads an XML document, a piece at a time. Nothing of it is looked up elsewhere: a document type, which could define
 * entities that grow, is refused.
 *
 * @yields after each piece: the bytes so far
 * @throws {Error} it is no XML, or has a document type
 */
export async function* readXml(stream: Readable, handler: XmlHandler): AsyncGenerator<number> {
  const parser = new SaxesParser({ xmlns: false, position: false });
  const decoder = new TextDecoder('utf-8');
  parser.on('error', (cause) => {
    throw cause;
  });
  parser.on('doctype', () => {
    throw new Error('it has a document type');
  });
  parser.on('opentag', ({ name, attributes }) => handler.open(localName(name), attributes));
  parser.on('closetag', ({ name }) => handler.close(localName(name)));
  parser.on('text', handler.text);
  parser.on('cdata', handler.text);
  let bytes = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    bytes += piece.length;
    parser.write(decoder.decode(piece, { stream: true }));
    yield bytes;
  }
  parser.write(decoder.decode());
  parser.close();
}

/** @throws {Error} it is no XML, or has a document type */
export async function readWholeXml(stream: Readable, handler: XmlHandler): Promise<void> {
  const reading = readXml(stream, handler);
  while ((await reading.next()).done !== true);
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
