import { type Asset, createPageFiles } from '../pages/assets.ts';
import { EDIT_WORDS } from './edit-words.ts';
import type { Link, Notice } from '../pages/notice.ts';
import type { Reader } from '../pages/reader.ts';
import type { ReadyPage } from './home.ts';
import { type Words, WORDS } from './language.ts';
import type { AccountPage, AttachPage, NewCustomerPage } from './page-parts.ts';
import type { CustomerView } from './view-customer.ts';
import type { DoneView, EditingView } from './view-editing.ts';
import type { EarlierView } from './view-earlier.ts';
import type { MatchesPage } from './view-matches.ts';
import type { NewNumberPage } from './view-new-number.ts';
import type { TimelinePage } from './view-timeline.ts';

/** What the page is about; each has a template of this name. */
export type Page =
  | {
      readonly template: 'sign-in';
      readonly notice?: Notice | undefined;
      readonly userName: string;
      /** The store has no user, so that nobody can sign in. */
      readonly lacksUsers: boolean;
      /** The caller whose card opens after sign-in. */
      readonly asked?: string | undefined;
      /** The query to keep through the form. */
      readonly wanted: readonly (readonly [name: string, value: string])[];
      readonly isUnencrypted: boolean;
      /** Where the form goes. */
      readonly action: string;
    }
  | ReadyPage
  | {
      readonly template: 'customer';
      readonly customer: CustomerView;
      readonly back?: Link | undefined;
      readonly earlier: EarlierView | undefined;
      /** Undefined: the reader changes nothing here. */
      readonly editing?: EditingView | undefined;
      readonly done?: DoneView | undefined;
    }
  | TimelinePage
  | NewCustomerPage
  | AttachPage
  | MatchesPage
  | {
      readonly template: 'confirm';
      /** What is looked up after a click: lead, number; empty where there is none. */
      readonly asked: readonly string[];
      readonly wanted: readonly (readonly [name: string, value: string])[];
    }
  | ({
      readonly template: 'notice';
      readonly action?: Link | undefined;
    } & Notice)
  | NewNumberPage
  | AccountPage
  | { readonly template: 'onward'; readonly href: string };

interface PageFrame {
  readonly reader: Reader;
  /** Who is signed in. */
  readonly user?: string | undefined;
  /** What a form has to send back. */
  readonly token: string;
  /** The text of the search field. */
  readonly searched: string;
  /** Customers are searched by name, too. */
  readonly findsNames?: boolean;
}

/** Writes whole pages. */
export type WritePage = (page: Page, frame: PageFrame) => string;

/** @param assets the files that the pages name */
export function createPages(assets: ReturnType<typeof readAssets>): WritePage {
  const eta = pageFiles().readTemplates();
  const { style, script, icon, modules } = assets;
  const paths = {
    style: style.path,
    script: script.path,
    icon: icon.path,
    modules: modules.map(({ path }) => path),
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

const pageFiles = () => createPageFiles(import.meta.dirname, '/card/assets/');

/** What the page's script imports; each may import those before it. */
const MODULES = ['page.js', 'edit.js', 'call-bar.js', 'alerts.js', 'clock.js'] as const;

/** The files that a browser fetches and may keep. */
export function readAssets() {
  const { readStyle, readScript, readIcon } = pageFiles();
  const modules: Asset[] = [];
  for (const name of MODULES) modules.push(readScript(name, modules));
  const style = readStyle('card.css', STYLES);
  const icon = readIcon();
  const script = readScript('card.js', modules);
  return { style, icon, script, modules, all: [style, icon, script, ...modules] };
}

/** In this order: what comes later wins. */
const STYLES = [
  'shared:base',
  'shared:controls',
  'shared:bar',
  'call',
  'customer',
  'glance',
  'editing',
  'account',
  'matches',
  'shared:pages',
  'circumstances',
] as const;

/** It stays in the browser's history, so it never says whom or what somebody looked up. */
function titleOf(page: Page, words: Words): string {
  switch (page.template) {
    case 'account':
      return page.words.title;
    case 'sign-in':
      return words.signIn;
    case 'ready':
      return words.ready;
    case 'customer':
    case 'matches':
    case 'timeline':
    case 'new-customer':
    case 'attach':
    case 'new-number':
    case 'notice':
      return words.card;
    case 'confirm':
      return words.openCard;
    case 'onward':
      return words.goesOn;
  }
}
