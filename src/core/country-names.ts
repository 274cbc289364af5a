import { getCountries } from 'libphonenumber-js/min';

import { callingCodeOf, type Country } from './phone-plans.ts';

/** ISO 3166-1: alpha-3 codes of countries, each behind its alpha-2 code; Kosovo's are those in general use. */
const ALPHA_3 =
  'ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE BABIH BBBRB BDBGD BEBEL BFBFA ' +
  'BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS BTBTN BWBWA BYBLR BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG ' +
  'CHCHE CICIV CKCOK CLCHL CMCMR CNCHN COCOL CRCRI CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ' +
  'ECECU EEEST EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA GAGAB GBGBR GDGRD GEGEO GFGUF GGGGY GHGHA ' +
  'GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GTGTM GUGUM GWGNB GYGUY HKHKG HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ' +
  'ININD IOIOT IQIRQ IRIRN ISISL ITITA JEJEY JMJAM JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM ' +
  'KZKAZ LALAO LBLBN LCLCA LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD ' +
  'MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM NCNCL NENER NFNFK NGNGA ' +
  'NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG PHPHL PKPAK PLPOL PMSPM PRPRI PSPSE PTPRT PWPLW ' +
  'PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA SASAU SBSLB SCSYC SDSDN SESWE SGSGP SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN ' +
  'SOSOM SRSUR SSSSD STSTP SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON TRTUR TTTTO ' +
  'TVTUV TWTWN TZTZA UAUKR UGUGA USUSA UYURY UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR VNVNM VUVUT WFWLF WSWSM XKXKX YEYEM YTMYT ' +
  'ZAZAF ZMZMB ZWZWE';

/** The languages of the countries that this product is used in. */
const LANGUAGES = ['en', 'es', 'pt'];

/** Names and abbreviations in general use beside those of Unicode's CLDR. */
const OTHER_NAMES: Readonly<Record<string, Country>> = {
  uk: 'GB',
  greatbritain: 'GB',
  england: 'GB',
  inglaterra: 'GB',
  unitedstatesofamerica: 'US',
  estadosunidosdeamerica: 'US',
  estadosunidosdaamerica: 'US',
  eeuu: 'US',
  eua: 'US',
  estadosunidosmexicanos: 'MX',
  republicamexicana: 'MX',
  mej: 'MX',
  mejico: 'MX',
  holanda: 'NL',
  corea: 'KR',
  repdominicana: 'DO',
};

let names: ReadonlyMap<string, Country> | undefined;

/** Texts that were read, because many leads have few countries. */
const read = new Map<string, Country | undefined>();
const READ_LIMIT = 2_000;

/**
 * The country that a lead's `country_code` or the dialer's `phone_code` says: an ISO code of two or three letters, its name in
 * English, Spanish or Portuguese, or its calling code (`52`, `+52`, `0052`; `1` is the United States), in any case.
 *
 * @returns undefined for everything else
 */
export function readCountry(text: string | null): Country | undefined {
  if (text === null || text === '') return undefined;
  if (read.has(text)) return read.get(text);
  const country = countryOf(text);
  if (read.size >= READ_LIMIT) read.clear();
  read.set(text, country);
  return country;
}

function countryOf(text: string): Country | undefined {
  if (text.length > 60) return undefined;
  const code = /^\s*(?:\+|0{1,2})?\s*([1-9]\d{0,2})\s*$/.exec(text)?.[1];
  return (names ??= everyName()).get(code ?? plain(text));
}

/**
 * What a lead's `country_code` or the dialer's `phone_code` may hold where its numbers begin with this key's calling code:
 * stores that can only compare texts ask for these. None has a comma.
 */
export function countryTexts(callingCode: string): readonly string[] {
  const countries = getCountries().filter((country) => callingCodeOf(country) === callingCode);
  const codes = ['', '+', '0', '00'].map((before) => before + callingCode);
  const texts = countries.flatMap((country) => [country, alpha3Of(country), ...namesOf(country)]);
  return [...new Set([...codes, ...texts])].filter((text) => text !== '' && !text.includes(','));
}

function everyName(): ReadonlyMap<string, Country> {
  const known = new Map<string, Country>(Object.entries(OTHER_NAMES));
  const countries = getCountries();
  // Codes last: they are what is meant where a name is spelled alike.
  for (const country of countries) for (const name of namesOf(country)) known.set(plain(name), country);
  for (const country of countries) known.set(plain(alpha3Of(country)), country);
  for (const country of countries) known.set(plain(country), country);
  known.delete('');
  for (const code of new Set(getCountries().map(callingCodeOf))) {
    const main = mainCountryOf(code);
    if (main !== undefined) known.set(code, main);
  }
  return known;
}

/** Of several countries with one calling code, the one that the others' numbering hangs on. */
const MAIN: Readonly<Record<string, Country>> = {
  1: 'US',
  7: 'RU',
  39: 'IT',
  44: 'GB',
  47: 'NO',
  61: 'AU',
  212: 'MA',
  262: 'RE',
  290: 'SH',
  358: 'FI',
  590: 'GP',
  599: 'CW',
};

function mainCountryOf(callingCode: string): Country | undefined {
  return MAIN[callingCode] ?? getCountries().find((country) => callingCodeOf(country) === callingCode);
}

const alpha3 = new Map(ALPHA_3.split(' ').map((codes) => [codes.slice(0, 2), codes.slice(2)] as const));

function alpha3Of(country: Country): string {
  return alpha3.get(country) ?? '';
}

const displayNames = () =>
  LANGUAGES.map((language) => new Intl.DisplayNames([language], { type: 'region', fallback: 'none' }));
let display: readonly Intl.DisplayNames[] | undefined;

function namesOf(country: Country): readonly string[] {
  return (display ??= displayNames()).flatMap((language) => language.of(country) ?? []);
}

/** In small letters without accents, and without what is no letter. */
function plain(text: string): string {
  return text
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z]/g, '');
}
