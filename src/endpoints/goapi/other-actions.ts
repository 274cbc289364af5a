import type { ActionAnswer, ActionRequest } from './action.ts';
import { ACTION_UNKNOWN, POST_ONLY } from './answers.ts';
import { getLeadsInfo } from './leads-info.ts';
import { getLiveAgentInfo } from './live-agent-info.ts';
import { UPDATE_ACTION } from './params.ts';
import { updateCustomer } from './update-customer.ts';

/** The documented address, which is that of goAPIv2's actions of an agent. */
export const AGENT_PATH = '/goAPIv2/goAgent/goAPI.php';
/** The address of goAPIv2's actions of leads. */
export const LEADS_PATH = '/goAPIv2/goGetLeads/goAPI.php';
/** The address of the vendor's actions of users. */
export const USERS_PATH = '/goAPIv2/goUsers/goAPI.php';

/**
 * What the family's other actions answer, those beside the lookup that its clients use; each only at the address that the family has it
 * at. The lookup answers at every one.
 *
 * @param path decoded
 */
export async function answerOther(
  action: string,
  { method, path }: { readonly method: string | undefined; readonly path: string },
  request: ActionRequest,
): Promise<ActionAnswer> {
  if (action === 'goGetLeadsInfo' && path === LEADS_PATH) return getLeadsInfo(request);
  if (action === 'getLiveAgentInfo' && path === USERS_PATH) return getLiveAgentInfo(request);
  if (action !== UPDATE_ACTION || path !== AGENT_PATH) return ACTION_UNKNOWN;
  // What changes a lead stands in no URL, which proxies keep.
  return method === 'POST' ? updateCustomer(request) : POST_ONLY;
}
