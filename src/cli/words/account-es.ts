import { NAME_LIMIT } from '../../service/user-acts.ts';
import type { AccountWords } from './account-words.ts';

export const SPANISH: AccountWords = {
  refusals: {
    user_exists: (name) =>
      `ya hay un usuario ${name}; "callercard user password ${name}" cambia la contraseña, "user set" lo que puede hacer`,
    user_unknown: (name) => `no hay ningún usuario ${name}; "callercard user list" los muestra`,
    user_changed: (name) => `otra persona cambió a ${name} mientras tanto; intente de nuevo`,
    last_admin: (name) => `${name} es la última persona que administra usuarios`,
    first_key_used: () => 'ya hay un usuario',
    name_malformed: () =>
      `un nombre de usuario tiene de 1 a ${NAME_LIMIT} bytes, sin caracteres de control ni espacios alrededor`,
    name_reserved: () =>
      'el log y la auditoría usan los nombres que empiezan con token: para tokens, y operator para quien ejecuta comandos; elija otro nombre',
    name_of_dialer: (name) =>
      `${name} es una cuenta del marcador mismo, que nunca puede iniciar sesión; elija otro nombre`,
    rights_of_dialer: () => 'los usuarios y contraseñas son los del marcador; aquí solo se dan calls y admin',
    extension_malformed: (text) =>
      `--extension lleva de 1 a 64 caracteres sin espacios, comas ni = (1001), o '' para ninguno, y no "${text}"`,
    extension_taken: (owner) =>
      `el usuario ${owner} tiene esta extensión; quítesela primero: callercard user set ${owner} --extension ''`,
    token_exists: (name) =>
      `hay o hubo un token ${name}; elija otro nombre, porque por él distingue la auditoría los tokens`,
    token_unknown: (name) => `no hay ningún token ${name}; "callercard token list" los muestra`,
    token_name_malformed: () => 'un token tiene un nombre de 1 a 64 letras, dígitos y . _ @ -',
    token_ended: () =>
      'la base ya vio un día posterior al reloj de esta máquina, así que el token ya habría vencido; elija un --expires posterior',
  },
  noAdminLeft:
    'no queda nadie que administre usuarios en la consola; "callercard user set NOMBRE --rights card,read,admin" nombra a alguien',
  added: (name) => `se agregó el usuario ${name}`,
  passwordChanged: (name) => `se cambió la contraseña de ${name}`,
  enabled: (name) => `se activó el usuario ${name}`,
  disabled: (name) => `se desactivó el usuario ${name}`,
  set(name, rights, lists, extension) {
    const telephone = extension === undefined ? '' : `; extensión ${extension || 'ninguna'}`;
    return `se cambió el usuario ${name}: permisos ${rights}; listas ${lists}${telephone}`;
  },
  granted: (name, rights) =>
    `se cambió el usuario ${name}: ${rights}, además de lo que el marcador le permite`,
  removed: (name) => `se quitó el usuario ${name}`,
  unlocked(name, failures) {
    const forgotten =
      failures === 0
        ? 'no había inicios de sesión fallidos'
        : failures === 1
          ? 'se olvidó 1 inicio de sesión fallido'
          : `se olvidaron ${failures} inicios de sesión fallidos`;
    return `se desbloqueó ${name}: ${forgotten}`;
  },
  dialerLock: (minutes) =>
    `lo que contó el marcador mismo sigue: su bloqueo termina ${minutes} minutos después del último intento, o en el marcador, Users, Modify`,
  noUsers: 'no hay usuarios; "callercard user add NOMBRE" agrega uno',
  noGrants: 'aquí no se dio ningún permiso; "callercard user set NOMBRE --rights calls" da uno',
  userColumns: {
    own: ['usuario', 'activo', 'permisos', 'listas', 'bloqueado'],
    extension: 'extensión',
    granted: ['usuario', 'dado aquí'],
  },
  yes: 'sí',
  no: 'no',
  none: 'ninguno',
  everyList: 'todas',
  tokenMade: (name, until) =>
    `se creó el token ${name}, válido hasta el ${until}; su secreto no se muestra de nuevo`,
  tokenRevoked: (name) => `se revocó el token ${name}`,
  noTokens: 'no hay tokens; "callercard token create NOMBRE" crea uno',
  tokenColumns: ['token', 'alcance', 'listas', 'estado', 'vence', 'secreto'],
  tokenStates: { good: 'válido', expired: 'vencido', revoked: 'revocado' },
  password: {
    ask: 'Contraseña: ',
    again: 'Otra vez: ',
    empty: 'la contraseña está vacía',
    tooLong: (bytes) => `la contraseña tiene más de ${bytes} bytes, más de lo que acepta la API`,
    short: (least) => `esa contraseña es corta; ${least} o más caracteres son más difíciles de adivinar`,
    noTerminal: 'no hay terminal en la que preguntar; dé la contraseña con --password-stdin',
    differ: 'las dos contraseñas son distintas; no se cambió nada',
    stopped: 'se detuvo; no se cambió nada',
  },
};
