/**
 * The territory of a regional station, from the free text of published lists: named sub-areas, each with the villages
 * it holds, such as `臥龍次分區(臥龍里、芳和里)、木柵次分區(排除木新里)、萬芳次分區`. Pure.
 */

export interface SubArea {
  /** `臥龍次分區`; null for villages that stand outside any sub-area. */
  name: string | null
  /** `listed`: these villages; `except`: all of the sub-area but these; `whole`: all of it, which the text doesn't name. */
  extent: 'listed' | 'except' | 'whole'
  /** As the text writes them, each once. */
  villages: string[]
}

export interface SubAreasReading {
  subAreas: SubArea[]
  /** What narrows a village down, such as `研究院路三段以後`: a village is the finest area here. */
  details: string[]
}

const TOKEN = /[()、,;及]|[^()、,;及]+/g
const SEPARATOR = /^[、,;及]$/

/** `九如里`, `九如里1`. */
const VILLAGE = /^([^\d]{1,3}里)\d*$/

const SUB_AREA = /次分區$/

/** Takes the text apart; every word of it is in a sub-area's name, a village or a detail. */
export function readSubAreas(text: string): SubAreasReading {
  const reading: SubAreasReading = { subAreas: [], details: [] }
  let depth = 0
  for (const token of text.normalize('NFKC').replace(/\s/g, '').match(TOKEN) ?? []) {
    if (token === '(') depth += 1
    else if (token === ')') depth = Math.max(0, depth - 1)
    else if (!SEPARATOR.test(token)) depth = addWords(reading, token, depth)
  }
  return reading
}

/** Adds what stands between two marks, and tells how deep in brackets the next stands. */
function addWords(reading: SubAreasReading, words: string, depth: number): number {
  const village = VILLAGE.exec(words)?.[1]
  // Some lists forget to close a bracket: a sub-area's name never stands in one.
  if (SUB_AREA.test(words) || (depth === 0 && village === undefined)) {
    reading.subAreas.push({ name: words, extent: 'whole', villages: [] })
    return 0
  }
  if (depth === 0) addVillage(unnamed(reading), village!, 'listed')
  else addInside(reading, words)
  return depth
}

/** The sub-area without a name that the text is in; villages beside each other share one. */
function unnamed({ subAreas }: SubAreasReading): SubArea {
  const last = subAreas.at(-1)
  if (last && last.name === null) return last
  const added: SubArea = { name: null, extent: 'listed', villages: [] }
  subAreas.push(added)
  return added
}

function addInside(reading: SubAreasReading, words: string): void {
  const subArea = reading.subAreas.at(-1) ?? unnamed(reading)
  const [, mark, rest = ''] = /^(排除|僅)?(.*)$/.exec(words)!
  const village = VILLAGE.exec(rest)?.[1]
  if (village === undefined) reading.details.push(words)
  else if (mark === '排除' || subArea.extent === 'except') addVillage(subArea, village, 'except')
  else addVillage(subArea, village, 'listed')
}

function addVillage(subArea: SubArea, village: string, extent: 'listed' | 'except'): void {
  subArea.extent = extent
  if (!subArea.villages.includes(village)) subArea.villages.push(village)
}

export interface MatchedSubArea extends SubArea {
  /** Villages that there are, in the spelling in which they are known. */
  known: string[]
  /** The others, as the text writes them. */
  unknown: string[]
}

/**
 * Looks the villages up: each ends in `known` or in `unknown`.
 * @param misprints what a list writes → what it means.
 */
export function matchSubAreas(
  { subAreas }: SubAreasReading,
  villages: ReadonlySet<string>,
  misprints: ReadonlyMap<string, string> = new Map(),
): MatchedSubArea[] {
  return subAreas.map((subArea) => {
    const meant = (name: string) => (villages.has(name) ? name : (misprints.get(name) ?? name))
    const [known, unknown] = [
      subArea.villages.map(meant).filter((name) => villages.has(name)),
      subArea.villages.filter((name) => !villages.has(meant(name))),
    ]
    return { ...subArea, known, unknown }
  })
}
