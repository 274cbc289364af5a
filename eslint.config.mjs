import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

import { plainWords } from './scripts/lint/plain-words.ts';

/** What the agent's page takes from the browser. */
const BROWSER = [
  'AbortController',
  'AbortSignal',
  'AudioContext',
  'CustomEvent',
  'DOMParser',
  'EventSource',
  'FormData',
  'MutationObserver',
  'Notification',
  'URL',
  'URLSearchParams',
  'addEventListener',
  'clearTimeout',
  'document',
  'fetch',
  'getSelection',
  'history',
  'localStorage',
  'location',
  'navigator',
  'scrollTo',
  'sessionStorage',
  'setInterval',
  'setTimeout',
  'window',
];

const NO_DEFAULT_EXPORT = 'A file exports by name.';

/** What src/ does without; each entry is planted and found in test/repo/architecture.test.ts. */
export const SOURCE_SYNTAX = [
  { selector: 'ExportDefaultDeclaration', message: NO_DEFAULT_EXPORT },
  { selector: "ExportSpecifier[exported.name='default']", message: NO_DEFAULT_EXPORT },
  {
    selector: 'ClassDeclaration[superClass]:not([superClass.name=/Error$/])',
    message: 'Only errors extend.',
  },
  { selector: "CallExpression[callee.name='eval']", message: 'Nothing evaluates text.' },
  { selector: "NewExpression[callee.name='Function']", message: 'Nothing evaluates text.' },
];

/** Being imported is how these start; everything else does nothing then. */
const FIRST_FILES = ['src/main.ts', 'src/cluster/serve-worker.ts', 'src/**/*-worker.ts'];

export const NO_WORK_AT_IMPORT = [
  { selector: 'Program > ExpressionStatement', message: 'Nothing happens when a file is imported.' },
];

/** The environment is read once, in src/config/. */
export const NO_ENVIRONMENT = [
  {
    selector: "MemberExpression[property.name='env'][object.name='process']",
    message: 'The environment is read once, in src/config/.',
  },
  {
    selector: "MemberExpression[property.value='env']",
    message: 'The environment is read once, in src/config/.',
  },
  {
    selector: "VariableDeclarator[init.name='process'] Property[key.name='env']",
    message: 'The environment is read once, in src/config/.',
  },
  {
    selector: "ImportDeclaration[source.value=/process$/] ImportSpecifier[imported.name='env']",
    message: 'The environment is read once, in src/config/.',
  },
];

/** Type-checked lint; the budgets of CONTRIBUTING.md (sizes, depth, no `any`, no stray console or environment) are rules here. */
export default tseslint.config(
  { ignores: ['node_modules', '.node', '.bench', 'dist', 'data'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { words: { rules: { plain: plainWords } } },
    rules: {
      'words/plain': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  {
    // These read files of version 0.1, in its words.
    files: ['test/compatibility/**'],
    rules: { 'words/plain': 'off' },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 60, skipComments: true }],
      'max-depth': ['error', 3],
      complexity: ['error', 15],
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...SOURCE_SYNTAX, ...NO_WORK_AT_IMPORT, ...NO_ENVIRONMENT],
    },
  },
  { files: ['src/cli/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: FIRST_FILES,
    rules: { 'no-restricted-syntax': ['error', ...SOURCE_SYNTAX, ...NO_ENVIRONMENT] },
  },
  {
    files: ['src/config/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...SOURCE_SYNTAX, ...NO_WORK_AT_IMPORT] },
  },
  {
    // node:test's describe/it return promises that the runner itself awaits.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', name: ['describe', 'it', 'test', 'suite'], package: 'node:test' },
          ],
        },
      ],
      'max-lines': ['error', { max: 500 }],
    },
  },
  {
    files: ['src/endpoints/*/assets/*.js'],
    languageOptions: { globals: Object.fromEntries(BROWSER.map((name) => [name, 'readonly'])) },
  },
  {
    files: ['bin/**', '**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
);
