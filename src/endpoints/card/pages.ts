import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Eta } from 'eta/core';

import { type Reader, type Words, WORDS } from './language.ts';
import type { CustomerView } from './view-customer.ts';

/** What went wrong, and what to do. */
export interface Notice {
  readonly title: string;
  readonly text: string;
}

interface Link {
  readonly href: string;
  readonly label: string;
}

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
  | { readonly template: 'customer'; readonly customer: CustomerView; readonly back?: Link | undefined }
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
  | ({ readonly template: 'notice'; readonly action?: Link | undefined } & Notice)
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
  const paths = { style: assets.style.path, script: assets.script.path, icon: assets.icon.path };
  return (page, frame) => {
    const { [frame.reader.language]: words } = WORDS;
    return eta.render('@layout', {
      ...frame,
      page,
      words,
      assets: paths,
      lang: frame.reader.tag,
      title: titleOf(page, words),
      refresh: page.template === 'onward' ? page.href : undefined,
    });
  };
}

/** In this order: what comes later wins. */
const STYLES = ['base', 'controls', 'bar', 'customer', 'matches', 'pages', 'circumstances'] as const;

/** The files that a browser fetches and may keep: other content has another path. */
export function readAssets() {
  const styles = STYLES.map((name) => `styles/${name}.css`);
  return {
    style: readAsset('card.css', 'text/css; charset=utf-8', styles),
    script: readAsset('card.js', 'text/javascript; charset=utf-8', ['card.js']),
    icon: readAsset('icon.svg', 'image/svg+xml', ['icon.svg']),
  };
}

function readAsset(name: string, type: string, files: readonly string[]) {
  const body = Buffer.concat(files.map((file) => read('assets', file)));
  const mark = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return { path: `/card/assets/${name.replace('.', `-${mark}.`)}`, type, body };
}

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
  return String(value)
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
    .replace(NOT_SHOWN, '\uFFFD');
}

/** Controls but tab and line feed; overrides of the direction of writing, which make a name look like another. */
// eslint-disable-next-line no-control-regex
const NOT_SHOWN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;
