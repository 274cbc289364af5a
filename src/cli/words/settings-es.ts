import type { SettingName } from '../../config/settings.ts';

/** What the help says of the flag of each setting. */
export const SETTINGS_IN_SPANISH: Readonly<Record<SettingName, string>> = {
  host: 'La dirección en la que escucha. Más allá de esta máquina, ponga tlsCert y tlsKey, o TLS delante.',
  port: 'El puerto en el que escucha; 0 toma uno libre.',
  tlsCert: 'El certificado (PEM), seguido de los intermedios. Con él, callercard sirve HTTPS.',
  tlsKey: 'La llave privada (PEM, sin contraseña) de tlsCert.',
  workers: 'El número de procesos que atienden, todos en una dirección; auto inicia uno por núcleo.',
  database:
    'Dónde están los leads: la base propia en el archivo RUTA; una base en PostgreSQL, que comparten varias máquinas; o la de un marcador VICIdial o GOautodial. Varios servidores de un clúster: mariadb://USUARIO:CONTRASEÑA@HOST1,HOST2:3307/asterisk, y con PostgreSQL un primario y sus réplicas. Detrás del nombre en PostgreSQL: ?schema=NOMBRE (si no se indica: callercard) y &sslmode=disable, require o verify-full en lugar de databaseTls.',
  databasePasswordFile:
    'Un archivo con la contraseña de una base por red, en lugar de escribirla en database.',
  databaseTls: 'TLS hacia una base por red: on revisa el certificado, unchecked solo cifra.',
  databaseCa: 'El certificado (PEM) de la autoridad que firmó el de la base.',
  databaseConnections:
    'El máximo de conexiones a cada servidor de la base, repartidas entre los procesos; cada una lleva muchas consultas a la vez. En PostgreSQL, las transacciones tienen otras tantas.',
  databaseDirect:
    'El servidor PostgreSQL mismo, si database nombra un intermediario como PgBouncer: para las fichas que se abren solas, lo que hace un proceso por todos, importar y exportar, y leer una auditoría que esté ahí. Sus tablas están en el esquema de database.',
  databaseReplicas:
    'Réplicas del servidor PostgreSQL de database, con la misma cuenta, base y TLS, que responden consultas y búsquedas de programas. Lo que muestran tiene a lo más 2 segundos; la que se atrasa más, o no responde, no se usa. A las fichas, y a quien acaba de cambiar algo, les responde database.',
  goautodialDatabase:
    'La base en la que GOautodial guarda sus clientes: su nombre en el servidor del marcador, o su propia dirección. Sin ella, ningún lead es cliente.',
  listScope:
    'Qué leads de un marcador puede ver un usuario: campaigns, los de listas de las campañas permitidas a su grupo; all, todos, como en goAPIv2 (GOautodial). Los usuarios de la base propia tienen sus propias listas.',
  stateFile:
    'Dónde guarda callercard los inicios de sesión fallidos, tokens, sesiones de la ficha, permisos de user set y los leads leídos hoy, junto a la base de un marcador, que solo lee.',
  audit:
    'Dónde se registran las consultas: beside, en una carpeta junto a la base propia o al archivo de estado, con su nombre (data/callercard-audit); una carpeta suya; database, en una tabla de la base en PostgreSQL; u off: no se registra lo que hacen quienes consultan, y solo lo que hacen los operadores con comandos, junto a la base. Ninguna respuesta sale sin su registro.',
  auditDurability:
    'Una respuesta sale cuando su registro está written (resiste que se mate el proceso) o synced (resiste también un corte de luz, pero espera al disco).',
  defaultCountry: 'El país de los números sin clave de país. Una base conserva el país con que se creó.',
  address3IsPhone: 'Si address3 contiene un tercer número de teléfono, que se busca después de alt_phone.',
  internalNumbers:
    'Si de 2 a 5 dígitos son el número de un teléfono dentro de la empresa. Los números internos se comparan exactos, y nunca con los de fuera.',
  numberBlocks:
    'Si un número que termina en * o x (33123456xx) es un bloque de números: todo número que empieza así encuentra al lead, si nadie tiene ese mismo número.',
  corsOrigins:
    'Orígenes cuyas páginas pueden llamar a la API desde un navegador, escritos exactos (https://crm.example.com). Ninguno si no se indica.',
  popOrigins:
    'Orígenes cuyas páginas pueden abrir una ficha sin un clic del agente (https://dialer.example.com): los del marcador. Ninguno si no se indica.',
  cardFields:
    'Campos que la ficha muestra arriba, en este orden (balance,policy_number,city): documentados, o los nombres o títulos de campos propios. Los clientes sin valor ahí no muestran ninguno.',
  queryCredentials:
    'Si goUser y goPass pueden ir en la URL, que proxies y navegadores registran: allow, como necesitan los clientes documentados; refuse responde 400 y los acepta solo en el cuerpo de un POST.',
  rateLimit:
    'Consultas por segundo de un usuario desde una dirección (en IPv6: una red /64), el doble en una ráfaga. Más allá la respuesta es 429.',
  enumerationLimit:
    'Ids de lead consecutivos que un usuario puede consultar por segundo, tras unos 1,100 primeros a cualquier velocidad. Más allá se responde 429 y se registra. Un marcador que llama sus listas en orden queda por debajo. 0: sin límite.',
  dailyLeads:
    'Leads distintos que un usuario o token puede leer en un día (de medianoche a medianoche, en la zona horaria de la máquina), entre todos los procesos y reinicios. Al 80 % se registra; en el límite, a los leads no leídos ese día se responde 429. 0: sin límite, pero quien lee 5,000 se registra y se cuenta.',
  asterisk:
    'La interfaz de administración de un Asterisk o FreePBX cuyas llamadas abren las fichas de los agentes a quienes suenan: un usuario con read = call y write vacío. amis:// con TLS (puerto 5039), que revisa el certificado; ?tls=unchecked detrás solo cifra.',
  agents:
    'Qué usuario tiene qué teléfono (1001=ana,1002=luis; en el archivo de configuración también un objeto, {"1001": "ana"}). Una extensión que no esté aquí es la del usuario que la tiene por user set --extension, si no la del usuario con ese nombre.',
  erasedDays:
    'Por cuántos días después de person erase una importación no trae de vuelta a la persona: se guarda un hash con llave de los números, y las filas con uno de ellos se rechazan. 0: no se guarda ninguno. Vale para una base propia.',
  maskedFields:
    'Campos que los usuarios sin el permiso edit ven solo en parte (**** 21), por todos los medios (*=phone_number,1001=email; * es toda lista): los de un lead, numbers (los demás números), custom_info.NOMBRE y notes. Las listas de una base propia pueden enmascarar más, con PATCH /v1/lists/{id}. Junto a un marcador nadie tiene ese permiso.',
  retention:
    'Por cuántos días después de la última llamada, cambio, nota o importación se guardan los leads de una lista (1001=730,*=1825; * es toda otra lista). callercard retention borra los más antiguos; nada lo hace por sí solo.',
  importMegabytes:
    'Qué tamaño puede tener un archivo que se importa en la consola o por POST /v1/imports, en MiB. Se guarda junto a la base hasta terminar su importación, o un día. 0: solo se importa con comandos.',
  requireIfMatch:
    'Si PATCH y DELETE de un lead deben decir en If-Match cómo lo leyó quien llama (su ETag), para que nadie escriba sobre lo que otro cambió mientras tanto. Sin él la respuesta es 428.',
  trustedProxies:
    'Proxies inversos cuyos X-Forwarded-For, X-Forwarded-Host y X-Forwarded-Proto se usan. De todos los demás se ignoran.',
  redis:
    'El Redis que pasa las llamadas a las fichas conectadas a otros procesos o instancias; rediss:// con TLS. Sin él, una llamada llega solo a las fichas del proceso que la recibe.',
  dialerPop:
    'Si las fichas se abren solas con las llamadas de un marcador, cuyas tablas de llamadas se leen dos veces por segundo mientras haya una ficha abierta (callercard check dice qué permisos necesita). No significa nada con una base propia.',
  metrics:
    'Quién puede leer /metrics: local, esta máquina en 127.0.0.1 o localhost, con metricsToken; direcciones y rangos (local, 10.0.0.9), con metricsToken si está puesto; off. Nunca por un proxy.',
  metricsToken:
    'El token que mandan los clientes de /metrics (Authorization: Bearer TOKEN). Sin él, local no abre las métricas a nadie: un proxy en esta máquina podría pasarlas. Como opción queda en la lista de procesos: use metricsTokenFile.',
  metricsTokenFile:
    'Un archivo con el token, en lugar de escribirlo en metricsToken. Se lee al iniciar el servidor.',
  logLevel: 'Cuánto se registra en el log; info registra cada consulta.',
};
