// Makes names.tsv from the names of CLDR that Node.js has: node names.mjs > names.tsv
import { readFileSync } from 'node:fs';

const lines = (name) => readFileSync(new URL(name, import.meta.url), 'utf8').trimEnd().split('\n').map((line) => line.split('\t'));
const CONTINENTS = { AF: '002', AN: 'AQ', AS: '142', EU: '150', NA: '003', OC: '009', SA: '005' };
const codes = lines('countries.tsv').map(([code]) => code).concat(lines('continents.tsv').map(([code]) => CONTINENTS[code]));

const done = new Set();

// What a locale says, or nothing when it has no names of its own.
// The API's code of Ukrainian is that of the country.
const names = (api) => {
  const locale = api === 'ua' ? 'uk' : api;
  if (!Intl.DisplayNames.supportedLocalesOf([locale]).length) return '';
  const names = new Intl.DisplayNames([locale], { type: 'region', fallback: 'none' });
  const list = codes.map((code) => names.of(code) ?? '');
  // Some locales have a handful of names only.
  return list.filter(Boolean).length < codes.length / 2 ? '' : list.join('\t');
};

for (const [locale] of lines('codes.tsv')) {
  const base = locale.split('-')[0];
  const own = names(locale);
  // A country's variant has a line where it differs; English is in the lists themselves.
  if (base !== 'en' && own && (locale === base || own !== names(base))) console.log(`${locale}\t${own}`);
  // Some languages are listed with countries only.
  if (base !== 'en' && locale !== base && !done.has(base) && !lines('codes.tsv').some(([code]) => code === base) && names(base)) {
    done.add(base);
    console.log(`${base}\t${names(base)}`);
  }
}
