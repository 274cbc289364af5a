import type { Readable } from 'node:stream';
import { SaxesParser } from 'saxes';

/** Elements within elements; a workbook has some ten. */
const DEEPEST = 100;
/** Bytes of a tag, a text or a comment, which the parser keeps as a whole. */
const LONGEST_TOKEN = 4 * 1024 * 1024;

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
 * @throws {Error} it is no XML, has a document type, or needs more memory than a workbook
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
  let [bytes, depth, lastToken] = [0, 0, 0];
  parser.on('opentag', ({ name, attributes }) => {
    if (++depth > DEEPEST) throw new Error(`its elements are more than ${DEEPEST} deep`);
    lastToken = bytes;
    handler.open(localName(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    depth--;
    lastToken = bytes;
    handler.close(localName(name));
  });
  const onText = (text: string) => {
    lastToken = bytes;
    handler.text(text);
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  for await (const piece of stream as AsyncIterable<Buffer>) {
    bytes += piece.length;
    parser.write(decoder.decode(piece, { stream: true }));
    if (bytes - lastToken > LONGEST_TOKEN)
      throw new Error(`it has a part of more than ${LONGEST_TOKEN} bytes`);
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
