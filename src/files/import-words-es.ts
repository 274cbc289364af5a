import { type ImportWords, say } from './import-words.ts';
import { phoneClauseInSpanish } from './phone-clauses-es.ts';

const more = (count: number, before = ' y ') => (count > 0 ? `${before}${count} más` : '');

export const SPANISH_IMPORT: ImportWords = {
  kept: {
    noRowOfFile: 'no se eliminó a nadie, porque no se tomó ninguna fila del archivo',
    noRowOfOneFile: 'no se eliminó a nadie, porque no se tomó ninguna fila de uno de los archivos',
    rejects:
      'no se eliminó a nadie, porque las filas rechazadas pueden ser de personas que están en el archivo: corríjalas e importe de nuevo, o indique --accept-rejects',
  },
  columns: {
    readAs: (format, isExport) => `se leyó como ${isExport ? 'exportación de ' : ''}${format}`,
    columns: (renamed, others) =>
      `columnas: ${renamed}${others === 0 ? '' : `; ${others} más con su propio nombre`}`,
    further: (what, field) =>
      `${what === 'e-mails' ? 'otros correos' : 'otras direcciones'} de una fila → campo propio ${field}`,
    leftOut: (columns) => `no se tomaron: ${columns}`,
    theFile: 'el archivo',
    why: {
      format: (program) => `${program} la escribe para sí`,
      empty: 'ninguna fila tiene algo en ella',
      repeated: 'igual a otra columna de ese nombre',
      unknown: 'no se conoce',
    },
    emptyColumns: (count) => `${count} columnas sin ningún valor`,
    more,
  },
  notices: {
    headerAt: (line) => `el encabezado es la línea ${line}`,
    notUtf8: () => 'no es UTF-8 y se leyó como Windows-1252 (Latin 1)',
    vicidialLoad: () =>
      'no tiene línea de encabezado; se lee como archivo estándar de carga de leads de VICIdial',
    otherSheets: (sheet, others, count) =>
      `se lee la hoja "${sheet}", y no ${others}${more(count)}; elija otra con --sheet NOMBRE`,
    mixedCards: (own, all) =>
      `tiene ${own} tarjetas exportadas por callercard entre ${all}; todas se leen como las de otros programas, sin lista, estado ni campos propios`,
    captionsUnreadable: () => 'no se pueden leer los títulos de los campos propios',
    foreignIds: () =>
      'lead_id se guarda como el campo propio external_lead_id; si es el de esta base, indique --map "lead_id=lead_id"',
    nearField: (column, field, known) =>
      `"${column}" quedó como campo propio; si es ${field} (como "${known}"), indique --map "${column}=${field}"`,
    profileUsed: (name) => `se leyó con el perfil "${name}", que tiene el mismo encabezado`,
    openDates: (columns, usual, country) =>
      `las fechas de ${columns} pueden tener primero el día o el mes; se leen con ${usual === 'dmy' ? 'el día' : 'el mes'} primero, como en ${country}; si no es así, importe de nuevo con --dates ${usual === 'dmy' ? 'mdy' : 'dmy'}`,
  },
  values: {
    phone: phoneClauseInSpanish,
    noNumberWithin: (parts, count) => `contiene ${parts}${more(count)}, que no es un número`,
    beyondKept: (most, others) => `pasa de los ${most} que se guardan${more(others, ', con ')}`,
    beyondAddresses: (most, others) => `pasa de los ${most} correos que se guardan${more(others, ', con ')}`,
    beyondColumns: () => 'es un número más de los que caben en las columnas del archivo',
    noGender: () => 'no es un género conocido',
    noCountry: () => 'no es un país conocido',
    noDay: () => 'no es un día del calendario',
    noMoment: () => 'no es AAAA-MM-DD HH:MM:SS',
    noFurtherNumbers: () => 'no es una lista JSON de etiquetas y números',
    noYesNo: () => 'no es 0 ni no, ni 1 ni sí',
    noType: (type) => `no es del tipo ${type}`,
  },
  warnings: {
    leftOut: (column, value, fault) => `${column} ${value} ${say(SPANISH_IMPORT.values, fault)}; no se tomó`,
    doubtful: (column, value, fault) => `${column} ${value} ${say(SPANISH_IMPORT.values, fault)}`,
    moreLeftOut: (column, count) => `${column} tiene ${count} números más así; no se tomaron`,
    differs: (column, value, first) =>
      `la columna ${column}, ${value}, difiere de la columna ${first} del mismo nombre; no se tomó`,
  },
};
