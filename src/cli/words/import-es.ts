import type { ImportCommandWords } from './import-words.ts';

export const SPANISH: ImportCommandWords = {
  stoppedUnchanged: 'se detuvo; no se cambió nada',
  noRows: 'no hay ninguna fila debajo del encabezado',
  stoppedAfter: (line, otherRejects) =>
    `se detuvo después de la línea ${line}; ejecute el mismo comando de nuevo${otherRejects ? ', con otro archivo en --rejects,' : ''} para terminar`,
  counts({ added, updated, changes, unchanged, rejected, rejectsFile, removed, removals, seconds }) {
    const see = rejectsFile === null ? '' : ` (vea ${rejectsFile})`;
    const gone = removed === undefined ? '' : `, eliminados ${removed}${removals}`;
    return `nuevos ${added}, cambiados ${updated}${changes}, sin cambio ${unchanged}, filas rechazadas ${rejected}${see}${gone}, ${seconds.toFixed(1)} s`;
  },
  listCount: (listId, count) => `lista ${listId}: ${count}`,
  allWithJson: '… (todo con --json)',
  trial: 'fue una prueba en una copia: no se cambió nada',
  firstRejected: (line, reason) => `primera rechazada: línea ${line}: ${reason}`,
  undoWith: (importId) => `para deshacerla: callercard import --undo ${importId}`,
  warningAt: (line, text) => `línea ${line}: ${text}`,
  warnings: (count, shown, isCut) => `advertencias ${count}: ${shown}${isCut ? ' … (todas con --json)' : ''}`,
  notImported: (files) => `sin importar: ${files}`,
  olderRejectsGone: (path) => `no se rechazó nada, y por eso se borró el ${path} anterior`,
  undone({ importId, fileName, restored, removed, kept }) {
    const rest =
      kept === 0
        ? ''
        : `; ${kept} quedan como están, porque una importación posterior los cambió o trajo de nuevo a la persona`;
    return `se deshizo la importación ${importId} (${fileName}): ${restored} leads quedaron como eran, se eliminaron ${removed} que había agregado${rest}`;
  },
  noImports: 'todavía no se ha importado nada',
  columns: [
    ...['id', 'inicio (UTC)', 'archivo', 'quién', 'estado'],
    ...['nuevos', 'cambiados', 'sin cambio', 'rechazados', 'eliminados', 'deshacer'],
  ],
  states: {
    running: 'en curso',
    done: 'terminada',
    stopped: 'detenida',
    undoing: 'deshaciéndose',
    undone: 'deshecha',
  },
  yes: 'sí',
  no: 'no',
  left: 'faltan {eta_formatted}',
  rows: 'filas',
  indexing: 'se prepara la búsqueda por nombre; Ctrl-C deja el resto al servidor',
  indexed: (leads, seconds) => `${leads} leads listos para la búsqueda por nombre en ${seconds} s`,
  notIndexed: (why) => `todavía no se encuentran todos los leads por nombre (${why}); un servidor continúa`,
};
