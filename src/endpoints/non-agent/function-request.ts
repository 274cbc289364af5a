import type { Credentials, RequestContext } from '../../auth/principal.ts';
import type { Problem } from '../../core/problem.ts';
import type { UserRight } from '../../core/rights.ts';
import { isYes } from '../../core/text-patch.ts';
import type { DomainContext } from '../../service/services.ts';
import type { Asked } from './plain-text.ts';

/** A request of the dialer's non-agent API. */
export interface FunctionRequest {
  readonly domain: DomainContext;
  readonly context: Omit<RequestContext, 'right'>;
  readonly asked: Asked;
  /** Names as PHP reads them: a space or a dot is `_`. */
  readonly params: ReadonlyMap<string, string>;
}

/** Lines of an answer, or why there is none. */
export type FunctionAnswer = readonly string[] | { readonly problem: Problem };

export type ApiFunction = (request: FunctionRequest) => Promise<FunctionAnswer>;

/** What was sent, without spaces at its ends; empty where nothing was. */
export function textOf({ params }: Pick<FunctionRequest, 'params'>, name: string): string {
  return (params.get(name) ?? '').trim();
}

/** A number as it was sent. A space before it is the `+` of a query. */
export function numberIn(sent: string): string {
  return sent.replace(/^ +(?=\d)/, '+').trim();
}

export function phoneOf({ params }: Pick<FunctionRequest, 'params'>): string {
  return numberIn(params.get('phone_number') ?? '');
}

export function isOn(request: Pick<FunctionRequest, 'params'>, name: string): boolean {
  return isYes(textOf(request, name));
}

export function contextFor({ context }: FunctionRequest, right: UserRight): RequestContext {
  return { ...context, right };
}

export function credentialsIn(params: ReadonlyMap<string, string>): Credentials {
  return { kind: 'user', name: params.get('user') ?? '', password: params.get('pass') ?? '' };
}
