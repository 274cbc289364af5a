import {
  namesOfRights,
  RIGHT_BIT,
  type Right,
  type Rights,
  rightsOf,
  USER_RIGHTS,
  withImplied,
} from '../core/rights.ts';
import { wrongUse } from '../process/exit-code.ts';
import { printable, type Terminal } from '../process/terminal.ts';

/** Who is added without `--rights`: an agent at the card, who may use the documented API. */
export const DEFAULT_RIGHTS: Rights = rightsOf(['card', 'read']);
const NONE = 'none';

const TOKEN_RIGHTS = ['read', 'edit', 'calls'] as const satisfies readonly Right[];
export const DEFAULT_SCOPE = 'read';
/** What version 0.1 called the scope of all of /v1. */
const FORMER_SCOPE = 'api';

/** Of `--rights`. */
export const RIGHTS_HELP =
  'card (signs in and sees cards), read (the documented API, and what /v1 reads), edit, calls (notifies calls), admin, separated by commas; or none';

/** What `--rights` says: names separated by commas, or `none`. */
export function readRights(text: string): Rights {
  if (text === NONE) return 0;
  return readNames(text, USER_RIGHTS, (name) => {
    const known = `${USER_RIGHTS.join(', ')}, separated by commas, or ${NONE}`;
    return wrongUse(`--rights takes ${known}; not "${name}"`);
  });
}

/** What `--scope` says. The terminal gets a warning for the name of version 0.1. */
export function readScope(text: string, terminal: Terminal): Rights {
  if (text === 'caller-id') return RIGHT_BIT['caller-id'];
  if (text === FORMER_SCOPE) {
    const rights = rightsOf(['read', 'calls']);
    terminal.err(
      `callercard: the scope ${FORMER_SCOPE} is now called ${writeRights(rights)}; it still counts, but rename it (--scope)`,
    );
    return rights;
  }
  return readNames(text, TOKEN_RIGHTS, (name) =>
    wrongUse(
      name === 'caller-id'
        ? '--scope caller-id stands alone: the token will be in URLs, which others log; make another token for the rest'
        : `--scope takes ${TOKEN_RIGHTS.join(', ')}, separated by commas, or caller-id alone; not "${name}"`,
    ),
  );
}

/** As `--rights` and `--scope` take them. */
export function writeRights(rights: Rights): string {
  return rights === 0 ? NONE : namesOfRights(rights).join(',');
}

function readNames(text: string, known: readonly Right[], refusal: (name: string) => Error): Rights {
  const names = text.split(',').map((part) => part.trim());
  const found = names.map((name) => {
    const right = known.find((one) => one === name);
    if (right === undefined) throw refusal(printable(name));
    return right;
  });
  return withImplied(rightsOf(found));
}
