import type { Rule } from 'eslint';

/**
 * An ESLint rule: identifiers use the field's words. Each word here was once this project's own name for something that
 * every engineer knows under another name; docs/glossary.md has the terms of the product.
 */

/** The word as it stands in an identifier, in lower case, and what to say instead. */
export const REPLACED_WORDS: ReadonlyMap<string, string> = new Map([
  ['admitted', 'principal'],
  ['allowance', 'token bucket'],
  ['ancestor', 'goAPIv2'],
  ['asker', 'credentials, principal'],
  ['brim', 'capacity'],
  ['contestant', 'candidate'],
  ['crew', 'worker pool'],
  ['deed', 'audit action'],
  ['departed', 'exited'],
  ['desk', 'domain context, fixture'],
  ['desks', 'domain resolver'],
  ['dice', 'seeded random'],
  ['doomed', 'victim'],
  ['door', 'endpoint'],
  ['doors', 'endpoints'],
  ['entrance', 'authenticate, authorize, throttle'],
  ['finding', 'result'],
  ['handover', 'hand-off'],
  ['heaped', 'over the pipelining limit'],
  ['hire', 'spawn'],
  ['house', 'architecture'],
  ['inquiries', 'services'],
  ['inquiry', 'request context'],
  ['keen', 'closed-loop'],
  ['knowledge', 'schema cache'],
  ['learn', 'refresh'],
  ['learnt', 'cached'],
  ['meters', 'counters'],
  ['owe', 'debit'],
  ['owed', 'debited'],
  ['picture', 'snapshot'],
  ['question', 'query'],
  ['remembered', 'cached'],
  ['surroundings', 'options'],
  ['tell', 'log, notify, publish'],
  ['told', 'logged, notified, published'],
  ['visit', 'account snapshot'],
  ['walk', 'enumeration'],
  ['walker', 'reader'],
  ['witness', 'oracle'],
]);

/** @param name an identifier in camelCase, PascalCase or CONSTANT_CASE @returns its words in lower case */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[\s_$#\d]+/)
    .map((word) => word.toLowerCase())
    .filter((word) => word !== '');
}

/** A node of the syntax tree, as far as this rule looks at it. */
interface TreeNode {
  readonly type: string;
  readonly name?: string;
  readonly computed?: boolean;
  readonly parent?: TreeNode;
  readonly [child: string]: unknown;
}

type Child = TreeNode | null | undefined;

/** Nodes that declare a name, and under which key it stands. */
const DECLARED: Readonly<Record<string, 'id' | 'key'>> = {
  ClassDeclaration: 'id',
  TSInterfaceDeclaration: 'id',
  TSTypeAliasDeclaration: 'id',
  TSEnumDeclaration: 'id',
  MethodDefinition: 'key',
  PropertyDefinition: 'key',
  TSPropertySignature: 'key',
  TSMethodSignature: 'key',
};

export const plainWords: Rule.RuleModule = {
  meta: {
    type: 'suggestion',
    messages: { replaced: "'{{name}}' says '{{word}}'; the field's word is {{instead}}." },
    schema: [],
  },
  create(context) {
    function check(node: Child): void {
      if (node?.type !== 'Identifier' && node?.type !== 'PrivateIdentifier') return;
      const name = node.name ?? '';
      const word = wordsOf(name).find((part) => REPLACED_WORDS.has(part));
      if (word === undefined) return;
      const data = { name, word, instead: REPLACED_WORDS.get(word) ?? '' };
      context.report({ node: node as unknown as Rule.Node, messageId: 'replaced', data });
    }

    /** Every name that a parameter or the left side of a declaration binds. */
    function checkPattern(node: Child): void {
      if (node?.type === 'ObjectPattern') {
        for (const property of node.properties as readonly TreeNode[]) {
          checkPattern((property.value ?? property.argument) as Child);
        }
      } else if (node?.type === 'ArrayPattern') (node.elements as readonly Child[]).forEach(checkPattern);
      else if (node?.type === 'AssignmentPattern') checkPattern(node.left as Child);
      else if (node?.type === 'RestElement') checkPattern(node.argument as Child);
      else check(node);
    }

    function checkFunction(node: TreeNode): void {
      check(node.id as Child);
      (node.params as readonly Child[]).forEach(checkPattern);
    }

    const listeners: Record<string, (node: TreeNode) => void> = {
      FunctionDeclaration: checkFunction,
      FunctionExpression: checkFunction,
      ArrowFunctionExpression: checkFunction,
      TSFunctionType: checkFunction,
      VariableDeclarator: (node) => checkPattern(node.id as Child),
      CatchClause: (node) => checkPattern(node.param as Child),
      Property: (node) => {
        if (node.computed !== true && node.parent?.type === 'ObjectExpression') check(node.key as Child);
      },
    };
    for (const [type, key] of Object.entries(DECLARED)) listeners[type] = (node) => check(node[key] as Child);
    return listeners as unknown as Rule.RuleListener;
  },
};
