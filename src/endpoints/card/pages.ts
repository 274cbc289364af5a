import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Eta } from 'eta/core';

import { EDIT_WORDS } from './edit-words.ts';
import { type Reader, type Words, WORDS } from './language.ts';
import type { AttachPage, Link, NewCustomerPage, Notice } from './page-parts.ts';
import { shownText } from './shown-text.ts';
import type { CustomerView } from './view-customer.ts';
import type { DoneView, EditingView } from './view-editing.ts';
import type { TimelinePage } from './view-timeline.ts';

/** What the page is about; each has a template of this name. */
export type Page =
  | {
      readonly template: 'sign-in';
      readonly notice?: Notice | undefined;
      readonly userName: string;
      /** The caller whose card opens after sign-in. */
      readonly asked?: string | undefined;
      /** The query to keep through the form. */
      readonly wanted: readonly (readonly [name: string, value: string])[];
      readonly isUnencrypted: boolean;
    }
  | { readonly template: 'ready' }
  | {
      readonly template: 'customer';
      readonly customer: CustomerView;
      readonly back?: Link | undefined;
      /** Undefined: the reader changes nothing here. */
      readonly editing?: EditingView | undefined;
      readonly done?: DoneView | undefined;
    }
  | TimelinePage
  | NewCustomerPage
  | AttachPage
  | {
      readonly template: 'matches';
      /** The number, as people write it. */
      readonly asked: string;
      readonly total: number;
      /** `total`, as it is shown. */
      readonly count: string;
      /** The people with the number, the winner first. */
      readonly matches: readonly {
        readonly href: string;
        readonly name: string;
        readonly isCustomer: boolean;
        /** Facts that tell it from the others. */
        readonly about: readonly string[];
      }[];
    }
  | {
      readonly template: 'confirm';
      /** What is looked up after a click: lead, number; empty where there is none. */
      readonly asked: readonly string[];
      readonly wanted: readonly (readonly [name: string, value: string])[];
    }
  | ({
      readonly template: 'notice';
      readonly action?: Link | undefined;
      readonly actions?: readonly Link[];
    } & Notice)
  | { readonly template: 'onward'; readonly href: string };

interface PageFrame {
  readonly reader: Reader;
  /** Who is signed in. */
  readonly user?: string | undefined;
  /** What a form has to send back. */
  readonly token: string;
  /** The text of the search field. */
  readonly searched: string;
}

/** Writes whole pages. */
export type WritePage = (page: Page, frame: PageFrame) => string;

/** Compiles the templates, which are ours alone: nothing of a request is ever compiled. */
export function createPages(assets: ReturnType<typeof readAssets>): WritePage {
  const eta = new Eta({ autoEscape: true, cache: true, escapeFunction: escapeHtml });
  for (const file of readdirSync(join(import.meta.dirname, 'templates'))) {
    eta.loadTemplate(`@${file.replace(/\.eta$/, '')}`, read('templates', file).toString('utf8'));
  }
  const { style, script, icon, page: pageScript, edit } = assets;
  const paths = {
    style: style.path,
    script: script.path,
    icon: icon.path,
    modules: [pageScript.path, edit.path],
  };
  return (page, frame) => {
    const { [frame.reader.language]: words } = WORDS;
    return eta.render('@layout', {
      ...frame,
      page,
      words,
      edit: EDIT_WORDS[frame.reader.language],
      assets: paths,
      lang: frame.reader.tag,
      title: titleOf(page, words),
      refresh: page.template === 'onward' ? page.href : undefined,
    });
  };
}

/** In this order: what comes later wins. */
const STYLES = [
  'base',
  'controls',
  'bar',
  'customer',
  'editing',
  'matches',
  'pages',
  'circumstances',
] as const;

/** The files that a browser fetches and may keep: other content has another path. */
export function readAssets() {
  const styles = STYLES.map((name) => `styles/${name}.css`);
  const page = readScript('page.js', []);
  const edit = readScript('edit.js', [page]);
  return {
    style: readAsset('card.css', 'text/css; charset=utf-8', Buffer.concat(styles.map(readFile))),
    script: readScript('card.js', [page, edit]),
    icon: readAsset('icon.svg', 'image/svg+xml', readFile('icon.svg')),
    page,
    edit,
  };
}

/** @param imported the modules that it imports, which have other paths in a browser */
function readScript(name: string, imported: readonly Asset[]): Asset {
  const text = imported.reduce(
    (script, { name: other, path }) => script.replace(`from './${other}'`, `from '${path}'`),
    readFile(name).toString('utf8'),
  );
  return readAsset(name, 'text/javascript; charset=utf-8', Buffer.from(text));
}

interface Asset {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
}

function readAsset(name: string, type: string, body: Buffer): Asset {
  const mark = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return { name, path: `/card/assets/${name.replace('.', `-${mark}.`)}`, type, body };
}

const readFile = (file: string) => read('assets', file);

function read(folder: string, file: string): Buffer {
  return readFileSync(join(import.meta.dirname, folder, file));
}

/** It stays in the browser's history, so it never says whom or what somebody looked up. */
function titleOf({ template }: Page, words: Words): string {
  switch (template) {
    case 'sign-in':
      return words.signIn;
    case 'ready':
      return words.ready;
    case 'customer':
    case 'matches':
    case 'timeline':
    case 'new-customer':
    case 'attach':
    case 'notice':
      return words.card;
    case 'confirm':
      return words.openCard;
    case 'onward':
      return words.goesOn;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes like the library, but writes nothing for a missing value, and only characters that a page may hold. */
function escapeHtml(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') return '';
  return shownText(String(value)).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}
