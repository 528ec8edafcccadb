/** What column maps call by name: functions that bring texts into one form, and ones that cut a text into parts. */

import { plain } from './taipei/address.ts'
import { taipeiAddressKey, taipeiDistrict, taipeiVillage } from './taipei/address-key.ts'
import { organizationOf, sectorOf } from './taipei/organization.ts'
import { villageList } from './taipei/village-list.ts'

/** Each takes the text of `from`; '' says that there is nothing. */
export const NORMALIZERS = {
  /** Small letters, one blank between words, no punctuation: for keys. */
  words: (text: string) =>
    text
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim(),
  /** No line breaks and no double blanks. */
  line: (text: string) => text.replace(/\s+/g, ' ').trim(),
  /** Small letters, digits and hyphens. */
  slug: (text: string) =>
    text
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-+|-+$/g, ''),
  /** Chinese text in one width and one set of variants, without blanks. */
  chinese: plain,
  /** A key that is the same for every spelling of one address of Taipei. */
  taiwan_address: taipeiAddressKey,
  /** The district named at the beginning of an address of Taipei. */
  taiwan_district: taipeiDistrict,
  /** The village (里) named in an address of Taipei. */
  taiwan_village: taipeiVillage,
  /** Who stands behind a unit, told from its name. */
  taiwan_organization: organizationOf,
  /** government, ngo or market, from `name|ownership`. */
  taiwan_sector: (text: string) => {
    const [name = '', ownership = ''] = text.split('|')
    return name.trim() === '' ? '' : sectorOf(name, ownership)
  },
} satisfies Record<string, (text: string) => string>

export type NormalizerName = keyof typeof NORMALIZERS

/** Each cuts a text into the items of `each`. */
export const SPLITTERS = {
  /** At commas, semicolons, enumeration commas and line breaks. */
  list: (text: string) =>
    text
      .split(/[,;\n、，；]/)
      .map((part) => part.trim())
      .filter(Boolean),
  /** Villages named in texts such as `臥龍次分區(臥龍里、芳和里)`; a sub-area without a list is an item itself. */
  taiwan_villages: (text: string) => {
    const { villages, excluded, open } = villageList(text)
    const without = excluded.length === 0 ? '' : `(排除${excluded.join('、')})`
    return [...villages, ...open.map((area) => `${area}次分區${without}`)]
  },
} satisfies Record<string, (text: string) => string[]>

export type SplitterName = keyof typeof SPLITTERS
