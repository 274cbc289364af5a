/** The first that a header names is the browser: most name those that they are compatible with as well, behind it in this list. */
const BROWSERS: readonly (readonly [name: string, mark: RegExp])[] = [
  ['Edge', /\bEdg(?:A|iOS|e)?\//],
  ['Opera', /\b(?:OPR|OPT|Opera)\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Vivaldi', /\bVivaldi\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Chrome|Chromium|CriOS|HeadlessChrome)\//],
  ['Safari', /\bVersion\/[\d.]+.* Safari\//],
];
const SYSTEMS: readonly (readonly [name: string, mark: RegExp])[] = [
  ['iOS', /\b(?:iPhone|iPad|iPod)\b/],
  ['Android', /\bAndroid\b/],
  ['Windows', /\bWindows\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['macOS', /\bMacintosh\b/],
  ['Linux', /\bLinux\b/],
];
/** Where somebody is signed in, for people; empty where nobody knows. */
export function placeOfSession({
  browser,
  network,
}: {
  readonly browser: string;
  readonly network: string;
}): string {
  return [browser, network].filter((part) => part !== '').join(' · ');
}

/** Of a header so much is looked at. */
const MOST = 500;

/**
 * A browser and its system in short, such as `Firefox, Windows`, by which people know where they are signed in. What the header says
 * beyond that is left out: it would tell devices apart.
 *
 * @param userAgent the header; an old Edge or a browser that says it is another one is taken for that
 * @returns empty where it names none that is known
 */
export function browserName(userAgent: string | undefined): string {
  const text = (userAgent ?? '').slice(0, MOST);
  return [BROWSERS, SYSTEMS]
    .map((known) => known.find(([, mark]) => mark.test(text))?.[0])
    .filter((name) => name !== undefined)
    .join(', ');
}
