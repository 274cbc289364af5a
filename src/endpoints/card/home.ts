import { isMask } from '../../core/masks.ts';
import type { DomainContext } from '../../service/services.ts';
import type { RequestContext } from '../../auth/principal.ts';
import { lastCallIn } from '../../service/card-past.ts';
import type { SeenCall } from '../../service/read-calls.ts';
import type { ViewContext } from './page-parts.ts';
import { nameOf } from './view-customer.ts';
import { type CallView, viewLastCall } from './view-glance.ts';
import { viewNumber } from './view-number.ts';

/** So many of their calls somebody sees who is on no card. */
const CALLS = 8;

/** Where nobody is on the card. */
export interface ReadyPage {
  readonly template: 'ready';
  /** Those of whoever is signed in, the newest first; `href` leads to the card. */
  readonly calls: readonly (CallView & { readonly who: string; readonly href: string | undefined })[];
}

/** With the last calls of whoever is signed in, where the store keeps calls. */
export async function readyPage(
  domain: Pick<DomainContext, 'readCalls' | 'numbering' | 'isReadOnly'>,
  reading: RequestContext,
  context: ViewContext,
): Promise<ReadyPage> {
  if (domain.isReadOnly()) return { template: 'ready', calls: [] };
  const read = await domain.readCalls({
    ...reading,
    asked: { of: 'caller' },
    page: { offset: 0, limit: CALLS },
  });
  // The page is of use without them, too.
  const calls = 'problem' in read ? [] : read.calls;
  return { template: 'ready', calls: calls.map((seen) => viewCall(seen, domain, context)) };
}

function viewCall(
  { call, lead }: SeenCall,
  domain: Pick<DomainContext, 'numbering'>,
  { reader, words, addressOf }: ViewContext,
): ReadyPage['calls'][number] {
  const { phone, answeredBy } = call;
  const number = phone === undefined ? undefined : viewNumber(phone, domain.numbering().country).shown;
  // By what stands for a masked number nobody is found.
  const asked = isMask(phone) ? undefined : phone;
  const wanted = lead === undefined ? { phone: asked } : { lead: String(lead.leadId), phone: asked };
  const isKnown = lead !== undefined || asked !== undefined;
  return {
    // They are the reader's own.
    ...viewLastCall({ ...lastCallIn(call), by: answeredBy }, Date.now(), reader, words),
    who: (lead && nameOf(lead.lead)) ?? number ?? words.noNumber,
    href: isKnown ? addressOf(wanted) : undefined,
  };
}
