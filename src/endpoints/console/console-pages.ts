import type { ConsolePage } from './console-page.ts';
import { AUDIT } from './audit/audit.ts';
import { CUSTOMERS } from './customers/customers.ts';
import { IMPORT } from './import/import.ts';
import { LISTS } from './lists/lists.ts';
import { OVERVIEW } from './overview/overview.ts';
import { PRIVACY } from './privacy/privacy.ts';
import { SETTINGS_PAGE } from './settings/settings.ts';
import { USERS } from './users/users.ts';

/** Every page of the console, in the order of its navigation. */
export const CONSOLE_PAGES: readonly ConsolePage[] = [
  OVERVIEW,
  CUSTOMERS,
  IMPORT,
  USERS,
  LISTS,
  AUDIT,
  PRIVACY,
  SETTINGS_PAGE,
];
