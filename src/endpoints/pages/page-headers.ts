/**
 * Nothing but our own files, no inline script or style, and in nobody's frame. The page of a dialer that opens the card by a
 * name may find the window again (`unsafe-none`): with any other policy each call opens a window more (docs/decisions/0018).
 */
export const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'cross-origin-opener-policy': 'unsafe-none',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Of files whose names change with their content. */
const ASSET_HEADERS = { 'cache-control': 'public, max-age=31536000, immutable', ...PAGE_HEADERS } as const;

export function assetHeaders(type: string): Readonly<Record<string, string>> {
  return { ...ASSET_HEADERS, 'content-type': type };
}
