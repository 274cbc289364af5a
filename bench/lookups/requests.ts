import { GOAPI_PATHS } from '../../src/app.ts';
import { USER } from './store.ts';

const ASK = `${GOAPI_PATHS[0]}?goUser=${USER.name}&goPass=${USER.password}&goAction=goGetCustomerInfo&responsetype=json`;

/** The targets of a benchmark's requests. */
export function byLead(leadId: number): string {
  return `${ASK}&lead_id=${leadId}`;
}

export function byPhone(phone: string): string {
  return `${ASK}&phone_number=${phone}`;
}
