/** Villages and sub-areas named in the free text of the lists. */
import { readSubAreas, type SubArea } from '../../../communities/sub-areas.ts'
import { plain } from './address.ts'

export interface VillageList {
  villages: string[]
  /** Villages named as left out (`排除…`). */
  excluded: string[]
  /** Sub-areas named whole or by exception: the list does not say which villages they hold. */
  open: string[]
}

const SUB_AREA = '次分區'

/** Takes apart `臥龍次分區(臥龍里、芳和里)、木柵次分區(排除木新里)` and its many spellings. */
export function villageList(text: string): VillageList {
  const { subAreas } = readSubAreas(plain(text))
  const villagesOf = (extent: SubArea['extent']) => [
    ...new Set(subAreas.filter((area) => area.extent === extent).flatMap(({ villages }) => villages)),
  ]
  const open = subAreas.flatMap(({ name, extent }) =>
    extent !== 'listed' && name?.endsWith(SUB_AREA) ? [name.slice(0, -SUB_AREA.length)] : [],
  )
  return { villages: villagesOf('listed'), excluded: villagesOf('except'), open }
}
