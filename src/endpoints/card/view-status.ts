import type { LastCall } from '../../service/card-past.ts';
import type { Language } from '../pages/reader.ts';
import { WORDS } from './language.ts';

/** The statuses that every dialer of the VICIdial family has. Those that an operator made are shown as they are stored. */
const STATUS_NAMES: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  NEW: { en: 'New lead', es: 'Nuevo' },
  QUEUE: { en: 'To be called', es: 'Por llamar' },
  INCALL: { en: 'In a call', es: 'En llamada' },
  CALLBK: { en: 'Call back', es: 'Volver a llamar' },
  CBHOLD: { en: 'Call back later', es: 'Volver a llamar después' },
  A: { en: 'Answering machine', es: 'Contestadora' },
  AA: { en: 'Answering machine', es: 'Contestadora' },
  AM: { en: 'Message left', es: 'Mensaje grabado' },
  AL: { en: 'Message played', es: 'Mensaje reproducido' },
  B: { en: 'Busy', es: 'Ocupado' },
  AB: { en: 'Busy', es: 'Ocupado' },
  N: { en: 'No answer', es: 'No contesta' },
  NA: { en: 'No answer', es: 'No contesta' },
  DC: { en: 'Disconnected number', es: 'Número desconectado' },
  ADC: { en: 'Disconnected number', es: 'Número desconectado' },
  DEC: { en: 'Declined the sale', es: 'No aceptó la venta' },
  NI: { en: 'Not interested', es: 'Sin interés' },
  NP: { en: 'No pitch, no price', es: 'Sin oferta ni precio' },
  SALE: { en: 'Sale made', es: 'Venta hecha' },
  XFER: { en: 'Call transferred', es: 'Llamada transferida' },
  PU: { en: 'Call picked up', es: 'Llamada contestada' },
  PM: { en: 'Message played', es: 'Mensaje reproducido' },
  DROP: { en: 'No agent was free', es: 'Ningún agente libre' },
  TIMEOT: { en: 'Waited too long', es: 'Esperó demasiado' },
  AFTHRS: { en: 'Called after hours', es: 'Llamó fuera de horario' },
  ERI: { en: 'Agent error', es: 'Error del agente' },
  DNC: { en: 'Do not call', es: 'No llamar' },
  DNCL: { en: 'Do not call', es: 'No llamar' },
  DNCC: { en: 'Do not call', es: 'No llamar' },
};

/** A status by which nobody is to be called: the dialer's, those that begin so, and what people call it. */
const DO_NOT_CALL = /^DNC|^(?:DO ?NOT|DON'?T|NO) (?:CALL|LLAMAR|CONTACTAR)/i;

/** `isLoud`: the customer is not to be called. Undefined where no status is stored. */
export function viewStatus(stored: string | null, language: Language) {
  const code = stored?.trim() ?? '';
  if (code === '') return undefined;
  const name = Object.hasOwn(STATUS_NAMES, code) ? STATUS_NAMES[code]?.[language] : undefined;
  return { code, name, isLoud: DO_NOT_CALL.test(code.replaceAll('_', ' ')) };
}

/** How a call ended, in words: those of the telephone system's status, or of the disposition, or what somebody wrote. */
export function viewEnding(
  { outcome, dialStatus }: Pick<LastCall, 'outcome' | 'dialStatus'>,
  language: Language,
): string | undefined {
  if (dialStatus !== undefined) return WORDS[language].dialStatuses[dialStatus];
  const status = viewStatus(outcome ?? null, language);
  return status?.name ?? status?.code;
}
