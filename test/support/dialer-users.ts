import type { DescribedList, DescribedUser } from '../stores/described-store.ts';

/** Each list belongs to a campaign of its own, so that a user group can allow any choice of lists. */
export function campaignOf(at: number): string {
  return `L${at + 1}`;
}

/** Of lists that the description does not hold. */
const NO_LISTS_CAMPAIGN = 'NOLISTS';

type Row = readonly (string | number | null)[];

/** A user and a user group each, in the order of the columns that fill-dialer.ts names. */
export function dialerUsers(
  lists: readonly DescribedList[],
  users: readonly DescribedUser[],
): { groups: readonly Row[]; rows: readonly Row[] } {
  const campaigns = new Map(lists.map(({ list_id }, at) => [list_id, campaignOf(at)]));
  return {
    groups: users.map((user, at) => [groupOf(at), `Group ${at + 1}`, allowedCampaigns(user, campaigns)]),
    rows: users.map(({ name, password, active = true, rights = ['read'] }, at) => [
      name,
      // The dialer's way: in plain text.
      typeof password === 'string' ? password : password.verifier,
      groupOf(at),
      active ? 'Y' : 'N',
      rights.includes('read') ? '1' : '0',
    ]),
  };
}

function groupOf(at: number): string {
  return `G${at + 1}`;
}

/** As the dialer's pages write it: spaces around each campaign, and a dash at the end. */
function allowedCampaigns(
  { lists = 'every list' }: DescribedUser,
  campaigns: ReadonlyMap<number, string>,
): string {
  if (lists === 'every list') return ' -ALL-CAMPAIGNS- - -';
  if (lists.length === 0) return '';
  const allowed = new Set(lists.map((list) => campaigns.get(list) ?? NO_LISTS_CAMPAIGN));
  return ` ${[...allowed].join(' ')} -`;
}
