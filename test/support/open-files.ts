import { existsSync, readdirSync, readlinkSync } from 'node:fs';

const DESCRIPTORS = '/proc/self/fd';

/** What `skip` of a test gets where the system does not tell which files a process has open. */
export const skipWithoutOpenFiles = existsSync(DESCRIPTORS) ? false : `there is no ${DESCRIPTORS}`;

/** The files below a folder that this process has open, each as often as it is. */
export function openFilesBelow(folder: string): readonly string[] {
  return readdirSync(DESCRIPTORS)
    .map((descriptor) => targetOf(`${DESCRIPTORS}/${descriptor}`))
    .filter((file) => file.startsWith(folder));
}

/** How many descriptors this process has open, sockets included. */
export function countDescriptors(): number {
  return readdirSync(DESCRIPTORS).length;
}

/** One that was closed meanwhile leads nowhere. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}
