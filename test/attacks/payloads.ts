/** Texts that broke this family of systems, or ones like them. */
export const SQL_PAYLOADS: readonly string[] = [
  "'",
  '"',
  '\\',
  "\\'",
  "' OR '1'='1",
  "' OR 1=1 -- ",
  "' OR 1=1#",
  '" OR ""="',
  "') OR ('1'='1",
  "admin'--",
  "' UNION SELECT user,pass,1,1 FROM vicidial_users -- ",
  '1; DROP TABLE vicidial_users; -- ',
  "'; UPDATE vicidial_users SET pass='x'; -- ",
  "' AND SLEEP(5) -- ",
  "1' AND (SELECT 1 FROM (SELECT SLEEP(5))a) AND '1'='1",
  '1 AND BENCHMARK(50000000,MD5(1))',
  "' AND EXTRACTVALUE(1,CONCAT(0x7e,VERSION())) -- ",
  "' INTO OUTFILE '/tmp/callercard-attack.php' -- ",
  "' || (SELECT verifier FROM users) || '",
  "'; ATTACH DATABASE '/tmp/callercard-attack.db' AS a; -- ",
  "' AND randomblob(100000000) -- ",
  '%',
  '_',
  '?',
  ':1',
  '@@version',
  "\u00bf' OR 1=1 -- ",
  '\u2019 OR 1=1 -- ',
  "x\0' OR 1=1 -- ",
];

/** What a shell, a template or a file name would make something of. */
export const COMMAND_PAYLOADS: readonly string[] = [
  ';id',
  '|id',
  '`id`',
  '$(touch /tmp/callercard-attack)',
  '&& touch /tmp/callercard-attack',
  '\n touch /tmp/callercard-attack',
  '--pass=x;touch /tmp/callercard-attack',
  '{{7*7}}',
  '${7*7}',
  '<?php system("id"); ?>',
  '%{(#a=1)}',
  '${jndi:ldap://127.0.0.1/a}',
];

export const FILE_PAYLOADS: readonly string[] = [
  '../../../../etc/passwd',
  '..%2f..%2f..%2fetc%2fpasswd',
  '/etc/passwd',
  'goGetCustomerInfo/../../../../etc/passwd',
  'goGetCustomerInfo.php',
  'goGetCustomerInfo\0',
  'php://filter/convert.base64-encode/resource=goAPI.php',
  'file:///etc/passwd',
  'http://127.0.0.1/',
  '..\\..\\windows\\win.ini',
];

/** No file of these attacks may ever be made. */
export const ATTACK_FILES: readonly string[] = [
  '/tmp/callercard-attack',
  '/tmp/callercard-attack.php',
  '/tmp/callercard-attack.db',
];
