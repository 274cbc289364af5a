import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { Eta } from 'eta/core';

import { escapeHtml } from './shown-text.ts';

/** What the pages of every endpoint share: `assets/` and `templates/` beside this file. */
const SHARED = import.meta.dirname;

/** A file that a browser fetches and may keep: other content has another path. */
export interface Asset {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
}

/**
 * Reads the files of an endpoint's pages, once at the start.
 *
 * @param folder of the endpoint, with its own `assets/` and `templates/`
 * @param path below which browsers find the files, such as `/card/assets/`
 */
export function createPageFiles(folder: string, path: string) {
  const asset = (name: string, type: string, body: Buffer): Asset => {
    const mark = createHash('sha256').update(body).digest('hex').slice(0, 12);
    return { name, path: `${path}${name.replace('.', `-${mark}.`)}`, type, body };
  };
  const read = (file: string) => readFileSync(join(folder, 'assets', file));
  return {
    /** @param sheets in this order: what comes later wins; `shared:NAME` is one of every endpoint */
    readStyle: (name: string, sheets: readonly string[]): Asset =>
      asset(
        name,
        'text/css; charset=utf-8',
        Buffer.concat(
          sheets.map((sheet) => {
            const [, shared] = /^shared:(.+)$/.exec(sheet) ?? [];
            const home = shared === undefined ? folder : SHARED;
            return readFileSync(join(home, 'assets', 'styles', `${shared ?? sheet}.css`));
          }),
        ),
      ),
    readIcon: (): Asset =>
      asset('icon.svg', 'image/svg+xml', readFileSync(join(SHARED, 'assets', 'icon.svg'))),
    /** @param imported the modules that it imports, which have other paths in a browser */
    readScript: (name: string, imported: readonly Asset[] = []): Asset => {
      const text = imported.reduce(
        (script, { name: other, path: its }) => script.replace(`from './${other}'`, `from '${its}'`),
        read(name).toString('utf8'),
      );
      return asset(name, 'text/javascript; charset=utf-8', Buffer.from(text));
    },
    /** Compiles the templates, which are ours alone: nothing of a request is ever compiled. */
    readTemplates: (): Eta => {
      const eta = new Eta({ autoEscape: true, cache: true, escapeFunction: escapeHtml });
      for (const home of [SHARED, folder]) {
        for (const file of readdirSync(join(home, 'templates'))) {
          const text = readFileSync(join(home, 'templates', file)).toString('utf8');
          eta.loadTemplate(`@${basename(file, '.eta')}`, text);
        }
      }
      return eta;
    },
  };
}
