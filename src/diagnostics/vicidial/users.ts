import { isDialerAccount, userIdentity } from '../../auth/user-name.ts';
import type { Inspection } from '../../core/inspection.ts';
import { listed, type Inspected } from './inspected.ts';
import { inspectPasswords, type DialerUser } from './passwords.ts';
import { missingOf } from '../../stores/vicidial/schema.ts';

const subject = 'users';

/** Who may use the API, what keeps some of them out, and how well their passwords keep others out. */
export async function* inspectUsers(inspected: Inspected): AsyncGenerator<Inspection> {
  const { schema, config } = inspected;
  if (missingOf(schema, config.listScope).length > 0) return;
  const admitted = await readUsers(inspected);
  const ofTheDialer = admitted.filter(({ name }) => isDialerAccount(name));
  if (ofTheDialer.length > 0) {
    yield {
      level: 'ok',
      subject,
      message: `${listed(ofTheDialer.map(({ name }) => name))}: the dialer's own, with a password that everybody knows; never let in here`,
    };
  }
  const users = admitted.filter(({ name }) => !isDialerAccount(name));
  yield users.length > 0
    ? { level: 'ok', subject, message: `active users with the right to the API: ${users.length}` }
    : {
        level: 'problem',
        subject,
        message: 'nobody may use the API: no active user with a level above 0 has the right to it',
        advice:
          "in the dialer, Users, Modify, Agent API Access; or UPDATE vicidial_users SET vdc_agent_api_access = '1' WHERE user = 'NAME';",
      };
  if (config.listScope === 'campaigns') yield* inspectGroups(inspected, users);
  yield* inspectPasswords(schema.settings.passwords, users);
}

/** Those whom a right password would let in; a small table. */
async function readUsers({ read, schema, config }: Inspected): Promise<readonly DialerUser[]> {
  const secret = schema.settings.passwords === 'plain' ? 'pass' : 'pass_hash';
  const group = config.listScope === 'campaigns' ? 'user_group' : 'NULL';
  const rows = await read(
    `SELECT user, ${group}, ${secret} FROM vicidial_users
      WHERE active = 'Y' AND user_level > 0 AND vdc_agent_api_access = '1' ORDER BY user`,
    [],
  );
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return rows.map(([name, ofGroup, stored]) => ({
    name: text(name),
    group: text(ofGroup),
    secret: text(stored),
  }));
}

/** Users who get in and then find nothing. */
async function* inspectGroups({ read }: Inspected, users: readonly DialerUser[]): AsyncGenerator<Inspection> {
  const [groups, campaigns] = await Promise.all([
    read('SELECT user_group, allowed_campaigns FROM vicidial_user_groups', []),
    read('SELECT DISTINCT campaign_id FROM vicidial_lists', []),
  ]);
  const allowed = new Map(groups.map(([name, text]) => [userIdentity(String(name)), allowedCampaigns(text)]));
  const withLists = new Set(campaigns.map(([name]) => userIdentity(String(name))));
  const by = (isSo: (campaigns: readonly string[] | undefined) => boolean) =>
    users.filter(({ group }) => isSo(allowed.get(userIdentity(group)))).map(({ name }) => name);
  const nowhere = by((found) => found === undefined);
  const nothing = by((found) => found?.length === 0);
  const empty = by(
    (found) =>
      found !== undefined &&
      found.length > 0 &&
      !found.some((name) => name === '-all-campaigns-' || withLists.has(name)),
  );
  const findings = [
    {
      names: nowhere,
      why: 'their user group does not exist',
      advice: 'give them another: Users, Modify, User Group',
    },
    {
      names: nothing,
      why: 'their user group allows no campaign',
      advice: 'allow it some: User Groups, Modify, Allowed Campaigns',
    },
    {
      names: empty,
      why: 'the campaigns of their user group have no list',
      advice: 'allow it others (User Groups, Modify, Allowed Campaigns) or give a list to the campaign',
    },
  ];
  for (const { names, why, advice } of findings.filter((finding) => finding.names.length > 0)) {
    yield {
      level: 'advice',
      subject,
      message: `users who find no lead, because ${why}: ${names.length} (${listed(names)})`,
      advice: `in the dialer, ${advice}`,
    };
  }
}

/** As statements.ts reads it: ` A B -`; what is written otherwise allows nothing. */
function allowedCampaigns(text: unknown): readonly string[] {
  if (typeof text !== 'string' || !text.endsWith(' -') || text.includes(',')) return [];
  return text
    .split(' ')
    .filter((name) => name !== '' && name !== '-')
    .map((name) => userIdentity(name));
}
