/**
 * The actions of the documented protocol that look a customer up: the ancestor's own name, and the one that the
 * document's table and second example give.
 */
const LOOKUP_ACTIONS: ReadonlySet<string> = new Set(['goGetCustomerInfo', 'agent_summary_stats']);

export function isLookupAction(action: string): boolean {
  return LOOKUP_ACTIONS.has(action);
}
