import type { CommandHelp } from './command-help.ts';

/** `import`, `imports`, `export`, and what shows and changes leads and lists. */
export const importHelp: Readonly<Record<string, CommandHelp>> = {
  import: {
    about:
      'Importa leads de un archivo CSV u otro de texto, un libro de Excel (.xlsx), vCards o JSON, también comprimidos (.gz); crea la base si no existe.',
    arguments: { files: 'los archivos; - es la entrada estándar' },
    options: {
      '--map': 'qué campo es una columna (se puede repetir)',
      '--custom': 'importar una columna como campo propio (se puede repetir)',
      '--ignore': 'no tomar una columna (se puede repetir)',
      '--format': 'el programa que exportó el archivo (si no se indica: según el encabezado)',
      '--profile':
        'guardar con un nombre lo que dicen estas opciones; un archivo con el mismo encabezado se lee después así sin ellas',
      '--strict': 'las columnas desconocidas son un error (si no se indica: quedan como campos propios)',
      '--ignore-unknown': 'no tomar las columnas desconocidas',
      '--dates': 'cómo se escriben fechas como 31/12/1990 (si no se indica: según los valores)',
      '--list': 'la lista de las filas que no nombran ninguna',
      '--header-line': 'la línea que nombra las columnas (si no se indica: se busca)',
      '--sheet': 'la hoja de un libro, por nombre o número (si no se indica: la primera con filas)',
      '--key': 'la columna por la que las filas vuelven a sus leads, aunque cambie todo lo demás',
      '--replace': 'eliminar a quien está en las listas del archivo y ya no está en el archivo',
      '--replace-most': 'permitir que --replace elimine más de la mitad de una lista',
      '--dry-run': 'probar en una copia de la base y decir qué pasaría',
      '--on-duplicate':
        'qué hacer con una fila cuyo número, en su lista, o lead_id ya está (si no se indica: cambiar el lead del mismo nombre, rechazar el de otro nombre)',
      '--rejects':
        'a dónde van las filas malas: un archivo que todavía no existe (si no se indica: ARCHIVO.rejects.csv junto al archivo, o el siguiente número libre)',
      '--accept-rejects':
        'se esperan filas rechazadas: terminar con 0, y dejar que --replace elimine leads de todos modos',
      '--include-erased': 'tomar también filas de personas que se borraron a petición suya (person erase)',
      '--undo': 'deshacer una importación, en lugar de importar un archivo',
      '--json': 'el resumen como JSON',
    },
  },
  imports: { about: 'Muestra las importaciones, la más reciente primero.' },
  export: {
    about: 'Exporta todos los leads a un archivo que "callercard import" vuelve a leer.',
    arguments: { file: 'el archivo que se crea (si no se indica: la salida estándar)' },
    options: {
      '--format': 'CSV, un libro de Excel, vCards o líneas JSON (si no se indica: csv)',
      '--force': 'escribir sobre un archivo que ya existe',
      '--for-spreadsheet':
        "CSV que abre una hoja de cálculo: con sus acentos, y lo que ejecutaría (=, +, -, @ al inicio de una celda) queda como texto, con ' delante; import lo quita otra vez",
    },
  },
  lookup: {
    about: 'Encuentra a un cliente, como lo haría la API para un usuario que puede ver todas las listas.',
    options: {
      '--phone': 'por número de teléfono, escrito como sea',
      '--lead': 'por id de lead',
      '--json': 'la respuesta documentada',
    },
  },
  lead: { about: 'Un lead de la base propia.' },
  'lead show': {
    about: 'Muestra todo lo que se guarda de un lead, con su historial; también de uno eliminado.',
    arguments: { id: 'su id de lead' },
  },
  'lead delete': {
    about:
      'Elimina un lead: nadie lo encuentra ya. Se guarda su historial, con el que se puede deshacer; "person erase" no deja nada.',
    arguments: { id: 'su id de lead' },
  },
  list: { about: 'Las listas de la base propia de callercard.' },
  'list list': { about: 'Las muestra, con el número de leads de cada una.' },
  'list rename': {
    about: 'Da otro nombre a una lista.',
    arguments: { id: 'su id de lista', name: 'de 1 a 100 caracteres' },
  },
  'list delete': {
    about: 'Borra una lista que no tiene leads, con sus campos propios, estados y máscaras.',
    arguments: { id: 'su id de lista' },
    options: {
      '--move-to':
        'pasar antes sus leads a esta lista; cada cambio queda en el historial de su lead, donde se puede deshacer',
    },
  },
};
