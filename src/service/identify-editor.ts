import type { RequestContext } from '../auth/principal.ts';
import type { Caller } from './search.ts';
import type { DomainContext } from './services.ts';
import type { Answer } from './work.ts';

/**
 * Who wants to change leads, by the checks of every request. The leads of a dialer nobody changes here, so this is what its users
 * hear who have no such right.
 */
export async function identifyEditor(
  { identify, isReadOnly }: Pick<DomainContext, 'identify' | 'isReadOnly'>,
  context: Omit<RequestContext, 'right'>,
): Promise<Answer<Caller>> {
  const answer = await identify({ ...context, right: 'edit' });
  const isLetIn = !('problem' in answer) || answer.problem.code === 'api_not_allowed';
  // Afterwards: the first request opens the store.
  return isLetIn && isReadOnly() ? { problem: { code: 'read_only_store' } } : answer;
}
