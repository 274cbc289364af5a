import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Where the product is; the checkout of deploy/README.md is in /opt instead. */
const HOME = 'usr/lib/callercard';
const DOC = 'usr/share/doc/callercard';
const UNITS = ['callercard.service', 'callercard-backup.service', 'callercard-backup.timer'];
const DOCUMENTS = ['README.md', 'README.es.md', 'CHANGELOG.md', 'SECURITY.md', 'docs'];

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
}

export interface Parts {
  readonly root: string;
  /** What scripts/build.ts has made. */
  readonly dist: string;
  /** The folder of a package with a Node.js. */
  readonly node: string;
  readonly version: string;
}

/** Puts everything that the Debian package installs into a folder, each file where it will be. */
export function layOutPackage(folder: string, { root, dist, node, version }: Parts): void {
  const at = (path: string) => join(folder, path);
  const copy = (from: string, to: string) => {
    mkdirSync(join(at(to), '..'), { recursive: true });
    cpSync(from, at(to), { recursive: true });
  };
  copy(join(root, 'bin'), `${HOME}/bin`);
  copy(dist, `${HOME}/dist`);
  for (const file of ['callercard.mjs', 'healthcheck.mjs'])
    copy(join(root, 'deploy', file), `${HOME}/deploy/${file}`);
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as object;
  writeFileSync(at(`${HOME}/package.json`), `${JSON.stringify({ ...manifest, version }, null, 2)}\n`);
  copyRuntimePackages(root, at(HOME));
  copy(join(node, 'bin/node'), `${HOME}/node`);
  copy(join(node, 'LICENSE'), `${DOC}/node-LICENSE`);
  for (const unit of UNITS) {
    mkdirSync(at('usr/lib/systemd/system'), { recursive: true });
    writeFileSync(
      at(`usr/lib/systemd/system/${unit}`),
      moveUnit(readFileSync(join(root, 'deploy', unit), 'utf8')),
    );
  }
  copy(join(root, 'deploy/debian/callercard'), 'usr/bin/callercard');
  copyCompletions(at(HOME), folder);
  copy(join(root, 'deploy/debian/environment'), 'etc/callercard/environment');
  copy(join(root, 'deploy/debian/copyright'), `${DOC}/copyright`);
  for (const name of DOCUMENTS) copy(join(root, name), `${DOC}/${name}`);
}

/** Where the shells of Debian look for what completes a command. */
const COMPLETIONS = {
  bash: 'usr/share/bash-completion/completions/callercard',
  zsh: 'usr/share/zsh/vendor-completions/_callercard',
  fish: 'usr/share/fish/vendor_completions.d/callercard.fish',
};

function copyCompletions(home: string, folder: string): void {
  for (const [shell, path] of Object.entries(COMPLETIONS)) {
    const script = execFileSync(process.execPath, [join(home, 'bin/callercard'), 'completion', shell]);
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), script);
  }
}

/** A unit of deploy/, for the place and the Node.js of the package. */
function moveUnit(unit: string): string {
  return (
    unit
      .replaceAll('/usr/bin/node ', `/${HOME}/node `)
      .replaceAll('/opt/callercard/deploy/README.md', `/${DOC}/docs/install.md`)
      .replaceAll('/opt/callercard/', `/${HOME}/`)
      // Who has just installed it has no customers yet, and brings them by the console.
      .replace(/^(ExecStart=.* serve)$/m, '$1 --create')
      .replace('deploy/README.md says how to install it.', 'Changes of yours: systemctl edit.')
  );
}

/** The packages of run time, as package-lock.json lists them, without what only compilers and people read. */
export function copyRuntimePackages(root: string, home: string): void {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  const folders = Object.entries(packages).filter(([name, { dev }]) => name !== '' && dev !== true);
  for (const [name] of folders) {
    if (/^node_modules\/(?:@types\/|undici-types$)/.test(name)) continue;
    cpSync(join(root, name), join(home, name), {
      recursive: true,
      filter: (from) => basename(from) !== '.package-lock.json' && !/\.(?:[cm]?ts|map|md|flow)$/.test(from),
    });
  }
}
