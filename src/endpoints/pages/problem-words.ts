import { type Problem, type ProblemMessages, messageFor } from '../../core/problem.ts';
import type { ImportRefusal } from '../../core/import-refusal.ts';
import type { EarlyAnswers, PrecomputedAnswer } from '../../http/problem-answer.ts';
import type { Language } from './reader.ts';
import type { Notice } from './notice.ts';

const IMPORT_ENGLISH: Readonly<Record<ImportRefusal['why'], string>> = {
  too_many: 'As many files are here as may be at once. Import or give up one of them first.',
  too_large: 'It is larger than a file may be here. Split it, or ask whoever runs the server.',
  switched_off: 'Files are imported by whoever runs the server here.',
  disk_full: 'The disk of the server has too little room. Tell whoever runs it.',
  other_offset: 'A part of the file is missing. Send it again.',
  not_whole: 'The file has not come whole. Send it again.',
  in_work: 'It is being worked on. Wait until that has ended, or stop it.',
  file_gone: 'It is imported already. For another import send the file again.',
  not_undoable: 'It was taken back already, or what it changed is no longer kept.',
};

const IMPORT_SPANISH: typeof IMPORT_ENGLISH = {
  too_many: 'Ya están todos los archivos que caben a la vez. Importe uno de ellos o quítelo.',
  too_large: 'Es más grande de lo que se permite aquí. Divídalo, o pregunte a quien maneja el servidor.',
  switched_off: 'Aquí los archivos los importa quien maneja el servidor.',
  disk_full: 'El disco del servidor no tiene espacio. Avise a quien lo maneja.',
  other_offset: 'Falta una parte del archivo. Envíelo de nuevo.',
  not_whole: 'El archivo no llegó completo. Envíelo de nuevo.',
  in_work: 'Se está trabajando en él. Espere a que termine, o deténgalo.',
  file_gone: 'Ya se importó. Para otra importación envíe el archivo de nuevo.',
  not_undoable: 'Ya se deshizo, o ya no se guarda lo que cambió.',
};

const LATER = 'Try again in a moment. If it stays like this, tell your administrator.';

const ENGLISH = {
  credentials_invalid: () => ({
    title: 'The user name or the password is wrong',
    text: 'Check both and try again. After 10 wrong tries the name is locked for 15 minutes.',
  }),
  locked_out: () => ({
    title: 'Too many wrong tries',
    text: 'This name is locked. Wait 15 minutes, then try again; the right password does not help before that.',
  }),
  api_not_allowed: ({ user, right }) => ({
    title: `${user} may not use this page`,
    text: `Ask your administrator for the right “${right}”.`,
  }),
  parameters_missing: () => ({
    title: 'Who is calling?',
    text: 'Type a telephone number or a lead id into the search field.',
  }),
  parameter_malformed: ({ faults }) =>
    faults.some(({ field }) => field === 'q')
      ? { title: 'Those are too many words', text: 'Part of the name is enough: up to 8 words.' }
      : faults.some(({ field }) => field === 'lead_id')
        ? {
            title: 'That is no lead id',
            text: 'A lead id is a whole number of 1 to 10 digits, such as 14246.',
          }
        : {
            title: 'That is no telephone number',
            text: 'Use 6 to 18 digits, with spaces, + - ( ) between them as you like, and no extension.',
          },
  lead_not_found: ({ asked }) => ({
    title: `There is no lead ${asked}`,
    text: 'Check the id. It may also be in a list that you may not see; your administrator knows.',
  }),
  phone_not_found: ({ asked }) => ({
    title: `Nobody has ${asked}`,
    text: 'Check the number. A new customer is not known yet, and some may be in a list that you may not see.',
  }),
  list_not_found: ({ asked }) => ({ title: `There is no list ${asked}`, text: 'Ask your administrator.' }),
  change_not_found: () => ({ title: 'That change is not there any longer', text: 'Open the card again.' }),
  call_not_found: () => ({ title: 'That call is not there any longer', text: 'Open the card again.' }),
  import_not_found: () => ({
    title: 'That import is not there any longer',
    text: 'Files are kept for a day. What an import changed is in the history.',
  }),
  import_refused: ({ refusal }) => ({
    title: 'Nothing was done with the file',
    text: IMPORT_ENGLISH[refusal.why],
  }),
  text_search_unavailable: () => ({
    title: 'Customers are not searched by name here',
    text: 'The dialer has no index of names. Search by telephone number.',
  }),
  read_only_store: () => ({
    title: 'Customers are changed in the dialer',
    text: 'This card only reads them. Change the customer on the dialer’s own screen.',
  }),
  number_taken: ({ number, leadId }) => ({
    title: `${number} belongs to lead ${leadId} already`,
    text: 'Open that customer, or save this one as another person.',
  }),
  list_exists: ({ asked }) => ({ title: `There is a list ${asked} already`, text: 'Choose another number.' }),
  several_people: () => ({ title: 'Several people have this number', text: 'Choose one of them.' }),
  every_list_needed: () => ({
    title: 'This needs somebody who sees every list',
    text: 'Ask your administrator.',
  }),
  changed_meanwhile: () => ({
    title: 'Somebody else has changed this customer',
    text: 'Look at what is there now, then save yours if it is still right.',
  }),
  precondition_required: () => ({ title: 'That did not come from a card', text: 'Open the card again.' }),
  undo_conflict: () => ({
    title: 'That cannot be undone any longer',
    text: 'Somebody has changed the same field again since then.',
  }),
  idempotency_key_reused: () => ({ title: 'That was sent before', text: 'Open the card again.' }),
  rate_limited: ({ dailyLeads }) =>
    dailyLeads === undefined
      ? { title: 'That was too fast', text: 'Wait a few seconds, then search again.' }
      : {
          title: 'You have seen as many customers as one day allows',
          text: `You may see ${dailyLeads} different customers in a day. Those that you have seen today still open; for others wait until tomorrow, or tell your administrator.`,
        },
  overloaded: () => ({ title: 'The server is busy', text: LATER }),
  store_unavailable: () => ({ title: 'The customers cannot be reached right now', text: LATER }),
  audit_unavailable: () => ({
    title: 'No card can be shown right now',
    text: 'Each look at a customer must be recorded, and that fails. Tell your administrator.',
  }),
  route_unknown: () => ({ title: 'There is nothing at this address', text: 'Go back to the card.' }),
  method_not_allowed: () => ({ title: 'That does not work here', text: 'Go back to the card.' }),
  credentials_in_url: () => ({ title: 'A password must not stand in an address', text: 'Sign in here.' }),
  cross_origin: () => ({
    title: 'Another web page asked for this',
    text: 'Open the card yourself and search there.',
  }),
  request_unparsable: () => ({ title: 'The server could not read that', text: 'Search again.' }),
  request_too_large: () => ({ title: 'That was too long', text: 'Search again with the number alone.' }),
  url_too_long: () => ({ title: 'That address is too long', text: 'Search again with the number alone.' }),
  body_type_unknown: () => ({ title: 'The server could not read that', text: 'Sign in with the form.' }),
  internal: () => ({ title: 'Something went wrong', text: LATER }),
} satisfies ProblemMessages<Notice>;

const MAS_TARDE = 'Intente de nuevo en un momento. Si sigue así, avise a su administrador.';

const SPANISH = {
  credentials_invalid: () => ({
    title: 'Usuario o contraseña incorrectos',
    text: 'Revise ambos e intente de nuevo. Después de 10 intentos fallidos el usuario se bloquea 15 minutos.',
  }),
  locked_out: () => ({
    title: 'Demasiados intentos fallidos',
    text: 'Este usuario está bloqueado. Espere 15 minutos e intente de nuevo; antes tampoco sirve la contraseña correcta.',
  }),
  api_not_allowed: ({ user, right }) => ({
    title: `${user} no puede usar esta página`,
    text: `Pida a su administrador el permiso “${right}”.`,
  }),
  parameters_missing: () => ({
    title: '¿Quién llama?',
    text: 'Escriba un número de teléfono o un número de cliente en el campo de búsqueda.',
  }),
  parameter_malformed: ({ faults }) =>
    faults.some(({ field }) => field === 'q')
      ? { title: 'Son demasiadas palabras', text: 'Basta una parte del nombre: hasta 8 palabras.' }
      : faults.some(({ field }) => field === 'lead_id')
        ? {
            title: 'Eso no es un número de cliente',
            text: 'El número de cliente es un número entero de 1 a 10 dígitos, por ejemplo 14246.',
          }
        : {
            title: 'Eso no es un número de teléfono',
            text: 'Use de 6 a 18 dígitos, con espacios, + - ( ) entre ellos si quiere, y sin extensión.',
          },
  lead_not_found: ({ asked }) => ({
    title: `No existe el cliente n.º ${asked}`,
    text: 'Revise el número. También puede estar en una lista que usted no puede ver; su administrador lo sabe.',
  }),
  phone_not_found: ({ asked }) => ({
    title: `Nadie tiene el ${asked}`,
    text: 'Revise el número. Un cliente nuevo aún no se conoce, y otro puede estar en una lista que usted no puede ver.',
  }),
  list_not_found: ({ asked }) => ({
    title: `No existe la lista ${asked}`,
    text: 'Pregunte a su administrador.',
  }),
  change_not_found: () => ({ title: 'Ese cambio ya no está', text: 'Abra la ficha de nuevo.' }),
  call_not_found: () => ({ title: 'Esa llamada ya no está', text: 'Abra la ficha de nuevo.' }),
  import_not_found: () => ({
    title: 'Esa importación ya no está',
    text: 'Los archivos se guardan un día. Lo que cambió una importación está en el historial.',
  }),
  import_refused: ({ refusal }) => ({
    title: 'No se hizo nada con el archivo',
    text: IMPORT_SPANISH[refusal.why],
  }),
  text_search_unavailable: () => ({
    title: 'Aquí no se busca por nombre',
    text: 'El marcador no tiene un índice de nombres. Busque por número de teléfono.',
  }),
  read_only_store: () => ({
    title: 'Los clientes se cambian en el marcador',
    text: 'Esta ficha solo los lee. Cambie al cliente en la pantalla del marcador.',
  }),
  number_taken: ({ number, leadId }) => ({
    title: `El ${number} ya es del cliente n.º ${leadId}`,
    text: 'Abra ese cliente, o guarde este como otra persona.',
  }),
  list_exists: ({ asked }) => ({ title: `La lista ${asked} ya existe`, text: 'Elija otro número.' }),
  several_people: () => ({ title: 'Varias personas tienen este número', text: 'Elija una de ellas.' }),
  every_list_needed: () => ({
    title: 'Esto necesita a alguien que vea todas las listas',
    text: 'Pregunte a su administrador.',
  }),
  changed_meanwhile: () => ({
    title: 'Otra persona cambió a este cliente',
    text: 'Vea lo que hay ahora y guarde lo suyo si sigue siendo correcto.',
  }),
  precondition_required: () => ({ title: 'Eso no vino de una ficha', text: 'Abra la ficha de nuevo.' }),
  undo_conflict: () => ({
    title: 'Eso ya no se puede deshacer',
    text: 'Alguien volvió a cambiar el mismo campo desde entonces.',
  }),
  idempotency_key_reused: () => ({ title: 'Eso ya se envió antes', text: 'Abra la ficha de nuevo.' }),
  rate_limited: ({ dailyLeads }) =>
    dailyLeads === undefined
      ? { title: 'Fue demasiado rápido', text: 'Espere unos segundos y busque de nuevo.' }
      : {
          title: 'Ya vio tantos clientes como se permiten en un día',
          text: `Puede ver ${dailyLeads} clientes distintos en un día. Los que vio hoy se siguen abriendo; para otros espere a mañana o avise a su administrador.`,
        },
  overloaded: () => ({ title: 'El servidor está ocupado', text: MAS_TARDE }),
  store_unavailable: () => ({ title: 'No se puede llegar a los clientes en este momento', text: MAS_TARDE }),
  audit_unavailable: () => ({
    title: 'No se puede mostrar ninguna ficha en este momento',
    text: 'Debe quedar escrito quién ve a un cliente, y eso falla. Avise a su administrador.',
  }),
  route_unknown: () => ({ title: 'No hay nada en esta dirección', text: 'Vuelva a la ficha.' }),
  method_not_allowed: () => ({ title: 'Eso no funciona aquí', text: 'Vuelva a la ficha.' }),
  credentials_in_url: () => ({
    title: 'Una contraseña no debe estar en una dirección',
    text: 'Entre aquí.',
  }),
  cross_origin: () => ({
    title: 'Otra página web pidió esto',
    text: 'Abra usted la ficha y busque allí.',
  }),
  request_unparsable: () => ({ title: 'El servidor no pudo leer eso', text: 'Busque de nuevo.' }),
  request_too_large: () => ({
    title: 'Eso fue demasiado largo',
    text: 'Busque de nuevo solo con el número.',
  }),
  url_too_long: () => ({
    title: 'Esa dirección es demasiado larga',
    text: 'Busque de nuevo solo con el número.',
  }),
  body_type_unknown: () => ({ title: 'El servidor no pudo leer eso', text: 'Entre con el formulario.' }),
  internal: () => ({ title: 'Algo salió mal', text: MAS_TARDE }),
} satisfies ProblemMessages<Notice>;

const PROBLEM_WORDS = { en: ENGLISH, es: SPANISH } satisfies Record<Language, ProblemMessages<Notice>>;

/** A problem and what to do about it, in plain words. */
export function noticeOf(problem: Problem, language: Language): Notice {
  return messageFor<Notice>(PROBLEM_WORDS[language], problem);
}

/** In both languages, because it is precomputed: a shed request must cost next to nothing. */
const BUSY: PrecomputedAnswer = {
  type: 'text/html; charset=utf-8',
  body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>callercard</title>
<h1>The server is busy</h1>
<p>Wait a few seconds, then load this page again.</p>
<div lang="es">
<h1>El servidor está ocupado</h1>
<p>Espere unos segundos y cargue esta página de nuevo.</p>
</div>
</html>
`,
};

/** Of the card and of the console. */
export const PAGES_EARLY: EarlyAnswers = { targets: /^\/(?:card|console)(?:[/?]|$)/, overload: BUSY };
