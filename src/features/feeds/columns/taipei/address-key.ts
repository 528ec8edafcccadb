/** Taipei's addresses for column maps: no list of villages at hand, so a village is told by its form. */
import { districtIn, readAddress } from './address.ts'

export const TAIPEI_DISTRICTS = [
  ...['中正區', '大同區', '中山區', '松山區', '大安區', '萬華區'],
  ...['信義區', '士林區', '北投區', '內湖區', '南港區', '文山區'],
]

/** `臥龍里`, but no street that begins like one. */
const VILLAGE_SHAPED = { has: (name: string) => /^[^\d路街段巷弄號]{1,3}里$/.test(name) }

function read(text: string) {
  return readAddress(text, null, () => VILLAGE_SHAPED, TAIPEI_DISTRICTS)
}

/**
 * The same for every spelling of one address, floor included; '' for a blank one. `5號、5-1號` and `5號5-1號` are one;
 * so are `4、6、8號` and its misprint `46、8號`. In the city's lists no two addresses become one that are not.
 */
export function taipeiAddressKey(text: string): string {
  const { key, elsewhere } = read(text)
  const squeezed = key.replace(/[、.]/g, '')
  return squeezed === '' || elsewhere ? squeezed : `臺北市${squeezed}`
}

/** `大安區`; '' if the text names none. */
export function taipeiDistrict(text: string): string {
  return districtIn(text, TAIPEI_DISTRICTS) ?? ''
}

/** `臥龍里`; '' if the address names none. */
export function taipeiVillage(text: string): string {
  return read(text).village ?? ''
}
