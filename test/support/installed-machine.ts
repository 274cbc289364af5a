import assert from 'node:assert/strict';

import { type RunningServer, watchServer } from './command.ts';
import type { RunOptions, ScratchRoot } from './scratch-root.ts';

const { parseEnvironment } = (await import(new URL('../../deploy/callercard.mjs', import.meta.url).href)) as {
  parseEnvironment: (text: string) => Readonly<Record<string, string>>;
};

export const ENVIRONMENT_FILE = '/etc/callercard/environment';

/** A machine on which callercard is installed as a service. What systemd would do to start it, this does by its unit. */
export class InstalledMachine {
  readonly #root: ScratchRoot;
  readonly #unit: string;
  readonly #code: string;

  /** @param unit the path of the unit @param code the folder of the product */
  constructor(root: ScratchRoot, unit: string, code: string) {
    this.#root = root;
    this.#unit = unit;
    this.#code = code;
  }

  /** @returns what the script said @throws {AssertionError} it failed */
  async run(script: string, options?: RunOptions): Promise<string> {
    const { code, stdout, stderr } = await this.#root.run(['bash', '-e', '-c', script], options);
    assert.equal(code, 0, `${script}\n${stdout}\n${stderr}`);
    return stdout + stderr;
  }

  /** Starts the unit as systemd does: by its user, without capabilities, and with one folder to write to. */
  async start(): Promise<RunningServer> {
    const unit = await this.run(`cat ${this.#unit}`);
    const valueOf = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? '';
    assert.equal(valueOf('ProtectSystem'), 'strict');
    assert.equal(valueOf('EnvironmentFile'), `-${ENVIRONMENT_FILE}`);
    const folder = valueOf('WorkingDirectory').replace('%S', '/var/lib');
    const user = valueOf('User');
    const script = `mount --bind ${folder} ${folder}
      mount --bind ${this.#code} ${this.#code}
      for path in / ${this.#code}; do mount -o remount,bind,ro $path; done
      umask ${valueOf('UMask')}
      cd ${folder}
      exec setpriv --reuid=${user} --regid=${valueOf('Group')} --init-groups --no-new-privs --bounding-set=-all \\
        ${valueOf('ExecStart')}`;
    const env = parseEnvironment(await this.run(`cat ${ENVIRONMENT_FILE}`));
    return watchServer(this.#root.start(['unshare', '--mount', 'sh', '-e', '-c', script], { env }));
  }
}
