import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';

import {
  writeCustomerJson,
  writeCustomerXml,
  writeEnvelopeXml,
} from '../../../src/endpoints/goapi/render.ts';
import {
  LEAD_FIELDS,
  LEAD_TEXT_FIELDS,
  type CustomInfo,
  type Customer,
  type Lead,
} from '../../../src/core/lead.ts';
import { readXml, type XmlElement } from './read-xml.ts';

function customerWith(fields: Partial<Lead>, custom: CustomInfo | null = null): Customer {
  const texts = Object.fromEntries(LEAD_TEXT_FIELDS.map((field) => [field, null]));
  return { lead: { lead_id: 1, list_id: 2, ...texts, ...fields } as Lead, custom, isCustomer: false };
}

const CHUNK = 0x800;

/** Every code point of the BMP, lone surrogates too, and some beyond, in pieces; `x` keeps surrogates apart. */
const EVERY_CODE_POINT: readonly string[] = [
  ...Array.from({ length: 0x10000 / CHUNK }, (_, chunk) =>
    Array.from({ length: CHUNK }, (_value, at) => String.fromCharCode(chunk * CHUNK + at)).join('x'),
  ),
  [0x10000, 0x1f600, 0x1fffe, 0x1ffff, 0x20bb7, 0xe0001, 0xf0000, 0x10fffd, 0x10ffff]
    .map((point) => String.fromCodePoint(point))
    .join('x'),
];

/** What a parser gives back for a text: forbidden characters replaced, line ends as line feeds. */
function asRead(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\ufffd')
    .replace(/\r\n?/g, '\n');
}

function childOf(element: XmlElement, name: string): XmlElement {
  return (
    element.children.find((child) => child.name === name) ?? assert.fail(`no ${name} in ${element.name}`)
  );
}

describe('an answer in XML', () => {
  it('has the documented fields in the documented order, one a line', () => {
    const document = writeCustomerXml(
      customerWith({ first_name: 'Bruno', comments: '' }),
      'goGetCustomerInfo',
    );
    const root = readXml(document);
    assert.equal(root.name, 'goautodialapi');
    assert.deepEqual(root.attributes, { version: '4.0' });
    assert.deepEqual(
      root.children.map(({ name }) => name),
      ['action', 'result', 'lead_info', 'custom_info', 'is_customer'],
    );
    assert.deepEqual(
      childOf(root, 'lead_info').children.map(({ name }) => name),
      LEAD_FIELDS,
    );
    assert.ok(document.includes('\n    <first_name>Bruno</first_name>\n'));
    assert.ok(document.includes('\n    <comments/>\n'));
    assert.ok(document.includes('\n    <title/>\n'));
    assert.ok(document.includes('\n  <custom_info/>\n'));
    assert.ok(!document.includes('null'));
  });

  it('is well-formed with every code point in every place, and says each one that XML allows', () => {
    for (const text of EVERY_CODE_POINT) {
      const customer = customerWith({ comments: text, first_name: text }, [
        ['notes', text],
        [text, text],
      ]);
      const root = readXml(writeCustomerXml(customer, text));
      const lead = childOf(root, 'lead_info');
      assert.equal(childOf(lead, 'comments').text, asRead(text));
      assert.equal(childOf(lead, 'first_name').text, asRead(text));
      assert.equal(childOf(root, 'action').text, asRead(text));
      const [notes, labelled] = childOf(root, 'custom_info').children;
      assert.equal(notes?.text, asRead(text));
      assert.equal(labelled?.text, asRead(text));
      const error = readXml(writeEnvelopeXml({ result: 'error', message: text }, text));
      assert.equal(childOf(error, 'message').text, asRead(text));
    }
  });

  it('is well-formed with every code point for a label, at its beginning and within', () => {
    for (const text of EVERY_CODE_POINT) {
      const labels = text.split('x').flatMap((character) => [character, `a${character}`, `${character}a`]);
      const root = readXml(
        writeCustomerXml(
          customerWith(
            {},
            labels.map((label) => [label, 'v'] as const),
          ),
          'a',
        ),
      );
      const { children } = childOf(root, 'custom_info');
      assert.equal(children.length, labels.length);
      for (const [at, { name, attributes }] of children.entries()) {
        const label = attributes.name ?? name;
        const sent = labels[at] ?? '';
        // In an attribute a parser keeps what was written as a reference.
        assert.equal(label, /[\r\n]/.test(sent) ? sent : asRead(sent));
      }
    }
  });

  const labels: readonly (readonly [label: string, element: string])[] = [
    ['plan', '<plan>v</plan>'],
    ['ñandú', '<ñandú>v</ñandú>'],
    ['_1', '<_1>v</_1>'],
    ['2024', '<field name="2024">v</field>'],
    ['two words', '<field name="two words">v</field>'],
    ['', '<field name="">v</field>'],
    ['a:b', '<field name="a:b">v</field>'],
    ['-a', '<field name="-a">v</field>'],
    ['a"b<c>&d', '<field name="a&#34;b&lt;c&gt;&amp;d">v</field>'],
    ['a\tb\nc', '<field name="a&#9;b&#10;c">v</field>'],
    ['a/><script>', '<field name="a/&gt;&lt;script&gt;">v</field>'],
    ['__proto__', '<__proto__>v</__proto__>'],
    ['×', '<field name="×">v</field>'],
  ];
  for (const [label, element] of labels) {
    it(`has the custom field ${JSON.stringify(label)} as ${element}`, () => {
      const document = writeCustomerXml(customerWith({}, [[label, 'v']]), 'a');
      assert.ok(document.includes(`\n    ${element}\n`), document);
      readXml(document);
    });
  }

  it('closes a custom field without value, and writes numbers as they are', () => {
    const document = writeCustomerXml(
      customerWith({}, [
        ['2024', null],
        ['plan', ''],
        ['visits', 0],
        ['9', 7],
      ]),
      'a',
    );
    for (const line of [
      '<field name="2024"/>',
      '<plan/>',
      '<visits>0</visits>',
      '<field name="9">7</field>',
    ]) {
      assert.ok(document.includes(`\n    ${line}\n`), line);
    }
  });

  it('escapes & < > alone, and cannot be left by a value', () => {
    const value = `]]></comments><lead_id>9</lead_id> & &amp; "q" 'a'`;
    const document = writeCustomerXml(customerWith({ comments: value }), 'a');
    assert.ok(
      document.includes(
        `<comments>]]&gt;&lt;/comments&gt;&lt;lead_id&gt;9&lt;/lead_id&gt; &amp; &amp;amp; "q" 'a'</comments>`,
      ),
    );
    assert.equal(childOf(childOf(readXml(document), 'lead_info'), 'comments').text, value);
  });

  it('leaves out the action that nobody sent, and lists fields as items', () => {
    const document = writeEnvelopeXml(
      { result: 'validation_failed', code: '41002', message: 'm', fields: ['lead_id', 'phone_number'] },
      undefined,
    );
    assert.equal(
      document,
      '<?xml version="1.0" encoding="UTF-8"?>\n<goautodialapi version="4.0">\n  <result>validation_failed</result>\n' +
        '  <code>41002</code>\n  <message>m</message>\n  <fields>\n    <item id="0">lead_id</item>\n' +
        '    <item id="1">phone_number</item>\n  </fields>\n</goautodialapi>\n',
    );
    assert.equal(readXml(document).children.length, 4);
  });

  const python = spawnSync('python3', ['-c', 'import xml.parsers.expat']);
  const noPython = python.status === 0 ? false : 'python3 with expat is not here (apt-get install python3)';

  /** The first document that expat does not take, and why. */
  function refusalOfExpat(documents: readonly string[]): string {
    const script =
      'import json, sys, xml.parsers.expat\n' +
      'for document in json.load(sys.stdin):\n' +
      '    try: xml.parsers.expat.ParserCreate().Parse(document.encode("utf-8"), True)\n' +
      '    except xml.parsers.expat.ExpatError as e: sys.exit(f"{e}: {ascii(document.split(chr(10))[e.lineno - 1])}")\n' +
      'print("parsed all")\n';
    const input = JSON.stringify(documents);
    const { stdout, stderr } = spawnSync('python3', ['-c', script], { input, encoding: 'utf8' });
    return stdout.trim() + stderr.trim();
  }

  it('parses in a second, independent parser', { skip: noPython }, () => {
    const documents = EVERY_CODE_POINT.map((text) =>
      writeCustomerXml(customerWith({ comments: text }, [['a', text]]), text),
    );
    assert.equal(refusalOfExpat(documents), 'parsed all');
  });

  it(
    'parses there with every label, too: old parsers know fewer letters for names',
    { skip: noPython },
    () => {
      const documents = EVERY_CODE_POINT.map((text) => {
        const labels = text.split('x').flatMap((character) => [character, `a${character}`]);
        return writeCustomerXml(
          customerWith(
            {},
            labels.map((label) => [label, 'v'] as const),
          ),
          'a',
        );
      });
      assert.equal(refusalOfExpat(documents), 'parsed all');
    },
  );
});

describe('the same answer in JSON', () => {
  it('gives back every code point as it is stored, lone surrogates too, as valid UTF-8', () => {
    for (const text of EVERY_CODE_POINT) {
      const json = writeCustomerJson(customerWith({ comments: text }, [['notes', text]]));
      assert.ok(json.isWellFormed());
      const read = JSON.parse(json) as { lead_info: { comments: string }; custom_info: { notes: string } };
      assert.equal(read.lead_info.comments, text);
      assert.equal(read.custom_info.notes, text);
    }
  });

  it('keeps the order of the custom fields, whatever their labels', () => {
    const custom: CustomInfo = [
      ['zeta', 'z'],
      ['2024', null],
      ['1', 0],
      ['__proto__', 'p'],
      ['a"b', ''],
    ];
    const json = writeCustomerJson(customerWith({}, custom));
    assert.ok(
      json.includes(
        '"custom_info":{"zeta":"z","2024":null,"1":0,"__proto__":"p","a\\"b":""},"is_customer":0}',
      ),
    );
    assert.doesNotThrow(() => JSON.parse(json) as unknown);
  });

  it('has null, not an empty object, where there is no custom info', () => {
    assert.ok(writeCustomerJson(customerWith({})).includes('"custom_info":null'));
  });
});
