/**
 * Which module of src/ may import which: `npm run lint` and test/repo/architecture.test.ts run it. docs/architecture.md says
 * what each module is; its table is held equal to MODULES by the test.
 */

/** Each module, and the modules that it may import. */
export const MODULES = {
  core: [],
  throttle: ['core'],
  auth: ['core', 'throttle'],
  service: ['core', 'auth', 'throttle'],
  config: ['core'],
  files: ['core'],
  events: ['core'],
  connectors: ['core', 'config'],
  observe: ['core', 'config'],
  audit: ['core', 'auth', 'throttle', 'files'],
  stores: ['core', 'auth', 'config', 'files'],
  domain: ['core', 'auth', 'service', 'stores', 'audit', 'config', 'files', 'events', 'connectors'],
  http: ['core', 'auth', 'throttle', 'service', 'config', 'observe'],
  endpoints: ['core', 'auth', 'service', 'files', 'http', 'events', 'observe'],
  diagnostics: ['core', 'auth', 'config', 'connectors', 'stores', 'audit', 'events', 'http'],
  'app.ts': [
    'core',
    'config',
    'service',
    'domain',
    'audit',
    'stores',
    'http',
    'endpoints',
    'events',
    'observe',
    'diagnostics',
  ],
  'lookup.ts': ['core', 'config', 'service', 'domain', 'endpoints'],
  process: ['core', 'config', 'audit', 'http', 'diagnostics', 'app.ts'],
  cluster: ['core', 'config', 'observe', 'process', 'app.ts'],
  cli: [
    'core',
    'auth',
    'service',
    'config',
    'files',
    'audit',
    'stores',
    'observe',
    'diagnostics',
    'process',
    'cluster',
    'app.ts',
    'lookup.ts',
  ],
  'main.ts': ['cli', 'process'],
  client: [],
};

/** Of these the module may import types alone. */
const TYPES_ONLY = { http: ['config'], stores: ['config'], observe: ['config'], connectors: ['config'] };

const folder = (module) =>
  module.endsWith('.ts') ? `^src/${module.replace('.', '\\.')}$` : `^src/${module}/`;

const allowed = Object.entries(MODULES).map(([module, others]) => ({
  from: { path: folder(module) },
  to: { path: [module, ...others].map(folder) },
}));

const typesOnly = Object.entries(TYPES_ONLY).flatMap(([module, others]) =>
  others.map((other) => ({
    name: `only-types-of-${other}-in-${module}`,
    severity: 'error',
    from: { path: folder(module) },
    to: { path: folder(other), dependencyTypesNot: ['type-only'] },
  })),
);

/** Nothing of the product starts another program or evaluates text. */
const DANGEROUS = '^(?:child_process|cluster|vm|repl|inspector)(?:/|$)';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circular',
      comment:
        'Files that import each other cannot be read one after the other; cycles of types are no better.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'only-dependencies',
      comment:
        'What src/ runs with stands in `dependencies` of package.json, each with its reason in decisions/0005.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'npm-peer', 'npm-optional'] },
    },
    {
      name: 'core-is-pure',
      comment: 'core/ has no files, no network and no process.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { dependencyTypes: ['core'], pathNot: '^(?:node:)?timers' },
    },
    {
      name: 'no-program-is-started',
      comment:
        'Only the workers of `serve` are processes, and what imports a file beside it; they are this program.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(?:cluster/|domain/import-process\\.ts$)' },
      to: { path: DANGEROUS, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-other-program-is-started',
      severity: 'error',
      from: { path: '^src/cluster/' },
      to: { path: '^(?:child_process|vm|repl|inspector)(?:/|$)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'rows-stop-at-the-store',
      comment: 'SQLite is spoken in stores/sqlite/ alone.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/stores/sqlite/' },
      to: { path: '^(?:node:)?sqlite$' },
    },
    {
      name: 'few-files-name-the-engines',
      comment:
        'Beside the engines a few files of stores/ name them: those that open a store, and those that pass on what an engine has besides. diagnostics looks into each of them. stores/network/ is what databases over a network share.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot:
          '^src/(?:stores/(?:sqlite|vicidial|postgresql|network)/|stores/(?:(?:open|load|store)-[a-z]+|claim-file)\\.ts$|diagnostics/)',
      },
      to: { path: '^src/stores/(?:sqlite|vicidial|postgresql|network)/' },
    },
    {
      name: 'engines-know-nothing-of-each-other',
      severity: 'error',
      from: { path: '^src/stores/(sqlite|vicidial|postgresql)/' },
      to: { path: '^src/stores/(?:sqlite|vicidial|postgresql)/', pathNot: '^src/stores/$1/' },
    },
    {
      name: 'only-app-registers-endpoints',
      comment:
        'Endpoints know nothing of each other; but caller-id/ answers telephones as v1/ answers programs, and pages/ is what those with pages share.',
      severity: 'error',
      from: { path: '^src/endpoints/(goapi|v1|card|console|pages)/' },
      to: { path: '^src/endpoints/', pathNot: '^src/endpoints/(?:$1|pages)/' },
    },
    {
      name: 'only-servers-load-the-app',
      comment:
        'app.ts and Fastify take as long to load as all the rest, and lookup.ts half of it: a command imports them when it needs them.',
      severity: 'error',
      from: { path: '^src/(?:cli/|process/|main\\.ts$)' },
      to: {
        path: '^src/(?:app|lookup)\\.ts$',
        dependencyTypesNot: ['type-only', 'dynamic-import'],
      },
    },
    {
      name: 'only-servers-load-every-engine',
      comment:
        'A command loads the engine of its store alone, by stores/load-store.ts: each takes time to load.',
      severity: 'error',
      from: { path: '^src/(?:cli/|process/|cluster/|diagnostics/|main\\.ts$)' },
      to: {
        path: '^src/stores/(?:open-[a-z]+|store-schemas)\\.ts$',
        dependencyTypesNot: ['type-only', 'dynamic-import'],
      },
    },
    {
      name: 'first-files-are-not-imported',
      comment: 'Being imported is how a thread or a worker starts.',
      severity: 'error',
      from: {},
      to: { path: '(?:-worker|serve-worker)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-attics',
      comment: 'A file is named by what it exports.',
      severity: 'error',
      from: {},
      to: { path: '(?:^|/)(?:index\\.ts$|(?:utils?|helpers?|common)(?:/|\\.ts$))', pathNot: 'node_modules' },
    },
    ...typesOnly,
  ],
  allowed: [...allowed, { from: {}, to: { pathNot: '^src/' } }],
  allowedSeverity: 'error',
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    moduleSystems: ['es6'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
};
