import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

import { ROOT } from '../support/command.ts';

const MAKES_TEST = new Set(['it', 'test', 'describe', 'suite']);

/**
 * The titles of a file's tests and groups, as they are written; `…` stands for what is put in when it runs. Tests that are
 * switched off in the file (`it.skip`, `it.todo`) are not among them.
 *
 * @param path from the repository's root
 */
export function testTitles(path: string): readonly string[] {
  const tree = ts.createSourceFile(
    path,
    readFileSync(join(ROOT, path), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
    ts.ScriptKind.TS,
  );
  const titles: string[] = [];
  const inspect = (node: ts.Node) => {
    if (ts.isCallExpression(node) && MAKES_TEST.has(node.expression.getText())) {
      const [title] = node.arguments;
      if (title !== undefined) titles.push(...textOf(title));
    }
    ts.forEachChild(node, inspect);
  };
  inspect(tree);
  return titles;
}

function textOf(node: ts.Expression): readonly string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (!ts.isTemplateExpression(node)) return [];
  return [[node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('…')];
}
