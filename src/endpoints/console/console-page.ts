import type { ConsoleSources } from './sources.ts';
import type { Answer } from './admin-request.ts';
import type { NavigationEntry } from './write-console.ts';

/** Where a page says what its addresses do. Whoever is no admin of the domain never gets there. */
export interface ConsoleRoutes {
  /** A page. */
  readonly show: (path: string, answer: Answer) => void;
  /** What a form does: only one of a page of ours gets there. A reload of its address leads back to the page. */
  readonly act: (path: string, answer: Answer) => void;
  /** The same for a file or a part of one: it is read only of somebody who may come in. */
  readonly take: (method: 'POST' | 'PUT', path: string, answer: Answer) => void;
}

/** One page of the console, and its forms. `console-pages.ts` names all of them. */
export interface ConsolePage extends NavigationEntry {
  readonly addRoutes: (routes: ConsoleRoutes, sources: ConsoleSources) => void;
}
