import { GOAPI_PATHS } from '../../src/app.ts';
import { USER } from './store.ts';

/** The targets of a benchmark's requests. */
export function byLead(leadId: number): string {
  return `${askAs(USER.name, USER.password)}&lead_id=${leadId}`;
}

export function byPhone(phone: string): string {
  return `${askAs(USER.name, USER.password)}&phone_number=${phone}`;
}

/** For the first lead, by somebody. */
export function asUser(name: string, password: string = USER.password): string {
  return `${askAs(name, password)}&lead_id=1`;
}

function askAs(name: string, password: string): string {
  return `${GOAPI_PATHS[0]}?goUser=${name}&goPass=${password}&goAction=goGetCustomerInfo&responsetype=json`;
}
