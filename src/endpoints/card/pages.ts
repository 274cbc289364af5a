import { Eta } from 'eta/core';

import { type Reader, WORDS } from './language.ts';
import { readTemplates, type Asset, type AssetName } from './page-files.ts';
import type { CustomerView } from './view-customer.ts';

/** Something that went another way than asked, and what to do. */
export interface Notice {
  readonly title: string;
  readonly text: string;
}

export interface Link {
  readonly href: string;
  readonly label: string;
}

/** One of several people with a number. */
export interface MatchView {
  readonly href: string;
  readonly name: string;
  readonly isCustomer: boolean;
  /** What tells it from the others. */
  readonly about: readonly string[];
}

/** What the page is about; each has a template of this name. */
export type Page =
  | {
      readonly template: 'sign-in';
      readonly notice?: Notice | undefined;
      readonly userName: string;
      /** The caller who waits behind the form, in words. */
      readonly asked?: string | undefined;
      /** What of the address is to be kept through the form. */
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
      /** The winner first. */
      readonly matches: readonly MatchView[];
    }
  | ({ readonly template: 'notice'; readonly action?: Link | undefined } & Notice)
  | { readonly template: 'onward'; readonly href: string };

export interface PageFrame {
  readonly reader: Reader;
  /** Who is signed in. */
  readonly user?: string | undefined;
  /** What a form has to send back. */
  readonly token: string;
  /** What stands in the search field. */
  readonly searched: string;
}

/** Writes whole pages. */
export type WritePage = (page: Page, frame: PageFrame) => string;

/** Compiles the templates, which are ours alone: nothing of a request is ever compiled. */
export function createPages(assets: Readonly<Record<AssetName, Asset>>): WritePage {
  const eta = new Eta({ autoEscape: true, cache: true, escapeFunction: escapeHtml });
  for (const [name, text] of readTemplates()) eta.loadTemplate(`@${name}`, text);
  const paths = { style: assets.style.path, script: assets.script.path, icon: assets.icon.path };
  return (page, frame) => {
    const { [frame.reader.language]: words } = WORDS;
    return eta.render('@layout', {
      ...frame,
      page,
      words,
      assets: paths,
      lang: frame.reader.tag,
      heading: headingOf(page, words),
      refresh: page.template === 'onward' ? page.href : undefined,
    });
  };
}

function headingOf(page: Page, words: (typeof WORDS)['en']): string {
  switch (page.template) {
    case 'sign-in':
      return words.signIn;
    case 'ready':
      return words.ready;
    case 'customer':
      return page.customer.name;
    case 'matches':
      return words.matchesTitle(page.total, page.asked);
    case 'notice':
      return page.title;
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

/** As the library does, but nothing for what is not there, and only characters that a page may hold. */
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
