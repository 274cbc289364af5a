/** So many imports can be taken back; the leads that older ones removed are forgotten. */
export const KEPT_IMPORTS = 10;
