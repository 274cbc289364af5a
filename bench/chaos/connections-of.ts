import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

import type { RunningServer } from '../../test/support/command.ts';

/** The clients' ports of the connections that a process has to the server's port. */
export function clientPortsOf(pid: number, { url }: RunningServer): ReadonlySet<number> {
  const folder = `/proc/${pid}/fd`;
  const sockets = new Set(
    readdirSync(folder).map((descriptor) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${descriptor}`))?.[1];
      } catch {
        return undefined;
      }
    }),
  );
  const served = Number(new URL(url).port);
  const rows = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').trim().split('\n').slice(1);
  return new Set(
    rows.flatMap((row) => {
      const [, local = '', remote = '', , , , , , , inode = ''] = row.trim().split(/\s+/);
      return sockets.has(inode) && portOf(local) === served ? [portOf(remote)] : [];
    }),
  );
}

/** Of an address as /proc/net/tcp has it: `0100007F:1F90`. */
function portOf(address: string): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16);
}
