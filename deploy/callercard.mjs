#!/usr/bin/env node
/**
 * The command of an installed service: `callercard ARGS...` by the service's user, in its folder and with the settings of its
 * environment file, which is read as systemd reads it. deploy/README.md makes it /usr/local/bin/callercard.
 *
 * This file must run on Node.js 18, like the launcher.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';

import { launch, startCallercard } from '../bin/with-node.mjs';

// As in deploy/callercard.service.
const USER = 'callercard';
const FOLDER = '/var/lib/callercard';
const ENVIRONMENT_FILE = '/etc/callercard/environment';

/**
 * The variables of an environment file, as systemd understands it: EnvironmentFile= in systemd.exec(5).
 *
 * @param {string} text
 * @returns {Record<string, string>}
 */
export function parseEnvironment(text) {
  const found = {};
  let at = 0;
  /** Takes what fits the pattern here; returns the first group, or all of it. */
  const take = (pattern) => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return undefined;
    at += match[0].length;
    return match[1] ?? match[0];
  };
  /** In quotes is anything; what begins without quotes goes to the end of the line. */
  const takeValue = () => {
    let value = '';
    for (;;) {
      take(/[ \t]+/y);
      if (text[at] === "'") value += take(/'([^']*)'?/y);
      else if (text[at] === '"') value += unescapeQuoted(take(/"((?:\\[^]|[^"\\])*)"?/y) ?? '');
      else return value + unescapePlain(take(/((?:\\[^]|[^\\\r\n])*?)[ \t]*(?:\\?$|(?=[\r\n]))/y) ?? '');
    }
  };
  while (at < text.length) {
    take(/[ \t\r\n]+/y);
    // A comment.
    if (take(/[#;](?:\\[^]|[^\\\r\n])*/y) !== undefined) continue;
    const name = take(/[^=\r\n]*/y)?.trimEnd() ?? '';
    if (take(/=/y) === undefined) continue;
    const value = takeValue();
    if (/^[A-Za-z_]\w*$/.test(name)) found[name] = value;
  }
  return found;
}

function unescapeQuoted(text) {
  return text.replace(/\\([^])/g, (both, sign) => {
    if (sign === '\n') return '';
    return '"\\`$'.includes(sign) ? sign : both;
  });
}

function unescapePlain(text) {
  return text.replace(/\\([^])/g, (_, sign) => (sign === '\n' || sign === '\r' ? '' : sign));
}

/** The settings of the service. Of the caller's own, which a shell may happen to have, none counts. */
function readSettings() {
  if (!existsSync(ENVIRONMENT_FILE)) return {};
  return parseEnvironment(readFileSync(ENVIRONMENT_FILE, 'utf8'));
}

/** Becomes the service's user, for good. */
function becomeService(settings) {
  if (process.getuid() === 0) {
    // With it root's groups go.
    process.initgroups(USER, USER);
    process.setgid(USER);
    process.setuid(USER);
  }
  for (const name of Object.keys(process.env))
    if (/^(?:CALLERCARD_.*|HOST|PORT)$/.test(name)) delete process.env[name];
  Object.assign(process.env, { HOME: FOLDER, USER, LOGNAME: USER }, settings);
  process.chdir(FOLDER);
  process.umask(0o077);
}

function fail(message) {
  process.stderr.write(`callercard: ${message}\n`);
  process.exit(1);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  if (process.getuid() !== 0 && userInfo().username !== USER)
    fail(`run this as root, or as the user ${USER}`);
  try {
    becomeService(readSettings());
  } catch (error) {
    fail(`the service is not set up as deploy/README.md says (${error.message})`);
  }
  await launch(startCallercard);
}
