import ts from 'typescript';

/** A file below `src/`, by its path from the repository's root. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Modules by which text becomes a program, or a program is started. */
const MODULES = /^(?:node:)?(?:child_process|cluster|vm|repl|inspector(?:\/promises)?|module|wasi)$/;
/** What starts the processes that answer, of this program and of no other. */
const STARTS_WORKERS = 'src/cluster/worker-process.ts';

/** What starts a process for a file that is imported: of this program, too. */
const STARTS_IMPORTS = 'src/domain/import-process.ts';
const FORKS = /^import \{ type ChildProcess, fork \} from 'node:child_process';$/;

const FILES = /^(?:node:)?fs(?:\/promises)?$/;
/** Modules that see what a request holds, or what was made of it. */
const REQUEST_MODULES = /^src\/(?:core|auth|throttle|service|endpoints|http|domain|observe|events)\//;
/** Of those, what opens a file: a page's own, one that a setting names, a descriptor that is open already, the system's. */
const OPENS_FILES: ReadonlySet<string> = new Set([
  // Looks whether the audit's own folder is there; no request names it.
  'src/domain/search-audit.ts',
  // The file of one of the calling codes that it lists.
  'src/endpoints/card/number-places.ts',
  'src/endpoints/pages/assets.ts',
  'src/endpoints/v1/reference.ts',
  'src/observe/log.ts',
  'src/http/tls.ts',
  'src/observe/process-metrics.ts',
]);

/** What evaluates text, or reaches a module that no import names. */
const EVALUATES =
  /^(?:eval|Function|globalThis\.eval|globalThis\.Function|require|process\.(?:binding|dlopen|getBuiltinModule))$/;

/** An import of its own: src/http/node-http.ts says why. */
const LOADS_HTTP = "process.getBuiltinModule('node:http')";

/** What could run input as a program or a module, or open it as a file; one line each. */
export function findDangers(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ path, text }) => {
    const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
    const found: string[] = [];
    const inspect = (node: ts.Node) => {
      const danger = dangerOf(node, path);
      if (danger !== undefined) {
        found.push(`${path}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${danger}`);
      }
      ts.forEachChild(node, inspect);
    };
    inspect(tree);
    return found;
  });
}

function dangerOf(node: ts.Node, path: string): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    // A type starts nothing.
    if (ts.isImportDeclaration(node) && node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
      return undefined;
    const { moduleSpecifier } = node;
    // Its calls are looked at below.
    if (path === STARTS_IMPORTS && FORKS.test(node.getText())) return undefined;
    return moduleSpecifier !== undefined && ts.isStringLiteral(moduleSpecifier)
      ? dangerOfModule(moduleSpecifier.text, path)
      : undefined;
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [module] = node.arguments;
    if (module === undefined || !ts.isStringLiteral(module)) return 'imports a module that a text names';
    return dangerOfModule(module.text, path);
  }
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) return dangerOfCall(node);
  return undefined;
}

function dangerOfModule(name: string, path: string): string | undefined {
  if (MODULES.test(name) && !(name === 'node:cluster' && path === STARTS_WORKERS)) return `imports ${name}`;
  if (FILES.test(name) && REQUEST_MODULES.test(path) && !OPENS_FILES.has(path)) {
    return `imports ${name}, where a request may name a file`;
  }
  return undefined;
}

function dangerOfCall(node: ts.CallExpression | ts.NewExpression): string | undefined {
  const called = node.expression.getText();
  if (EVALUATES.test(called) && node.getText() !== LOADS_HTTP) return `calls ${called}`;
  if (called.endsWith('.constructor')) return 'calls a constructor that a value names';
  const [first] = node.arguments ?? [];
  if (
    /^(?:globalThis\.)?set(?:Timeout|Interval|Immediate)$/.test(called) &&
    first !== undefined &&
    ts.isStringLiteralLike(first)
  ) {
    return 'evaluates a text later';
  }
  if (called === 'fork' && first?.getText() !== 'WORKER_FILE')
    return `starts the program ${first?.getText() ?? ''}`;
  // A thread's file is one of ours, beside the file that starts it.
  if (
    called === 'Worker' &&
    !/^new URL\('\.\/[\w-]+-worker\.ts', import\.meta\.url\)$|^WORKER_FILE$/.test(first?.getText() ?? '')
  ) {
    return `starts the thread ${first?.getText() ?? ''}`;
  }
  return undefined;
}
