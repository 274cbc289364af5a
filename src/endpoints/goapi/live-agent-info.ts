import type { AgentState, LiveAgent } from '../../core/live-agent.ts';
import type { SeenAgent } from '../../service/read-agent.ts';
import { answerFor } from './answers.ts';
import type { Action } from './action.ts';
import type { AnswerObject } from './render.ts';

/** The vendor's words, and the colours that it shows them in; of those that its documentation does not have, ours. */
const STATUSES: Readonly<Record<AgentState, readonly [status: string, color: string]>> = {
  ready: ['READY', 'primary'],
  ringing: ['RINGING', 'orange'],
  'in call': ['IN CALL', 'green'],
  disposition: ['DISPOSITION', 'orange'],
  paused: ['PAUSE', 'red'],
};

/** `getLiveAgentInfo`: what an agent does at this moment, and with whom. */
export const getLiveAgentInfo: Action = async ({ params, domain, context }) => {
  const sent = params.get('user');
  const agent = typeof sent === 'string' ? sent.trim() : '';
  if (agent === '') {
    // Only those hear of it to whom the API is open.
    const caller = await domain.identify({ ...context, right: 'read' });
    return 'problem' in caller ? answerFor(caller.problem) : { content: USER_MISSING };
  }
  const answer = await domain.readAgent({ ...context, right: 'read', agent });
  if ('problem' in answer) return answerFor(answer.problem);
  const { agent: seen } = answer;
  if (seen === 'denied') return { content: errorOf('Live agents can NOT be read on this dialer') };
  if (seen === undefined) return { content: errorOf(`Agent '${agent}' is currently NOT logged in`) };
  return { content: { result: 'success', data: dataOf(seen, answer) } };
};

const USER_MISSING: AnswerObject = {
  result: 'validation_failed',
  code: '40001',
  message: 'Error: Missing required parameters',
  fields: ['user'],
};

function errorOf(message: string): AnswerObject {
  return { result: 'error', message };
}

/** In the order of the vendor's example; what there is none of is empty, and the lead 0. */
function dataOf(agent: LiveAgent, { vendorLeadCode = '' }: SeenAgent): AnswerObject {
  const [status, color] = STATUSES[agent.state];
  const { campaign, session, pauseCode, phone = '', leadId = 0 } = agent;
  return {
    status: pauseCode === undefined ? status : `${status} - ${pauseCode}`,
    color,
    in_call_with: phone,
    campaign_id: campaign?.id ?? '',
    campaign_name: campaign?.name ?? '',
    call_type: typeOf(agent),
    // The number that a customer sees is in no table of live calls.
    caller_id: '',
    conf_exten: session?.extension ?? '',
    server_ip: session?.server ?? '',
    vendor_lead_code: vendorLeadCode,
    lead_id: leadId,
  };
}

function typeOf({ direction, isManual }: LiveAgent): string {
  if (direction === undefined) return '';
  if (direction === 'inbound') return 'INBOUND';
  return isManual === true ? 'MANUAL' : 'DIALER';
}
