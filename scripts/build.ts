/**
 * Makes dist/ for the published package (`npm pack` runs this): Node.js does not strip types under node_modules.
 * In a checkout nothing needs a build. With an argument it is made in that folder.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = resolve(process.argv[2] ?? join(root, 'dist'));

rmSync(dist, { recursive: true, force: true });
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const compile = (project: string, outDir: string) =>
  spawnSync(process.execPath, [compiler, '--project', join(root, project), '--outDir', outDir], {
    stdio: 'inherit',
  }).status;
let status = compile('tsconfig.build.json', dist);
// The client a second time, with its types, as a browser and Node.js alike can run it.
if (status === 0) status = compile('tsconfig.client.json', join(dist, 'client'));
/** What is read from files as it is. */
const READ = [
  'stores/sqlite/migrations',
  'stores/postgresql/migrations',
  'endpoints/pages/templates',
  'endpoints/pages/assets',
  'endpoints/card/places',
  'endpoints/card/templates',
  'endpoints/card/assets',
  'endpoints/console/templates',
  'endpoints/console/assets',
  'endpoints/v1/reference.css',
  'endpoints/v1/reference.eta',
  'cli/demo-leads.csv',
];
if (status === 0) {
  for (const path of READ) cpSync(join(root, 'src', path), join(dist, path), { recursive: true });
}
process.exitCode = status ?? 1;
