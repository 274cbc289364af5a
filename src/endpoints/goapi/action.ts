import type { RequestContext } from '../../auth/principal.ts';
import type { DomainContext } from '../../service/services.ts';
import type { GoapiAnswer } from './answers.ts';
import type { Params } from './params.ts';
import type { AnswerObject } from './render.ts';

export interface ActionRequest {
  readonly params: Params;
  readonly domain: DomainContext;
  readonly context: Omit<RequestContext, 'right'>;
}

export type ActionAnswer = GoapiAnswer | { readonly content: AnswerObject };

/** What an action beside the lookup answers. */
export type Action = (request: ActionRequest) => Promise<ActionAnswer>;
