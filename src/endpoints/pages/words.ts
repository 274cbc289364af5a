import type { Language } from './reader.ts';

/** What every page says, in English. */
const ENGLISH = {
  product: 'callercard',
  signedInAs: (user: string) => `Signed in as ${user}`,
  yourAccount: 'your account',
  signOut: 'Sign out',
  signIn: 'Sign in',
  signedOut: 'You are signed out.',
  sessionOver: 'Your session has ended. Please sign in again.',
  formOld: { title: 'This form is too old', text: 'Please sign in again.' },
  formStale: 'This form was too old. Please send it again.',
  userName: 'User name',
  password: 'Password',
  newPassword: 'New password',
  newPasswordHint: '8 characters or more',
  passwordAgain: 'The same password again',
  badPassword: 'A password has 8 characters to 1,024 bytes.',
  passwordsDiffer: 'The two passwords differ.',
  noUsers:
    'There is no user yet. When the server started, it printed a link: in the terminal, or in its log (journalctl -u callercard, podman logs). Whoever opens that link makes the first admin.',
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
  yourAccount: 'su cuenta',
  signOut: 'Salir',
  signIn: 'Entrar',
  signedOut: 'La sesión está cerrada.',
  sessionOver: 'Su sesión terminó. Entre de nuevo, por favor.',
  formOld: { title: 'Este formulario ya no sirve', text: 'Entre de nuevo, por favor.' },
  formStale: 'Este formulario ya no servía. Envíelo de nuevo, por favor.',
  userName: 'Usuario',
  password: 'Contraseña',
  newPassword: 'Contraseña nueva',
  newPasswordHint: '8 caracteres o más',
  passwordAgain: 'La misma contraseña otra vez',
  badPassword: 'Una contraseña tiene de 8 caracteres a 1,024 bytes.',
  passwordsDiffer: 'Las dos contraseñas son distintas.',
  noUsers:
    'Todavía no hay usuarios. Al empezar, el servidor escribió un enlace: en la terminal o en su registro (journalctl -u callercard, podman logs). Quien abra ese enlace hace al primer administrador.',
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
