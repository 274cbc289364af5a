import type { Inspection } from '../../core/inspection.ts';
import { createDialer } from '../../stores/vicidial/dialer.ts';
import { dialerAddress } from '../../stores/vicidial/dialer-address.ts';
import { accessTo, accountName, readAccount, type Inspected } from './inspected.ts';
import { inspectServers } from './servers.ts';
import { quoteName } from '../../stores/vicidial/sql-text.ts';
import { CUSTOMERS_TABLE, readTables, type Read } from '../../stores/vicidial/schema.ts';

const subject = 'goautodial';
const NOBODY = 'is_customer is 0 for every lead';

/** GOautodial's customers, wherever the settings say that they are. */
export async function* inspectCustomers({ config, read }: Inspected): AsyncGenerator<Inspection> {
  const { goautodialDatabase: place } = config;
  if (place === 'none') {
    yield { level: 'ok', subject, message: `goautodialDatabase is none: ${NOBODY}` };
    return;
  }
  if ('name' in place) {
    yield await inspectTable(read, place.name);
    return;
  }
  const elsewhere = createDialer(dialerAddress(config, place, 'SELECT 1'), () => undefined);
  try {
    yield* inspectServers(place, config.databaseTls, elsewhere);
    if (elsewhere.servers.every(({ failure }) => failure !== undefined)) return;
    yield await inspectTable(elsewhere.read, place.database);
  } finally {
    await elsewhere.close();
  }
}

async function inspectTable(read: Read, database: string): Promise<Inspection> {
  const name = `${quoteName(database)}.${CUSTOMERS_TABLE}`;
  const access = await accessTo(read, name, 'lead_id');
  if (access === 'absent') {
    return {
      level: 'ok',
      subject,
      message: `${database}.${CUSTOMERS_TABLE} is not there, as in a VICIdial without GOautodial: ${NOBODY}`,
    };
  }
  if (access === 'denied') {
    return {
      level: 'advice',
      subject,
      message: `${database}.${CUSTOMERS_TABLE} is not there, or our account may not read it: ${NOBODY}`,
      advice: `with GOautodial, GRANT SELECT ON ${name} TO ${accountName(await readAccount(read))}; without it, set goautodialDatabase to none`,
    };
  }
  const table = (await readTables(read, database, [CUSTOMERS_TABLE])).get(CUSTOMERS_TABLE);
  return table?.indexed.has('lead_id') === true
    ? { level: 'ok', subject, message: `${database}.${CUSTOMERS_TABLE} tells who is a customer` }
    : {
        level: 'advice',
        subject,
        message: `no index on ${database}.${CUSTOMERS_TABLE}.lead_id: ${NOBODY}`,
        advice: `ALTER TABLE ${name} ADD INDEX lead_id (lead_id); then customers are told`,
      };
}
