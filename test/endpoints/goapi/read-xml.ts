import assert from 'node:assert/strict';

import { SaxesParser } from 'saxes';

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** The text of an element without children. */
  readonly text: string;
}

type OpenElement = XmlElement & { readonly children: XmlElement[]; text: string };

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/**
 * Reads a document of ours with a parser from elsewhere that is strict about XML 1.0 and its namespaces.
 *
 * @throws {Error} the document is not well-formed, or it holds what ours never do: comments, CDATA, a DTD, processing
 *   instructions
 */
export function readXml(document: string): XmlElement {
  assert.ok(document.isWellFormed(), 'half a surrogate pair');
  assert.ok(document.startsWith(DECLARATION), 'the XML declaration');
  assert.ok(document.endsWith('>\n'), 'the last line ends, and nothing follows it');
  const top: XmlElement[] = [];
  const open: OpenElement[] = [];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (fault) => assert.fail(fault.message));
  for (const event of ['comment', 'cdata', 'doctype', 'processinginstruction'] as const) {
    parser.on(event, () => assert.fail(`our documents hold no ${event}`));
  }
  parser.on('opentag', ({ name, attributes }) => {
    const values = Object.entries(attributes).map(([key, { value }]) => [key, value] as const);
    const element = { name, attributes: Object.fromEntries(values), children: [], text: '' };
    (open.at(-1)?.children ?? top).push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  });
  parser.on('closetag', () => {
    const { name, children, text } = open.pop() ?? assert.fail();
    assert.ok(children.length === 0 || text.trim() === '', `text between the children of ${name}`);
  });
  parser.write(document).close();
  const [root] = top;
  return root ?? assert.fail('no root element');
}
