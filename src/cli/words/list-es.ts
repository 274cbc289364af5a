import type { ListWords } from './list-words.ts';

export const SPANISH: ListWords = {
  noLists: 'todavía no hay listas',
  columns: ['id', 'nombre', 'leads', 'estados', 'enmascarados'],
  any: 'todos',
  renamed: (listId, name) => `la lista ${listId} se llama ${name}`,
  badName: () => 'el nombre debe tener de 1 a 100 caracteres, sin caracteres de control',
  namesTooLong: 'los nombres de todas las listas juntos son demasiado largos',
  moveToItself: '--move-to nombra la lista que se va a borrar',
  hasLeads: (listId, count) =>
    `la lista ${listId} tiene leads (${count}); --move-to LISTA los pasa antes a otra`,
  stopped: (moved, listId) => `se detuvo; se pasaron ${moved} leads, y la lista ${listId} sigue ahí`,
  moved: (count, to) => `se pasaron ${count} leads a la lista ${to}`,
  leadAdded: (listId) =>
    `alguien agregó un lead a la lista ${listId} mientras tanto; ejecute el comando de nuevo`,
  deleted: (listId) => `se borró la lista ${listId}`,
  namedBy: (listId, names, more) =>
    `pueden ver la lista ${listId}, y no donde están sus leads: ${names}${more > 0 ? ` y ${more} más` : ''}`,
  noSuchList: (listId) => `no hay ninguna lista ${listId}; "callercard list list" las muestra`,
  lostFields: (to, fields) =>
    `la lista ${to} no tiene el campo propio ${fields}: los valores se guardan, y no se muestran`,
  bared: (to, fields, from) => `la lista ${to} no enmascara ${fields}, que la lista ${from} sí`,
  leadBusy: (leadId) => `alguien cambia el lead ${leadId} todo el tiempo; ejecute el comando de nuevo`,
};
