import { DialerFailureError, type FailureKind } from '../../stores/vicidial/dialer-failure.ts';
import type { Read } from '../../stores/vicidial/schema.ts';

/** One right of an account, as SHOW GRANTS tells it. */
export interface Grant {
  /** In capitals: `SELECT`, `ALL PRIVILEGES`. */
  readonly privilege: string;
  /** In lower case; undefined: all of them. */
  readonly columns: readonly string[] | undefined;
  /** undefined: every database. */
  readonly database: string | undefined;
  /** undefined: every table. */
  readonly table: string | undefined;
}

export interface Grants {
  readonly grants: readonly Grant[];
  /** Whose rights the account has, or may take on. */
  readonly roles: readonly string[];
  /** Those of them whose rights our account may not look at. */
  readonly unreadRoles: readonly string[];
}

/** Everything that our account may do, by itself and through roles. */
export async function readGrants(read: Read): Promise<Grants> {
  // Without FOR: the role that is in force is told too, with those behind it.
  const lines = await readLines(read, 'SHOW GRANTS');
  const told = new Set(lines.flatMap((line) => ownerOf(line)));
  const roles = [...new Set(lines.flatMap(rolesOf))];
  const unreadRoles: string[] = [];
  for (const role of roles.filter((name) => !told.has(name))) {
    try {
      lines.push(...(await readLines(read, `SHOW GRANTS FOR ${role}`)));
    } catch (cause) {
      const isRefused = cause instanceof DialerFailureError && REFUSALS.has(cause.kind);
      if (!isRefused) throw cause;
      unreadRoles.push(role);
    }
  }
  return { grants: [...new Set(lines)].flatMap(grantsOf), roles, unreadRoles };
}

const REFUSALS: ReadonlySet<FailureKind> = new Set(['schema', 'statement']);

async function readLines(read: Read, sql: string): Promise<string[]> {
  return (await read(sql, [])).map(([line]) => String(line));
}

const NAME = '(?:`(?:[^`]|``)*`)';

/** ``GRANT `role` TO …``, without ON; MySQL names several, each with a host. Quoted again, as old servers do not. */
function rolesOf(line: string): readonly string[] {
  const text = new RegExp(`^GRANT (${NAME}(?:@${NAME})?(?:, ?${NAME}@${NAME})*|[\\w$]+) TO `).exec(line)?.[1];
  if (text === undefined) return [];
  return text.startsWith('`') ? (text.match(new RegExp(`${NAME}(?:@${NAME})?`, 'g')) ?? []) : [`\`${text}\``];
}

/** Whose right a line is, if a role's: those have no host. */
function ownerOf(line: string): readonly string[] {
  const name = new RegExp(` TO (${NAME})(?!@)`).exec(line)?.[1];
  return name === undefined ? [] : [name];
}

const GRANT = new RegExp(
  `^GRANT (.+?) ON (TABLE |PROCEDURE |FUNCTION |PACKAGE BODY |PACKAGE )?(\\*|${NAME})\\.(\\*|${NAME}) TO `,
);

/** A line that is no grant of rights gives none: one that names a role, or a default role. */
function grantsOf(line: string): readonly Grant[] {
  const everywhere = { columns: undefined, database: undefined, table: undefined };
  if (line.startsWith('GRANT PROXY ON ')) return [{ privilege: 'PROXY', ...everywhere }];
  const [, privileges, , database, table] = GRANT.exec(line) ?? [];
  if (privileges === undefined || database === undefined || table === undefined) return [];
  const place = { database: nameOf(database)?.replace(/\\([_%])/g, '$1'), table: nameOf(table) };
  const grants = splitPrivileges(privileges).map(({ privilege, columns }) => ({
    privilege,
    columns,
    ...place,
  }));
  return line.includes(' WITH GRANT OPTION')
    ? [...grants, { privilege: 'GRANT OPTION', columns: undefined, ...place }]
    : grants;
}

function splitPrivileges(text: string): readonly Pick<Grant, 'privilege' | 'columns'>[] {
  return [...text.matchAll(/([A-Z][A-Z_ ]*[A-Z])(?: \(([^)]*)\))?/g)].map(([, privilege = '', columns]) => ({
    privilege,
    columns: columns?.split(',').map((name) => name.trim().replaceAll('`', '').toLowerCase()),
  }));
}

function nameOf(text: string): string | undefined {
  return text === '*' ? undefined : text.slice(1, -1).replaceAll('``', '`');
}
