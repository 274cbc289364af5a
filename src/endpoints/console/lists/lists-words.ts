import type { Language } from '../../pages/reader.ts';

const ENGLISH = {
  title: 'Lists and fields',
  lists: 'Lists',
  id: 'Id',
  name: 'Name',
  open: (id: string) => `List ${id}`,
  statuses: 'Statuses',
  statusesHint: 'With commas between them; empty: any',
  masked: 'Masked fields',
  maskedHint: 'Whoever may not edit sees them masked, such as email or custom_info.policy_number',
  ownPassword: 'Your own password',
  ownPasswordHint: 'Only if a field is no longer to be masked',
  passwordNeeded:
    'A field would no longer be masked: that needs your own password, which lacks or is wrong. Nothing was changed.',
  fields: 'Fields of its own',
  fieldsHint:
    'One on each line: label; caption; type; options with commas. Values of fields that are left out are kept.',
  save: 'Save',
  saveFields: 'Save the fields',
  addList: 'Make a list',
  none: 'There is no list yet.',
  done: 'Saved.',
  refused: 'That is not possible: the list is not there, or there is one with this id already.',
  changed:
    'Somebody else has changed this list meanwhile. This is how it is now; what you sent was not saved.',
};

export type ListsWords = typeof ENGLISH;

const SPANISH: ListsWords = {
  title: 'Listas y campos',
  lists: 'Listas',
  id: 'Id',
  name: 'Nombre',
  open: (id) => `Lista ${id}`,
  statuses: 'Estatus',
  statusesHint: 'Separados por comas; vacío: cualquiera',
  masked: 'Campos ocultos',
  maskedHint: 'Quien no puede editar los ve ocultos, por ejemplo email o custom_info.policy_number',
  ownPassword: 'Su propia contraseña',
  ownPasswordHint: 'Solo si un campo deja de estar oculto',
  passwordNeeded:
    'Un campo dejaría de estar oculto: para eso hace falta su propia contraseña, que falta o no es correcta. Nada cambió.',
  fields: 'Campos propios',
  fieldsHint:
    'Uno por línea: etiqueta; título; tipo; opciones con comas. Los valores de campos que se quitan se conservan.',
  save: 'Guardar',
  saveFields: 'Guardar los campos',
  addList: 'Hacer una lista',
  none: 'Todavía no hay listas.',
  done: 'Guardado.',
  refused: 'No es posible: la lista no existe, o ya hay una con ese id.',
  changed: 'Otra persona cambió esta lista mientras tanto. Así está ahora; lo que usted envió no se guardó.',
};

export const LISTS_WORDS = { en: ENGLISH, es: SPANISH } satisfies Record<Language, ListsWords>;
