import type { CommandHelp } from './command-help.ts';
import { importHelp } from './help-es-files.ts';
import { peopleHelp } from './help-es-people.ts';

/** Options that mean the same wherever a command has no words of its own for them. */
export const COMMON_OPTIONS: Readonly<Record<string, string>> = {
  '--json': 'como JSON',
  '--domain': 'el dominio, si el archivo de configuración nombra varios',
  '--config': 'Un archivo JSON con los ajustes.',
  '--yes': 'no preguntar',
  '--password-stdin': 'leer la contraseña de la entrada estándar',
};

/** By the words of the command: `list delete`; the program itself is ''. */
export const COMMAND_HELP: Readonly<Record<string, CommandHelp>> = {
  '': {
    about: '¿Quién llama? Responde la API documentada Get Customer Information con los leads de usted.',
  },
  demo: {
    about:
      'Crea data/demo.db con leads inventados y el usuario de la documentación, y la sirve en esta máquina.',
  },
  serve: {
    about:
      'Responde consultas hasta SIGTERM o Ctrl-C. SIGHUP vuelve a leer los ajustes de los dominios y el certificado.',
    options: { '--create': 'crear la base si no existe: vacía' },
  },
  ...importHelp,
  ...peopleHelp,
  backup: {
    about:
      'Copia la base propia a un archivo, tal como está en un momento, también mientras un servidor la usa, y lee la copia completa. "callercard restore" la trae de vuelta.',
    arguments: { file: 'el archivo que se crea' },
    options: { '--json': 'lo que se copió, como JSON' },
  },
  copy: {
    about:
      'Copia toda una base a otra nueva, de SQLite a PostgreSQL o al revés, y compara ambas. Lo que se escriba mientras tanto en la primera no está en la copia: detenga antes sus servidores.',
    options: {
      '--from': 'la base: sqlite:RUTA o postgres://USUARIO:CONTRASEÑA@HOST:5432/NOMBRE',
      '--to': 'la nueva, que todavía no existe o está vacía',
      '--json': 'lo que se copió, como JSON, con huellas',
    },
  },
  restore: {
    about:
      'Pone un respaldo como la base propia, también con un servidor en marcha, que responde con ella un momento después. Quien fue borrado desde entonces no vuelve.',
    arguments: { file: 'un archivo hecho por "callercard backup"' },
    options: {
      '--replace': 'ponerlo en lugar de la base que está, la cual se guarda a su lado',
      '--json': 'lo que se restauró, como JSON',
    },
  },
  audit: { about: 'Busca en la auditoría y la verifica: quién consultó qué, y cuándo.' },
  'audit search': {
    about:
      'Encuentra consultas y lo que hicieron los operadores, lo más antiguo primero. Los registros llevan los números enmascarados: busque por el lead encontrado. Las horas son UTC.',
    arguments: { folder: 'otra auditoría, por ejemplo una archivada' },
    options: {
      '--lead': 'que encontró este lead, o preguntó por él',
      '--user':
        'por este usuario, o lo que se hizo con él; "token:NOMBRE" es un token, "operator" quien ejecuta comandos',
      '--since': 'desde entonces: 2026-11-01 o 2026-11-01T08:30',
      '--until': 'antes de entonces; un día cuenta completo',
      '--limit': 'solo los últimos',
      '--json': 'los registros tal como son, uno por línea',
    },
  },
  'audit verify': {
    about:
      'Comprueba que ningún registro se cambió, quitó, agregó o movió, y nombra el primero que sí. En ese caso el código de salida es 3. Que se cortó el final solo lo muestra una revisión anterior: guarde lo que escribe --json y páselo con --earlier.',
    arguments: { folder: 'otra auditoría, por ejemplo una archivada' },
    options: {
      '--earlier': 'lo que verify --json escribió antes: esos registros deben seguir ahí',
      '--domain': 'solo este dominio; si no, todos',
    },
  },
  check: {
    about:
      'Revisa la configuración, los permisos de archivos, Redis, Asterisk, la auditoría, la base, los índices y los usuarios, y dice qué hacer con lo que encuentra.',
    options: { '--domain': 'solo este dominio; si no, todos' },
  },
  settings: {
    about: 'Muestra cada ajuste, su valor vigente y de dónde viene; los secretos, enmascarados.',
  },
  completion: {
    about: 'Escribe lo que completa comandos y opciones en una terminal.',
    arguments: { shell: 'qué intérprete de comandos' },
  },
};
