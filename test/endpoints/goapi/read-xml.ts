import assert from 'node:assert/strict';

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** The text of an element without children. */
  readonly text: string;
}

/** https://www.w3.org/TR/xml/#charsets */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
/** https://www.w3.org/TR/xml/#NT-NameStartChar, without the colon, which belongs to namespaces. */
const NAME_START = String.raw`A-Z_a-z\xC0-\xD6\xD8-\xF6\xF8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\u{10000}-\u{EFFFF}`;
// eslint-disable-next-line no-misleading-character-class -- the zero width joiner is a member of the grammar's class
const NAME = new RegExp(String.raw`[${NAME_START}][-.0-9\xB7\u0300-\u036F\u203F-\u2040${NAME_START}]*`, 'uy');
const TEXT = /[^<&]*/uy;
const REFERENCE = /&(?:(amp|lt|gt|quot|apos)|#(\d+));/uy;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Reads a document by the grammar of XML 1.0, without what our documents never hold (comments, CDATA, a DTD,
 * processing instructions, namespaces). Anything that is not well-formed is an assertion failure.
 */
export function readXml(document: string): XmlElement {
  assert.doesNotMatch(document, FORBIDDEN, 'a character that XML 1.0 does not allow');
  assert.ok(document.startsWith(DECLARATION), 'the XML declaration');
  const reader = new Reader(document, DECLARATION.length);
  const root = reader.element();
  assert.equal(document.slice(reader.at), '\n', 'something follows the root element');
  return root;
}

class Reader {
  at: number;
  readonly #document: string;

  constructor(document: string, at: number) {
    this.#document = document;
    this.at = at;
  }

  element(): XmlElement {
    this.#expect('<');
    const name = this.#match(NAME);
    const attributes: Record<string, string> = {};
    while (this.#takes(' ')) {
      const attribute = this.#match(NAME);
      this.#expect('="');
      assert.ok(!Object.hasOwn(attributes, attribute), 'an attribute twice');
      attributes[attribute] = this.#content('"');
      this.#expect('"');
    }
    if (this.#takes('/>')) return { name, attributes, children: [], text: '' };
    this.#expect('>');
    const children: XmlElement[] = [];
    let text = this.#content('<');
    while (!this.#document.startsWith('</', this.at)) {
      children.push(this.element());
      text += this.#content('<');
    }
    this.#expect(`</${name}>`);
    assert.ok(children.length === 0 || text.trim() === '', `text between the children of ${name}`);
    return { name, attributes, children, text };
  }

  /** Text up to `end`, its references resolved and its line ends read as every parser must. */
  #content(end: '"' | '<'): string {
    let content = '';
    for (;;) {
      const raw = this.#match(TEXT);
      const stop = end === '"' ? raw.indexOf('"') : -1;
      const text = (stop === -1 ? raw : raw.slice(0, stop)).replace(/\r\n?/g, '\n');
      // In an attribute, white space that is no reference is read as a space.
      content += end === '"' ? text.replace(/[\t\n]/g, ' ') : text;
      if (stop !== -1) {
        this.at -= raw.length - stop;
        return content;
      }
      if (!this.#document.startsWith('&', this.at)) return content;
      content += this.#reference();
    }
  }

  #reference(): string {
    REFERENCE.lastIndex = this.at;
    const [whole, named, code] = REFERENCE.exec(this.#document) ?? assert.fail(`a bare & at ${this.at}`);
    this.at += whole.length;
    return named === undefined ? String.fromCodePoint(Number(code)) : (NAMED[named] ?? '');
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#document)?.[0];
    assert.ok(found !== undefined, `no ${pattern.source} at ${this.at}`);
    this.at += found.length;
    return found;
  }

  #takes(text: string): boolean {
    const there = this.#document.startsWith(text, this.at);
    if (there) this.at += text.length;
    return there;
  }

  #expect(text: string): void {
    assert.ok(this.#takes(text), `no ${text} at ${this.at}: ${this.#document.slice(this.at, this.at + 40)}`);
  }
}
