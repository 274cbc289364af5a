/** The languages of pages. */
export type Language = 'en' | 'es';

/** The language of the words, and the BCP 47 tag (`es-MX`) by which dates and countries are written. */
export interface Reader {
  readonly language: Language;
  readonly tag: string;
}

/** Browsers send three or four. */
const MOST = 10;
const TAG = /^(en|es)(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?$/i;

/** The browser's preferred language among ours; English where it names none of them. */
export function readerOf(acceptLanguage: string | undefined): Reader {
  const asked = (acceptLanguage ?? '')
    .split(',', MOST)
    .map((part) => readRange(part))
    .filter((range) => range.weight > 0)
    // A stable sort: equal weights keep their order.
    .sort((one, other) => other.weight - one.weight);
  for (const { tag } of asked) {
    const language = TAG.exec(tag)?.[1]?.toLowerCase();
    if (language === 'en' || language === 'es') return { language, tag };
  }
  return { language: 'en', tag: 'en' };
}

function readRange(part: string): { readonly tag: string; readonly weight: number } {
  const [tag = '', ...parameters] = part.split(';').map((text) => text.trim());
  const quality = parameters.find((text) => /^q=/i.test(text))?.slice(2);
  const weight = quality === undefined ? 1 : Number(quality);
  return { tag, weight: Number.isFinite(weight) ? weight : 0 };
}
