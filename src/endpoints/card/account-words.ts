import type { Language } from '../pages/reader.ts';

const ENGLISH = {
  title: 'Your account',
  back: 'Back to the card',
  password: 'Password',
  oldPassword: 'Password until now',
  change: 'Change the password',
  changed: 'Your password is changed. You are signed out everywhere else.',
  wrongOld: 'The password until now was wrong, so nothing was changed.',
  dialer: 'Your user and its password are the dialer’s: the password is changed there.',
  sessions: 'Your sessions',
  sessionsHint: 'If you do not know one of them, end it and change your password.',
  since: (from: string, until: string) => `Since ${from}, until ${until} at most`,
  seen: (at: string) => `Last in use: ${at}`,
  thisOne: 'this browser',
  end: 'End',
  endSince: (from: string) => `End the one since ${from}`,
  endOthers: 'End all others',
  ended: 'Done: signed out there.',
};

export type AccountWords = typeof ENGLISH;

const SPANISH: AccountWords = {
  title: 'Su cuenta',
  back: 'Volver a la ficha',
  password: 'Contraseña',
  oldPassword: 'Contraseña de hasta ahora',
  change: 'Cambiar la contraseña',
  changed: 'Su contraseña cambió. En todo otro lugar se cerró su sesión.',
  wrongOld: 'La contraseña de hasta ahora no era correcta, así que nada cambió.',
  dialer: 'Su usuario y su contraseña son del marcador: la contraseña se cambia allí.',
  sessions: 'Dónde tiene sesiones abiertas',
  sessionsHint: 'Si no reconoce alguna, ciérrela y cambie su contraseña.',
  since: (from, until) => `Desde ${from}, a más tardar hasta ${until}`,
  seen: (at) => `Último uso: ${at}`,
  thisOne: 'este navegador',
  end: 'Cerrar',
  endSince: (from) => `Cerrar la que empezó ${from}`,
  endOthers: 'Cerrar todas las demás',
  ended: 'Listo: esa sesión se cerró.',
};

export const ACCOUNT_WORDS = { en: ENGLISH, es: SPANISH } satisfies Record<Language, AccountWords>;
