/**
 * From GeoJSON layers to areas: joins the layers, sums the figures, finds each area's point, and says of every
 * feature that did not go in why. Pure.
 */
import type { AreaImportNote, Layer, LayerMap } from './area-import-schemas.ts'
import { attempt, Flaw, nameIn, type PlacedFeature, parentIn, sumIn, textIn } from './feature-text.ts'
import type { Feature } from './geojson.ts'
import { largestRingCentroid, type Outline } from './geometry.ts'
import { clearestName, takeByName } from './lost-characters.ts'
import type { Point, Population } from './schemas.ts'

export interface ReadArea {
  /** Place of its feature in the first layer. */
  index: number
  code: string
  name: string
  /** Null where the layer maps none. */
  parent: { code: string; name: string } | null
  /** Centroid of the outline's largest ring. */
  point: Point
  outline: Outline
  /** Null where no layer maps counts of residents. */
  population: Population | null
  /** The features of further layers that it was read from. */
  joined: readonly PlacedFeature[]
}

export interface LayersReading {
  areas: ReadArea[]
  /** Of layer k, features = those that went in + its notes with the outcome `refused`. */
  notes: AreaImportNote[]
}

/** A further layer's features that no area has taken yet, by what they are joined by. */
interface FurtherLayer {
  map: LayerMap
  byKey: Map<string, PlacedFeature>
}

/** Reads all layers; every feature ends in an area or in a note with the outcome `refused`. */
export function readLayers(layers: readonly Layer[]): LayersReading {
  const reading: LayersReading = { areas: [], notes: [] }
  const further = layers.slice(1).map((layer, at) => furtherLayer(layer, at + 1, reading.notes))
  const { map, collection } = layers[0]!
  collection.features.forEach((feature, index) => {
    const own: PlacedFeature = { layer: 0, index, map, properties: feature.properties ?? {} }
    // Taken out of their layers first, so that they are told of even where the area is refused.
    const joined = attempt(() => takeJoined(own, further))
    const area = joined instanceof Flaw ? joined : attempt(() => readArea(own, feature, joined, layers))
    if (area instanceof Flaw) {
      refuse(reading.notes, own, area.message, area.field)
      if (!(joined instanceof Flaw)) refuseAll(reading.notes, joined, 'the area it describes was refused')
    } else {
      reading.areas.push(area)
      reading.notes.push(...flawsOfKept(own, area, layers))
    }
  })
  for (const { byKey } of further) {
    refuseAll(reading.notes, [...byKey.values()], 'no area of this name is imported')
  }
  return reading
}

function readArea(
  own: PlacedFeature,
  { geometry }: Feature,
  joined: readonly PlacedFeature[],
  layers: readonly Layer[],
): ReadArea {
  const code = textIn(own, own.map.code!, 100)
  const parent = parentIn(own)
  if (!geometry) throw new Flaw(null, 'the feature has no outline')
  const outline = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
  return {
    index: own.index,
    code,
    name: clearestName([nameIn(own), ...joined.map(nameIn)]),
    parent,
    point: largestRingCentroid(outline.map(([outer]) => outer!)),
    outline,
    population: populationOf([own, ...joined], layers),
    joined,
  }
}

const AGES = ['age0to14', 'age15to64', 'age65up'] as const

/** @throws Flaw where a count of residents is missing or is no whole number. An income may be missing. */
function populationOf(features: readonly PlacedFeature[], layers: readonly Layer[]): Population | null {
  const figure = (name: keyof Population): number | null => {
    const layer = layers.findIndex(({ map }) => map.population[name] !== undefined)
    const feature = features.find((one) => one.layer === layer)
    const mapped = feature?.map.population[name]
    return feature && mapped !== undefined ? sumIn(feature, mapped, name !== 'medianIncome') : null
  }
  if (!layers.some(({ map }) => map.population.age65up !== undefined)) return null
  const [age0to14, age15to64, age65up] = AGES.map(figure)
  if (age0to14 == null || age15to64 == null || age65up == null) {
    throw new Flaw(features[0]!.map.name, 'a layer with counts of residents has no area of this name')
  }
  return { age0to14, age15to64, age65up, medianIncome: figure('medianIncome') }
}

/** Areas go in with a name put right and without an income; both are told. */
function flawsOfKept(own: PlacedFeature, area: ReadArea, layers: readonly Layer[]): AreaImportNote[] {
  const { layer, index, map } = own
  const kept = { layer, index, field: map.name, outcome: 'kept' as const }
  const written = nameIn(own)
  const lost = written !== area.name
  const hasIncomes = layers.some((one) => one.map.population.medianIncome !== undefined)
  const poorer = hasIncomes && area.population?.medianIncome === null
  return [
    ...(lost ? [{ ...kept, reason: `${written} holds a lost character; read as ${area.name}` }] : []),
    ...(poorer ? [{ ...kept, reason: 'the layer with incomes has no area of this name' }] : []),
  ]
}

/** A further layer's features by key; those that cannot be joined are noted. */
function furtherLayer({ map, collection }: Layer, layer: number, notes: AreaImportNote[]): FurtherLayer {
  const byKey = new Map<string, PlacedFeature>()
  collection.features.forEach(({ properties }, index) => {
    const feature: PlacedFeature = { layer, index, map, properties: properties ?? {} }
    const key = attempt(() => keyOf(feature, map))
    if (key instanceof Flaw) refuse(notes, feature, key.message, key.field)
    else if (byKey.has(key)) refuse(notes, feature, 'an earlier feature of the layer names the same area')
    else byKey.set(key, feature)
  })
  return { map, byKey }
}

/** The features of further layers that speak of this one's area, at most one a layer. */
function takeJoined(own: PlacedFeature, further: readonly FurtherLayer[]): PlacedFeature[] {
  return further.flatMap(({ map, byKey }) => takeByName(byKey, keyOf(own, map)) ?? [])
}

/** By code where the further layer maps one, else by name, within the parent's name where it maps that. */
function keyOf(feature: PlacedFeature, { code, parentName }: LayerMap): string {
  if (code !== undefined) return textIn(feature, feature.map.code!, 100)
  const parent = parentName === undefined ? '' : (parentIn(feature)?.name ?? '')
  return `${parent}\n${nameIn(feature)}`
}

function refuse(notes: AreaImportNote[], feature: PlacedFeature, reason: string, field?: string | null) {
  const { layer, index, map } = feature
  notes.push({ layer, index, field: field === undefined ? map.name : field, reason, outcome: 'refused' })
}

function refuseAll(notes: AreaImportNote[], features: readonly PlacedFeature[], reason: string): void {
  for (const feature of features) refuse(notes, feature, reason)
}
