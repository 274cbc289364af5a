/**
 * The form in which user names compare: as the dialer's collation does, which takes `ADMIN`, `admin ` and
 * full-width letters for one user, so that one user has one row and one counter whatever the spelling
 * (contract, *Request*; trust, *Credentials*).
 */
export function userIdentity(name: string): string {
  // Plain lower-case names are almost all there are.
  if (/^[a-z0-9_.@-]*$/.test(name)) return name;
  return name
    .normalize('NFKD')
    .replace(/[\p{M}\p{C}\p{Default_Ignorable_Code_Point}]/gu, '')
    .toLowerCase()
    .replace(/ +$/, '');
}
