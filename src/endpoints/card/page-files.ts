import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The page's templates, by name. Only these are ever read, whatever a request holds. */
const TEMPLATES = [
  'layout',
  'bar',
  'copy',
  'customer',
  'icon-search',
  'keys',
  'mark',
  'matches',
  'notice',
  'onward',
  'ready',
  'sign-in',
] as const;

/** In this order: what comes later wins. */
const STYLES = ['base', 'controls', 'bar', 'customer', 'matches', 'pages', 'circumstances'] as const;

const ASSETS = {
  style: {
    name: 'card.css',
    type: 'text/css; charset=utf-8',
    files: STYLES.map((name) => `styles/${name}.css`),
  },
  script: { name: 'card.js', type: 'text/javascript; charset=utf-8', files: ['card.js'] },
  icon: { name: 'icon.svg', type: 'image/svg+xml', files: ['icon.svg'] },
} as const;

export type AssetName = keyof typeof ASSETS;

/** A file that a browser fetches, and may keep: another content has another name. */
export interface Asset {
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
}

export function readTemplates(): ReadonlyMap<string, string> {
  return new Map(TEMPLATES.map((name) => [name, read('templates', `${name}.eta`).toString('utf8')]));
}

export function readAssets(): Readonly<Record<AssetName, Asset>> {
  return { style: readAsset('style'), script: readAsset('script'), icon: readAsset('icon') };
}

function readAsset(name: AssetName): Asset {
  const { name: fileName, type, files } = ASSETS[name];
  const body = Buffer.concat(files.map((file) => read('assets', file)));
  const mark = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return { path: `/card/assets/${fileName.replace('.', `-${mark}.`)}`, type, body };
}

function read(folder: string, file: string): Buffer {
  return readFileSync(join(import.meta.dirname, folder, file));
}
