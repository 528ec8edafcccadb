/** Which districts and villages a provider serves, from the free text of the lists. */
import { plain } from '../../../features/feeds/columns/taipei/address.ts'
import { villageList } from '../../../features/feeds/columns/taipei/village-list.ts'
import type { Places } from './places.ts'

/**
 * A village as one list misprints it: the district has no 慶安里, and 廈安里 is the one village of the
 * city that no case-management center would serve.
 */
const MISPRINTED: ReadonlyMap<string, string> = new Map([['慶安里', '廈安里']])

/** Districts named in a text such as `大安、中正` or `臺北市全區`; null if it says "not contracted". */
export function districtsServed(text: string, districts: readonly string[]): string[] | null {
  const bare = plain(text)
  if (bare.includes('未特約')) return null
  if (bare.includes('全區')) return [...districts]
  return districts.filter((district) => bare.includes(district.slice(0, -1)))
}

export interface VillagesServed {
  names: string[]
  /** Villages named as left out (`排除…`). */
  excluded: string[]
  /** Sub-areas named whole or by exception: the list does not say which villages they hold. */
  open: string[]
  /** Village-like names that the district does not have. */
  unknown: string[]
}

/** Takes apart `臥龍次分區(臥龍里、芳和里)、木柵次分區(排除木新里)`, against the villages that the district has. */
export function villagesServed(text: string, known: ReadonlySet<string>): VillagesServed {
  const { villages, excluded, open } = villageList(text)
  const served: VillagesServed = { names: [], excluded: [], open, unknown: [] }
  for (const village of villages) addVillage(served, served.names, village, known)
  for (const village of excluded) addVillage(served, served.excluded, village, known)
  return served
}

function addVillage(
  served: VillagesServed,
  into: string[],
  village: string,
  known: ReadonlySet<string>,
): void {
  const meant = MISPRINTED.get(village) ?? village
  if (!known.has(village)) served.unknown.push(meant === village ? village : `${village} (read as ${meant})`)
  if (known.has(meant) && !into.includes(meant)) into.push(meant)
}

/**
 * Village codes of one row. A sub-area without a village list is read as every village of the district
 * that no row lists by name (less the excluded ones): more than its true extent, never less.
 */
export function villageCodes(
  served: VillagesServed,
  district: string,
  listedElsewhere: ReadonlySet<string>,
  places: Places,
): string[] {
  const names = new Set(served.names)
  if (served.open.length > 0) {
    for (const name of places.villagesOf(district)) {
      if (!listedElsewhere.has(name) && !served.excluded.includes(name)) names.add(name)
    }
  }
  return [...names].map((name) => places.named(district, name)!.code)
}
