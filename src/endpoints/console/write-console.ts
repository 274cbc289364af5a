import type { DomainContext } from '../../service/services.ts';
import { createPageFiles } from '../pages/assets.ts';
import type { Language, Reader } from '../pages/reader.ts';
import { SHELL_WORDS } from './shell-words.ts';

/** A page as the navigation has it. */
export interface NavigationEntry {
  /** Its own address; forms go to addresses below. */
  readonly path: string;
  /** What the navigation calls it. */
  readonly label: Readonly<Record<Language, string>>;
  /** Whether the domain has it; without it every domain does. */
  readonly isFor?: (domain: DomainContext) => boolean;
}

interface WrittenPage {
  readonly template: string;
  readonly title: string;
  readonly words?: object;
  readonly view?: object;
  /** What the sign-in form shows. */
  readonly signIn?: object;
  /** Where the browser goes on by itself. */
  readonly refresh?: string;
}

interface ConsoleFrame {
  readonly reader: Reader;
  readonly domain: DomainContext;
  /** Who is signed in; undefined: the page has no navigation. */
  readonly user?: string;
  /** What a form has to send back. */
  readonly token: string;
  /** The route of the page. */
  readonly path?: string;
}

/** Writes whole pages. */
export type WriteConsole = (page: WrittenPage, frame: ConsoleFrame) => string;

const pageFiles = () => createPageFiles(import.meta.dirname, '/console/assets/');

/** The files that a browser fetches and may keep. */
export function readConsoleAssets() {
  const { readStyle, readScript, readIcon } = pageFiles();
  return { style: readStyle('console.css', STYLES), script: readScript('console.js'), icon: readIcon() };
}

/** In this order: what comes later wins. */
const STYLES = [
  'shared:base',
  'shared:controls',
  'shared:bar',
  'shared:pages',
  'console',
  'charts',
  'customers',
] as const;

/** @param pages those of the navigation, in its order */
export function createConsoleWriter(
  { style, script, icon }: ReturnType<typeof readConsoleAssets>,
  pages: readonly NavigationEntry[],
): WriteConsole {
  const eta = pageFiles().readTemplates();
  const assets = { style: style.path, script: script.path, icon: icon.path };
  return (
    { template, title, words = {}, view = {}, signIn, refresh },
    { reader, domain, path, ...frame },
  ) => {
    const navigation = pages
      .filter(({ isFor }) => isFor?.(domain) !== false)
      .map((page) => ({
        href: page.path,
        label: page.label[reader.language],
        isHere:
          page.path === path || (page.path !== '/console' && path?.startsWith(`${page.path}/`) === true),
      }));
    return eta.render('@layout', {
      ...frame,
      assets,
      navigation,
      template,
      title,
      view,
      // The shared form of the sign-in reads its own from `page`.
      page: signIn,
      refresh,
      lang: reader.tag,
      words: { ...SHELL_WORDS[reader.language], ...words },
    });
  };
}
