/** The most items of one request. */
export const MAX_ITEMS = 1_000;
export const PAGE_LIMIT = 100;
export const PAGE_DEFAULT = 25;
/** Beyond it nobody reads, and each page costs more. */
export const MAX_OFFSET = 10_000;
