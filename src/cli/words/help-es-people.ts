import type { CommandHelp } from './command-help.ts';

const RIGHTS =
  'card (inicia sesión y ve fichas), read (la API documentada, y lo que lee /v1), edit, calls (avisa de llamadas), admin, separados por comas; o none';
const EXTENSION =
  'el teléfono del usuario como lo llama la central (1001), para llamadas que abren la ficha por sí solas';
const PHONE_OF_PERSON = 'el número de teléfono, si solo una persona lo tiene o lo tuvo';
const LEADS_OF_PERSON = 'los ids de lead de la persona';

/** Users, tokens, and what is kept of people. */
export const peopleHelp: Readonly<Record<string, CommandHelp>> = {
  user: {
    about: 'Los usuarios de la base propia; junto a un marcador, lo que aquí se guarda de los suyos.',
  },
  'user add': {
    about:
      'Agrega un usuario. La contraseña viene de una pregunta o de la entrada estándar, nunca de un argumento.',
    options: {
      '--rights': `${RIGHTS} (si no se indica: "card,read")`,
      '--lists': 'solo leads de estas listas (1,2,3); si no se indica: todas',
      '--extension': EXTENSION,
    },
  },
  'user list': {
    about:
      'Muestra los usuarios y qué puede hacer cada uno. Junto a un marcador, aquellos de sus usuarios que recibieron permisos aquí.',
  },
  'user password': {
    about:
      'Pone una contraseña nueva, que vale desde la siguiente solicitud, y borra los inicios de sesión fallidos.',
  },
  'user disable': { about: 'Rechaza a un usuario desde la siguiente solicitud.' },
  'user enable': { about: 'Vuelve a aceptar a un usuario desactivado.' },
  'user set': {
    about:
      'Cambia lo que puede hacer un usuario, desde la siguiente solicitud. De un usuario del marcador solo calls y admin: lo demás se ajusta en el marcador.',
    options: {
      '--rights': `en lugar de los que tiene el usuario: ${RIGHTS}`,
      '--lists': 'solo leads de estas listas (1,2,3), o all (todas)',
      '--extension': `${EXTENSION}; '' lo quita`,
    },
  },
  'user remove': {
    about:
      'Quita a un usuario para siempre, con sus sesiones e inicios fallidos. El nombre puede darse a otra persona: la auditoría dice cuándo. "user disable" conserva al usuario.',
  },
  'user unlock': {
    about:
      'Olvida los inicios de sesión fallidos de un usuario, que pueden haberlo bloqueado. Junto a un marcador, los que contó callercard: un bloqueo propio del marcador es asunto suyo.',
  },
  token: {
    about:
      'Tokens para programas y teléfonos: cada uno sustituye nombre y contraseña y se puede revocar por separado.',
  },
  'token create': {
    about: 'Crea un token y muestra su secreto, solo esta vez: la base guarda una huella.',
    arguments: { name: 'con el que lo conocen el log, la auditoría y "token revoke"' },
    options: {
      '--expires': 'días desde hoy (90d) o una fecha (2027-12-31); si no se indica: un año',
      '--lists': 'solo leads de estas listas (1,2,3); si no se indica: todas',
      '--scope':
        'qué abre: read (lo que lee /v1), edit, calls (avisar de llamadas), separados por comas; o solo caller-id: únicamente quién llama (nombre, ciudad, estado), para teléfonos que lo mandan en una URL',
    },
  },
  'token list': { about: 'Muestra los tokens, nunca sus secretos.' },
  'token revoke': { about: 'Rechaza un token para siempre, desde la siguiente solicitud.' },
  person: {
    about: 'Lo que se guarda de una persona, para quien lo pide o quiere que se le olvide.',
  },
  'person find': {
    about:
      'Encuentra los leads que tienen un número o lo tuvieron, también eliminados, y las notas que lo contienen; en todos los dominios, o en uno.',
    options: { '--phone': 'el número de teléfono, escrito como sea' },
  },
  'person export': {
    about:
      'Escribe todo lo que se guarda de una persona en dos archivos: ARCHIVO.json para programas, ARCHIVO.html para leer e imprimir.',
    options: {
      '--lead': LEADS_OF_PERSON,
      '--phone': PHONE_OF_PERSON,
      '--out':
        'su nombre (si no se indica: person-LEAD en esta carpeta); - escribe el JSON en la salida estándar',
      '--language': 'de ARCHIVO.html (si no se indica: el del entorno, si no en)',
    },
  },
  'person erase': {
    about:
      'Borra a una persona: los leads con sus números, notas, cambios e ids externos, también de partes sin uso de los archivos y de copias; después muestra una constancia. No se puede deshacer.',
    options: {
      '--lead': LEADS_OF_PERSON,
      '--phone': PHONE_OF_PERSON,
      '--json': 'la constancia como JSON',
    },
  },
  retention: {
    about:
      'Borra los leads a los que no les ha pasado nada en tantos días como dice de su lista el ajuste "retention": ni llamada, ni cambio, ni nota, ni importación.',
    options: { '--dry-run': 'solo decir cuántos', '--json': 'los conteos como JSON' },
  },
};
