import { writeCustom } from '../../core/custom-json.ts';
import type { Customer } from '../../core/lead.ts';
import type { Envelope } from './answers.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';

/** The documented success, keys in the documented order. */
export function writeCustomerJson(customer: Customer): string {
  const { leadJson = JSON.stringify(customer.lead), custom, isCustomer } = customer;
  return `{"result":"success","lead_info":${leadJson},"custom_info":${writeCustom(custom)},"is_customer":${isCustomer ? 1 : 0}}`;
}

export function writeEnvelopeJson(envelope: Envelope): string {
  return JSON.stringify(envelope);
}
