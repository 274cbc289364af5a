import path from 'node:path';
import ts from 'typescript';

/** A file below `src/`, by its path from the repository's root. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export interface Import {
  /** As written. */
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** Which rooms a room may import; `types` means `import type` alone. docs/architecture.md says the same. */
export const ARROWS: Readonly<Record<string, Readonly<Record<string, 'anything' | 'types'>>>> = {
  'main.ts': { cli: 'anything' },
  cli: {
    'app.ts': 'anything',
    config: 'anything',
    lead: 'anything',
    'lead-file': 'anything',
    access: 'anything',
    audit: 'anything',
    metrics: 'anything',
  },
  'app.ts': {
    audit: 'anything',
    config: 'anything',
    lead: 'anything',
    access: 'anything',
    store: 'anything',
    domain: 'anything',
    http: 'anything',
    goapi: 'anything',
    api: 'anything',
    card: 'anything',
    calls: 'anything',
    metrics: 'anything',
  },
  api: { lead: 'anything', access: 'anything', http: 'anything', calls: 'anything' },
  card: { lead: 'anything', access: 'anything', http: 'anything', calls: 'anything' },
  client: {},
  calls: { lead: 'anything', access: 'anything' },
  goapi: { lead: 'anything', access: 'anything', http: 'anything' },
  domain: { lead: 'anything', access: 'anything', store: 'anything', audit: 'anything', config: 'anything' },
  http: { lead: 'anything', access: 'anything', config: 'types' },
  store: { lead: 'anything', access: 'anything', config: 'types' },
  audit: { lead: 'anything', access: 'anything' },
  metrics: { lead: 'anything', access: 'types' },
  access: { lead: 'anything' },
  'lead-file': { lead: 'anything' },
  config: { lead: 'anything' },
  lead: {},
};

export const ROOMS: readonly string[] = Object.keys(ARROWS);

const STORE_DOOR = 'src/stores/open-store.ts';
/** Folders of `src/store/`: one for each engine. */
const ENGINE = /^src\/store\/([^/]+)\//;

/**
 * A thread's first file: being imported is how it starts, so it may do something then. In return nobody imports it
 * but for its types, so that it starts nowhere else.
 */
const WORKER = '-worker.ts';

const ATTICS = /(?:^|\/)(?:index\.ts$|(?:utils?|helpers?|common)(?:\/|\.ts$))/;
const MAX_LINES = 300;

/** Nothing of the product starts a process or evaluates text. */
const DANGEROUS_MODULES = new Set(['child_process', 'cluster', 'vm', 'repl', 'inspector']);
/** But for the processes that answer, which it starts of itself, and of no other program. */
const STARTS_WORKERS = 'src/cluster/worker-process.ts';

/** Every breach of the house's rules, one line each. */
export function findBreaches(files: readonly SourceFile[], packages: readonly string[]): readonly string[] {
  const parsed = files.map((file) => ({ ...file, tree: parse(file) }));
  const imports = new Map(parsed.map(({ path: from, tree }) => [from, importsOf(tree)]));
  const known = new Set(files.map((file) => file.path));
  return [
    ...parsed.flatMap((file) => breachesOfFile(file)),
    ...[...imports].flatMap(([from, found]) =>
      found.flatMap((entry) => breachesOfImport(from, entry, known, packages)),
    ),
    ...cyclesOf(imports).map((cycle) => `import cycle: ${cycle.join(' -> ')}`),
  ];
}

function parse({ path: name, text }: SourceFile): ts.SourceFile {
  return ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
}

/** Everything that a file imports, re-exports, imports dynamically or names in a type's `import('…')`. */
export function importsOf(tree: ts.SourceFile): readonly Import[] {
  const found: Import[] = [];
  const note = (node: ts.Node | undefined, typeOnly: boolean) => {
    if (node !== undefined && ts.isStringLiteralLike(node)) found.push({ specifier: node.text, typeOnly });
  };
  const visit = (node: ts.Node) => {
    if (ts.isImportDeclaration(node)) note(node.moduleSpecifier, isTypeOnly(node.importClause));
    else if (ts.isExportDeclaration(node)) {
      const named =
        node.exportClause !== undefined && ts.isNamedExports(node.exportClause)
          ? node.exportClause
          : undefined;
      note(node.moduleSpecifier, node.isTypeOnly || everyIsType(named?.elements));
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      note(node.arguments[0], false);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      note(node.argument.literal, true);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const { namedBindings } = clause;
  return (
    clause.name === undefined &&
    namedBindings !== undefined &&
    ts.isNamedImports(namedBindings) &&
    everyIsType(namedBindings.elements)
  );
}

function everyIsType(elements: readonly (ts.ImportSpecifier | ts.ExportSpecifier)[] | undefined): boolean {
  return elements !== undefined && elements.length > 0 && elements.every((element) => element.isTypeOnly);
}

function roomOf(file: string): string {
  return file.split('/')[1] ?? '';
}

function breachesOfImport(
  from: string,
  { specifier, typeOnly }: Import,
  known: ReadonlySet<string>,
  packages: readonly string[],
): readonly string[] {
  if (!specifier.startsWith('.')) return breachOfPackage(from, { specifier, typeOnly }, packages);
  const to = path.posix.join(path.posix.dirname(from), specifier);
  if (!known.has(to)) return [`${from} imports ${specifier}, which is no file below src/`];
  const told = `${from} imports ${to}`;
  if (to.endsWith(WORKER) && !typeOnly)
    return [`${told}: only types of a thread's first file may be imported`];
  const [room, other] = [roomOf(from), roomOf(to)];
  if (room === other) {
    const engine = ENGINE.exec(to)?.[1];
    const own = ENGINE.exec(from)?.[1];
    if (engine === undefined || own === engine || from === STORE_DOOR) return [];
    return [`${told}: only ${STORE_DOOR} names an engine's folder`];
  }
  const arrow = ARROWS[room]?.[other];
  if (arrow === undefined) return [`${told}: no arrow leads from ${room} to ${other}`];
  if (arrow === 'types' && !typeOnly) return [`${told}: ${room} may import only types of ${other}`];
  if (other === 'store' && ENGINE.test(to)) return [`${told}: only ${STORE_DOOR} names an engine's folder`];
  return [];
}

function breachOfPackage(
  from: string,
  { specifier, typeOnly }: Import,
  packages: readonly string[],
): readonly string[] {
  const builtin = /^node:(.+)$/.exec(specifier)?.[1];
  if (builtin !== undefined) {
    // A type starts nothing.
    if (DANGEROUS_MODULES.has(builtin) && !typeOnly && !(builtin === 'cluster' && from === STARTS_WORKERS))
      return [`${from} imports ${specifier}: nothing here starts a process or evaluates text`];
    if (roomOf(from) === 'lead') return [`${from} imports ${specifier}: lead/ is pure`];
    if (builtin === 'sqlite' && !from.startsWith('src/store/sqlite/')) {
      return [`${from} imports ${specifier}: rows stop at the store's door`];
    }
    return [];
  }
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  return packages.includes(name)
    ? []
    : [`${from} imports ${specifier}, which is no run-time dependency of package.json`];
}

function breachesOfFile({ path: name, text, tree }: SourceFile & { tree: ts.SourceFile }): readonly string[] {
  const breaches: string[] = [];
  const room = roomOf(name);
  if (ARROWS[room] === undefined) breaches.push(`${name} is in no room that docs/architecture.md names`);
  if (ATTICS.test(name)) breaches.push(`${name}: a file is named by what it exports`);
  const lines = text.trimEnd().split('\n').length;
  if (lines >= MAX_LINES) breaches.push(`${name} has ${lines} lines; the budget is below ${MAX_LINES}`);
  const visit = (node: ts.Node) => {
    const fault = faultOf(node, room, name.endsWith(WORKER));
    if (fault !== undefined) {
      breaches.push(`${name}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${fault}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return breaches;
}

function faultOf(node: ts.Node, room: string, isWorker: boolean): string | undefined {
  if (node.kind === ts.SyntaxKind.AnyKeyword) return 'says any';
  if (isDefaultExport(node)) return 'has a default export';
  if (
    ts.isHeritageClause(node) &&
    ts.isClassDeclaration(node.parent) &&
    node.token === ts.SyntaxKind.ExtendsKeyword
  ) {
    const parent = node.types[0]?.expression.getText() ?? '';
    if (!/^[A-Z]?[A-Za-z]*Error$/.test(parent)) return `extends ${parent}: only errors extend`;
  }
  if (room !== 'config' && readsEnvironment(node)) return 'reads process.env outside config/';
  if (room !== 'cli' && ts.isIdentifier(node) && node.text === 'console') return 'says console outside cli/';
  if (room !== 'main.ts' && !isWorker && ts.isExpressionStatement(node) && ts.isSourceFile(node.parent)) {
    return 'does something when it is imported';
  }
  if (ts.isCallExpression(node) && node.expression.getText() === 'eval') return 'evaluates text';
  if (ts.isNewExpression(node) && node.expression.getText() === 'Function') return 'evaluates text';
  return undefined;
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  if (ts.isExportSpecifier(node)) return node.name.text === 'default';
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
  );
}

/** `process.env`, `process['env']`, `const { env } = process`, `import { env } from 'node:process'`. */
function readsEnvironment(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node))
    return node.name.text === 'env' && /(?:^|\.)process$/.test(node.expression.getText());
  if (ts.isElementAccessExpression(node)) {
    return (
      /(?:^|\.)process$/.test(node.expression.getText()) && node.argumentExpression.getText().includes('env')
    );
  }
  if (ts.isVariableDeclaration(node)) {
    return (
      ts.isObjectBindingPattern(node.name) &&
      node.initializer?.getText() === 'process' &&
      /\benv\b/.test(node.name.getText())
    );
  }
  return ts.isImportDeclaration(node) && /\benv\b[^]*['"](?:node:)?process['"]/.test(node.getText());
}

/** Type-only imports count: a cycle of types is as hard to read as any other. One cycle for each file that closes one. */
function cyclesOf(imports: ReadonlyMap<string, readonly Import[]>): readonly (readonly string[])[] {
  const cycles: string[][] = [];
  const state = new Map<string, 'open' | 'done'>();
  const way: string[] = [];
  const walk = (file: string) => {
    state.set(file, 'open');
    way.push(file);
    for (const { specifier } of imports.get(file) ?? []) {
      const to = specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : undefined;
      if (to === undefined || !imports.has(to)) continue;
      if (state.get(to) === 'open') cycles.push([...way.slice(way.indexOf(to)), to]);
      else if (state.get(to) === undefined) walk(to);
    }
    way.pop();
    state.set(file, 'done');
  };
  for (const file of imports.keys()) if (state.get(file) === undefined) walk(file);
  return cycles;
}
