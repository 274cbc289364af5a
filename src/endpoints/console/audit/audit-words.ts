import type { Language } from '../../pages/reader.ts';

const ENGLISH = {
  title: 'Audit',
  user: 'User',
  userHint: 'Who looked, or to whom something was done; token:NAME is a token',
  lead: 'Lead id',
  phone: 'Telephone number',
  phoneHint: 'Finds what was done with the leads that have it now',
  from: 'From',
  to: 'To',
  days: 'Days and times are in UTC.',
  search: 'Search',
  export: 'Export as CSV',
  recorded: 'Each search is a record of the audit, too.',
  found: (count: number) => (count === 1 ? '1 record' : `${count} records`),
  older: (count: number) => `${count} older ones are not shown; choose fewer days, or export them.`,
  cut: 'Not all could be read in time: choose fewer days.',
  time: 'Time',
  address: 'Address',
  endpoint: 'Through',
  what: 'What',
  about: 'Concerns',
  leads: (ids: string) => `lead ${ids}`,
  whats: {
    found: 'found',
    phone_not_found: 'nobody found',
    lead_not_found: 'nobody found',
    credentials_invalid: 'wrong password',
    signed_in: 'signed in',
  } as Readonly<Record<string, string>>,
  wrong: {
    from: 'The first day must not be after the last one.',
    lead: 'That is no lead id.',
    phone: 'That is no telephone number.',
    leads: 'Too many leads have this number to look for all of them: search for one by its id.',
  } as { readonly from: string; readonly [field: string]: string },
};

export type AuditWords = typeof ENGLISH;

const SPANISH: AuditWords = {
  title: 'Auditoría',
  user: 'Usuario',
  userHint: 'Quién miró, o a quién se le hizo algo; token:NOMBRE es un token',
  lead: 'Id del lead',
  phone: 'Número de teléfono',
  phoneHint: 'Encuentra lo que se hizo con los leads que lo tienen ahora',
  from: 'Desde',
  to: 'Hasta',
  days: 'Los días y las horas son en UTC.',
  search: 'Buscar',
  export: 'Exportar como CSV',
  recorded: 'Cada búsqueda también queda en la auditoría.',
  found: (count) => (count === 1 ? '1 registro' : `${count} registros`),
  older: (count) => `No se muestran ${count} más antiguos; elija menos días o expórtelos.`,
  cut: 'No se pudo leer todo a tiempo: elija menos días.',
  time: 'Hora',
  address: 'Dirección',
  endpoint: 'Por',
  what: 'Qué',
  about: 'Sobre',
  leads: (ids) => `lead ${ids}`,
  whats: {
    found: 'encontrado',
    phone_not_found: 'sin resultado',
    lead_not_found: 'sin resultado',
    credentials_invalid: 'contraseña incorrecta',
    signed_in: 'entró',
  },
  wrong: {
    from: 'El primer día no puede ser posterior al último.',
    lead: 'Eso no es el id de un lead.',
    phone: 'Eso no es un número de teléfono.',
    leads: 'Demasiados leads tienen este número para buscarlos todos: busque uno por su id.',
  },
};

export const AUDIT_WORDS = { en: ENGLISH, es: SPANISH } satisfies Record<Language, AuditWords>;
