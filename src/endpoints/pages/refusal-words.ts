import type { RefusalCode } from '../../service/planned-act.ts';
import type { Language } from './reader.ts';

type RefusalWords = Readonly<Record<RefusalCode, (about: string) => string>>;

const ENGLISH: RefusalWords = {
  user_exists: (name) => `There is a user ${name} already.`,
  user_unknown: (name) => `There is no user ${name}.`,
  user_changed: (name) => `Somebody has changed ${name} meanwhile; here is what is now.`,
  last_admin: (name) =>
    `${name} is the last one who can manage users: active, with card and admin, and every list. Make another one first.`,
  first_key_used: () => 'There is a user already, or this link was used. Sign in.',
  name_malformed: () => 'A user name has 1 to 64 bytes, no control characters and no spaces around it.',
  name_reserved: () => 'Log and audit use this name for somebody else; choose another.',
  name_of_dialer: (name) => `${name} is an account of the dialer itself; choose another name.`,
  rights_of_dialer: () => 'Here only calls and admin can be given; all else is set in the dialer.',
  extension_malformed: () => 'A telephone has 1 to 64 characters without spaces, commas and =.',
  extension_taken: (name) => `${name} has this telephone; take it away first.`,
  token_exists: (name) => `There is or was a token ${name}; choose another name.`,
  token_unknown: (name) => `There is no token ${name}.`,
  token_name_malformed: () => 'A token has a name of 1 to 64 letters, digits and . _ @ -',
  token_ended: () => 'The store has seen a later day: the token would have ended already.',
};

const SPANISH: RefusalWords = {
  user_exists: (name) => `Ya existe el usuario ${name}.`,
  user_unknown: (name) => `No existe el usuario ${name}.`,
  user_changed: (name) => `Alguien cambió ${name} mientras tanto; aquí está lo de ahora.`,
  last_admin: (name) =>
    `${name} es la última persona que puede administrar usuarios: activa, con card y admin, y con todas las listas. Haga otra primero.`,
  first_key_used: () => 'Ya hay un usuario, o este enlace ya se usó. Entre.',
  name_malformed: () => 'Un nombre tiene de 1 a 64 bytes, sin caracteres de control ni espacios alrededor.',
  name_reserved: () => 'El registro y la auditoría usan este nombre para otra cosa; elija otro.',
  name_of_dialer: (name) => `${name} es una cuenta del propio marcador; elija otro nombre.`,
  rights_of_dialer: () => 'Aquí solo se dan calls y admin; lo demás se pone en el marcador.',
  extension_malformed: () => 'Un teléfono tiene de 1 a 64 caracteres sin espacios, comas ni =.',
  extension_taken: (name) => `${name} tiene este teléfono; quíteselo primero.`,
  token_exists: (name) => `Existe o existió un token ${name}; elija otro nombre.`,
  token_unknown: (name) => `No existe el token ${name}.`,
  token_name_malformed: () => 'Un token se llama con 1 a 64 letras, dígitos y . _ @ -',
  token_ended: () => 'El almacén ya vio un día posterior: el token ya habría terminado.',
};

/** Why an act on users and tokens is not done, by language. */
export const REFUSAL_WORDS = { en: ENGLISH, es: SPANISH } satisfies Record<Language, RefusalWords>;
