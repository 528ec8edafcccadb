/** What a GeoJSON feature's properties say, as an import reads it. Pure. */
import { Text } from '../../platform/text.ts'
import type { LayerMap } from './area-import-schemas.ts'

/** A feature with its place in the import. */
export interface PlacedFeature {
  layer: number
  index: number
  map: LayerMap
  properties: Record<string, unknown>
}

/** Why a feature cannot go in: the property at fault, and a sentence. */
export class Flaw extends Error {
  readonly field: string | null
  constructor(field: string | null, reason: string) {
    super(reason)
    this.field = field
  }
}

/** The work's result, or the flaw that stood against it. */
export function attempt<T>(work: () => T): T | Flaw {
  try {
    return work()
  } catch (thrown) {
    if (thrown instanceof Flaw) return thrown
    throw thrown
  }
}

/** Text, or a whole number, as some agencies write codes. @throws Flaw where there is neither. */
export function textIn({ properties }: PlacedFeature, property: string, most: number): string {
  const value = properties[property]
  const text = Text(most).safeParse(Number.isSafeInteger(value) ? String(value) : value)
  if (!text.success) throw new Flaw(property, `is not a text of 1 to ${most} characters`)
  return text.data
}

export const nameIn = (feature: PlacedFeature): string => textIn(feature, feature.map.name, 200)

/** What a feature lies in, by the properties its layer maps; null where it maps none. @throws Flaw */
export function parentIn(feature: PlacedFeature): { code: string; name: string } | null {
  const { parentCode, parentName } = feature.map
  if (parentCode === undefined && parentName === undefined) return null
  const name = parentName === undefined ? null : textIn(feature, parentName, 200)
  const code = parentCode === undefined ? null : textIn(feature, parentCode, 100)
  return { code: (code ?? name)!, name: (name ?? code)! }
}

/** The sum of the properties' values. @throws Flaw where one is no number from 0 on, or no whole one. */
export function sumIn({ properties }: PlacedFeature, mapped: string | string[], whole: boolean): number {
  let sum = 0
  for (const name of [mapped].flat()) {
    const value = properties[name]
    if (typeof value !== 'number' || value < 0) throw new Flaw(name, 'is not a number from 0 on')
    if (whole && !Number.isSafeInteger(value)) throw new Flaw(name, 'is not a whole number')
    sum += value
  }
  return sum
}
