import { firstKeyOf } from '../auth/secrets.ts';
import { domainsOf, ONLY_DOMAIN } from '../config/domains.ts';
import type { Config } from '../config/settings.ts';
import { printable, type Terminal } from '../process/terminal.ts';

/**
 * Prints the links by which the first admins of domains are made, each once: on standard output, because standard error is the
 * log, which others may read.
 *
 * @param secret of this start (`ServedSettings.firstSecret`)
 * @param config the settings as they are now
 */
export function createFirstLinks(terminal: Terminal, secret: string, config: () => Config) {
  const noted = new Set<string>();
  let at: string | undefined;

  function print(name: string): void {
    if (at === undefined) return;
    const which = name === ONLY_DOMAIN ? 'there is' : `the domain ${name} has`;
    terminal.err(
      printable(
        `callercard: ${which} no user yet; whoever opens this link makes the first admin, once and while this server runs:`,
      ),
    );
    const domain = domainsOf(config()).find((one) => one.name === name);
    terminal.out(`${addressOf(at, domain?.hosts[0])}/console/first?key=${firstKeyOf(secret, name)}`);
  }

  return {
    /** To be called with the name of a domain that has no user. */
    note(name: string): void {
      if (noted.has(name)) return;
      noted.add(name);
      print(name);
    },
    /** To be called once requests are taken, with the server's URL. */
    listening(url: string): void {
      at = url;
      for (const name of noted) print(name);
    },
  };
}

/** Every address of a machine is none that a browser could open. */
function addressOf(url: string, host: string | undefined): string {
  const address = new URL(url);
  if (host !== undefined) address.hostname = host;
  else if (address.hostname === '0.0.0.0') address.hostname = '127.0.0.1';
  else if (address.hostname === '[::]') address.hostname = '[::1]';
  return address.origin;
}
