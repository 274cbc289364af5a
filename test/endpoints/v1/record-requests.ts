import type { Asked } from './records-fixture.ts';

type Ask = (leadId: number) => Asked;

/** A good request of each route that concerns a lead, and whether it writes. */
export const ON_LEADS: Readonly<Record<string, { readonly ask: Ask; readonly writes: boolean }>> = {
  change: { ask: (id) => ({ to: `PATCH /v1/leads/${id}`, body: { city: 'León' } }), writes: true },
  remove: { ask: (id) => ({ to: `DELETE /v1/leads/${id}` }), writes: true },
  undo: { ask: (id) => ({ to: `POST /v1/leads/${id}/changes/1/undo` }), writes: true },
  note: {
    ask: (id) => ({ to: `POST /v1/leads/${id}/notes`, body: { text: 'calls on Monday' } }),
    writes: true,
  },
  notes: { ask: (id) => ({ to: `GET /v1/leads/${id}/notes` }), writes: false },
  timeline: { ask: (id) => ({ to: `GET /v1/leads/${id}/timeline` }), writes: false },
};

/** A good request of each route that concerns a list. */
export const ON_LISTS: typeof ON_LEADS = {
  changeList: { ask: (id) => ({ to: `PATCH /v1/lists/${id}`, body: { name: 'N' } }), writes: true },
  setFields: { ask: (id) => ({ to: `PUT /v1/lists/${id}/fields`, body: { fields: [] } }), writes: true },
};

const OTHERS: typeof ON_LEADS = {
  create: { ask: () => ({ to: 'POST /v1/leads', body: { list_id: 1, first_name: 'New' } }), writes: true },
  lists: { ask: () => ({ to: 'GET /v1/lists' }), writes: false },
  createList: { ask: () => ({ to: 'POST /v1/lists', body: { list_id: 77 } }), writes: true },
};

export const ALL = { ...ON_LEADS, ...ON_LISTS, ...OTHERS };
