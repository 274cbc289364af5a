import type { Language } from './reader.ts';

/** What every page says, in English. */
const ENGLISH = {
  product: 'callercard',
  signedInAs: (user: string) => `Signed in as ${user}`,
  signOut: 'Sign out',
  signIn: 'Sign in',
  signedOut: 'You are signed out.',
  sessionOver: 'Your session has ended. Please sign in again.',
  formOld: { title: 'This form is too old', text: 'Please sign in again.' },
  userName: 'User name',
  password: 'Password',
  unencrypted:
    'This connection is not encrypted: others on this network could read the password. Ask for an address that begins with https.',
  goesOn: 'The card is opening',
  continue: 'Continue',
  gone: 'The server cannot be reached',
  tryAgain: 'Try again',
};

/** What every page says, in Spanish. */
const SPANISH: typeof ENGLISH = {
  product: 'callercard',
  signedInAs: (user) => `Sesión de ${user}`,
  signOut: 'Salir',
  signIn: 'Entrar',
  signedOut: 'La sesión está cerrada.',
  sessionOver: 'Su sesión terminó. Entre de nuevo, por favor.',
  formOld: { title: 'Este formulario ya no sirve', text: 'Entre de nuevo, por favor.' },
  userName: 'Usuario',
  password: 'Contraseña',
  unencrypted:
    'Esta conexión no está cifrada: otros en esta red podrían leer la contraseña. Pida una dirección que empiece con https.',
  goesOn: 'La ficha se está abriendo',
  continue: 'Continuar',
  gone: 'No hay conexión con el servidor',
  tryAgain: 'Intentar de nuevo',
};

/** The words of pages that each endpoint has. */
export const PAGE_WORDS = { en: ENGLISH, es: SPANISH } satisfies Record<Language, typeof ENGLISH>;
export type PageWords = typeof ENGLISH;
