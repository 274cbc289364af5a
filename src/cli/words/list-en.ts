import type { ListWords } from './list-words.ts';

export const ENGLISH: ListWords = {
  noLists: 'there are no lists yet',
  columns: ['id', 'name', 'leads', 'statuses', 'masked'],
  any: 'any',
  renamed: (listId, name) => `list ${listId} is called ${name}`,
  badName: (reasons) => `name ${reasons}`,
  namesTooLong: 'the names of all lists together are too long',
  moveToItself: '--move-to names the list that is to be deleted',
  hasLeads: (listId, count) =>
    `list ${listId} has leads (${count}); --move-to LIST moves them to another one before`,
  stopped: (moved, listId) => `stopped; ${moved} leads were moved, and list ${listId} is there still`,
  moved: (count, to) => `moved ${count} leads to list ${to}`,
  leadAdded: (listId) => `somebody has added a lead to list ${listId} meanwhile; run this again`,
  deleted: (listId) => `list ${listId} is deleted`,
  namedBy: (listId, names, more) =>
    `these may see list ${listId}, and not where its leads are: ${names}${more > 0 ? ` and ${more} more` : ''}`,
  noSuchList: (listId) => `there is no list ${listId}; "callercard list list" shows them`,
  lostFields: (to, fields) => `list ${to} has no custom field ${fields}: values are kept, and not shown`,
  bared: (to, fields, from) => `list ${to} does not mask ${fields}, which list ${from} did`,
  leadBusy: (leadId) => `lead ${leadId} is changed by somebody all the while; run this again`,
};
