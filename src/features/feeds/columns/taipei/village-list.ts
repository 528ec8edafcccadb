/** Villages and sub-areas named in the free text of the lists. */
import { plain } from './address.ts'

export interface VillageList {
  villages: string[]
  /** Villages named as left out (`排除…`). */
  excluded: string[]
  /** Sub-areas named whole or by exception: the list does not say which villages they hold. */
  open: string[]
}

/** Takes apart `臥龍次分區(臥龍里、芳和里)、木柵次分區(排除木新里)` and its many spellings. */
export function villageList(text: string): VillageList {
  const list: VillageList = { villages: [], excluded: [], open: [] }
  let excluding = false
  for (const piece of plain(text).split(/(?=[(])|[、,)及]/)) {
    if (piece === '') continue
    if (piece.startsWith('(')) excluding = piece.startsWith('(排除')
    const words = piece.replace(/^[(]/, '').replace(/^(排除|僅)/, '')
    const area = /^(.+?)(?:次分區)$/.exec(words)
    if (area !== null) {
      excluding = false
      if (isOpen(text, area[1]!)) list.open.push(area[1]!)
      continue
    }
    // Parts of streets (`大坑街`, `研究院路三段以後`) narrow a village down; a village is our finest area.
    const village = /^([^\d]{1,3}?里)\d*$/.exec(words)?.[1]
    if (village === undefined) continue
    const into = excluding ? list.excluded : list.villages
    if (!into.includes(village)) into.push(village)
  }
  return list
}

function isOpen(text: string, area: string): boolean {
  const after = plain(text).split(`${area}次分區`)[1] ?? ''
  return !after.startsWith('(') || after.startsWith('(排除')
}
